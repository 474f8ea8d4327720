#include "common/base/steady.h"

#include <chrono>

#include "absl/time/clock.h"

namespace pingan::base {

absl::Time SteadyNow() {
  using std::chrono::steady_clock;
  static const steady_clock::time_point kFirst = steady_clock::now();
  static const absl::Time kThen = absl::Now();
  return kThen + absl::FromChrono(steady_clock::now() - kFirst);
}

}  // namespace pingan::base
