// Forgetting old requests: replay protection lasts 7 days.
#ifndef PINGAN_COMMON_DB_REQUEST_SWEEP_H_
#define PINGAN_COMMON_DB_REQUEST_SWEEP_H_

#include <cstdint>

#include "absl/time/time.h"

namespace pingan::db {

class Session;

inline constexpr absl::Duration kRequestsKept = absl::Hours(7 * 24);

// Deletes at most `limit` requests made before `before`; returns how many. Called by the writer in
// small steps. Throws as Session does.
int64_t SweepRequests(Session& session, absl::Time before, int limit);

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_REQUEST_SWEEP_H_
