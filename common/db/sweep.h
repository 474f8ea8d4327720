// Forgetting what has had its time: requests, whose replay protection lasts 7 days, and the rows of
// tables that say how long theirs are kept.
#ifndef PINGAN_COMMON_DB_SWEEP_H_
#define PINGAN_COMMON_DB_SWEEP_H_

#include "absl/time/time.h"
#include "common/db/catalogue.h"

namespace pingan::db {

class Session;

inline constexpr absl::Duration kRequestsKept = absl::Hours(7 * 24);

// Deletes at most `limit` old requests, and of each table at most `limit` old rows, under the locks
// of their tenants; heads that nothing was ever logged under go with them. Whether there may be
// more. Called by the writer in small steps. Throws as Session does.
bool Sweep(Session& session, const Catalogue& catalogue, absl::Time now, int limit);

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_SWEEP_H_
