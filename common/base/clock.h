// Time as a dependency. Nothing outside this file asks the system for the time of day, except log
// lines; durations of metrics are measured on the steady clock.
#ifndef PINGAN_COMMON_BASE_CLOCK_H_
#define PINGAN_COMMON_BASE_CLOCK_H_

#include <atomic>
#include <cstdint>
#include <mutex>

#include "absl/time/time.h"

namespace pingan::base {

// Thread safe. Times are whole microseconds, which is what PostgreSQL's timestamptz keeps.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() = 0;
};

// The system's clock. Two calls to Now() of one object never return the same value, and a later
// call returns a later one, even when the system's clock is set back: then it creeps by a
// microsecond per call until time has caught up.
class SystemClock final : public Clock {
 public:
  absl::Time Now() override;

 private:
  std::atomic<int64_t> last_micros_{0};
};

// A clock for tests: stands still until it is told to move.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time start);

  absl::Time Now() override;
  void Advance(absl::Duration by);
  void Set(absl::Time now);

 private:
  std::mutex mutex_;  // guards now_
  absl::Time now_;
};

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_CLOCK_H_
