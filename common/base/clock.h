// Time as a dependency. Nothing outside this file asks the system for the time of day, except log
// lines; durations of metrics are measured on the steady clock.
#ifndef PINGAN_COMMON_BASE_CLOCK_H_
#define PINGAN_COMMON_BASE_CLOCK_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

#include "absl/time/time.h"

namespace pingan::base {

// Thread safe. Times are whole microseconds, which is what PostgreSQL's timestamptz keeps.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() = 0;
};

// The system's clock. Two calls to Now() of one object never return the same value, and a later
// call returns a later one, even when the system's clock is set back a little: then it creeps by a
// microsecond per call until time has caught up. A clock that is set back by more than kCreep was
// wrong before, and is followed: else every token made here would be from the future for everybody
// else.
class SystemClock final : public Clock {
 public:
  static constexpr absl::Duration kCreep = absl::Seconds(10);

  SystemClock();
  // Of a system whose clock a test sets.
  explicit SystemClock(std::function<absl::Time()> system) : system_(std::move(system)) {}
  absl::Time Now() override;

 private:
  const std::function<absl::Time()> system_;
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
