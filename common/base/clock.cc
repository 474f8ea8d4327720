#include "common/base/clock.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace pingan::base {

SystemClock::SystemClock() : SystemClock(absl::Now) {}

absl::Time SystemClock::Now() {
  const int64_t now = absl::ToUnixMicros(system_());
  int64_t last = last_micros_.load(std::memory_order_relaxed);
  int64_t next;
  do {
    const bool was_wrong = last - now > absl::ToInt64Microseconds(kCreep);
    next = was_wrong ? now : std::max(now, last + 1);
  } while (!last_micros_.compare_exchange_weak(last, next, std::memory_order_relaxed));
  return absl::FromUnixMicros(next);
}

FakeClock::FakeClock(absl::Time start) : now_(start) {}

absl::Time FakeClock::Now() {
  const std::lock_guard lock(mutex_);
  return now_;
}

void FakeClock::Advance(absl::Duration by) {
  const std::lock_guard lock(mutex_);
  now_ += by;
}

void FakeClock::Set(absl::Time now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

}  // namespace pingan::base
