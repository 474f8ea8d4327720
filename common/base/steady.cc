#include "common/base/steady.h"

#include <chrono>

#include "absl/time/clock.h"

namespace pingan::base {

absl::Time SteadyNow() {
  using std::chrono::steady_clock;
  static const steady_clock::time_point first = steady_clock::now();
  static const absl::Time then = absl::Now();
  return then + absl::FromChrono(steady_clock::now() - first);
}

}  // namespace pingan::base
