// How long something lasts, whatever is done to the time of day meanwhile.
#ifndef PINGAN_COMMON_BASE_STEADY_H_
#define PINGAN_COMMON_BASE_STEADY_H_

#include "absl/time/time.h"

namespace pingan::base {

// A time that goes on evenly and is never set: for moments to come of this process, and nothing
// else. To wait for one, wait for the time that is left (`until - SteadyNow()`).
//
// Limit: abseil before 2023 lets a wait end by the time of day, so one that is under way when the
// clock is set back lasts longer by as much. Keep waits short or let events end them.
absl::Time SteadyNow();

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_STEADY_H_
