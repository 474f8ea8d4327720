// Sharing the buckets of a log among the replicas of its follower.
//
// A lease only saves work: two replicas that both follow a bucket for a while do everything once,
// because cursors move under the head lock. So leases are taken over without waiting for their
// holder to let go.
#ifndef PINGAN_COMMON_CHANGES_LEASES_H_
#define PINGAN_COMMON_CHANGES_LEASES_H_

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/changes/bucket.h"
#include "common/db/database.h"

namespace pingan::changes {

struct Lease {
  int bucket;
  std::string holder;  // "": nobody's yet
  absl::Time until;
};

// The buckets that `holder` should hold from `now` on: those it has; and, as long as it has less
// than its share, those that nobody holds, then those of holders with more than theirs. `holders`
// are the live replicas, with or without `holder`; shares differ by at most one and are counted in
// order of name.
Buckets ChooseBuckets(const std::vector<Lease>& leases, std::vector<std::string> holders,
                      const std::string& holder, absl::Time now);

struct LeaseOptions {
  std::string work;    // what is shared: "follow/event"
  std::string holder;  // this replica; no other has the same
  absl::Duration lasts = absl::Seconds(6);
  absl::Duration renew_every = absl::Seconds(2);
};

// Keeps this replica's share, on a thread and a connection of its own.
class LeaseKeeper {
 public:
  // `on_change` is called on the keeper's thread, first when leases were got for the first time
  // (also when there are none to have), then whenever they became others. While the database is
  // away they stay as they were.
  LeaseKeeper(const db::Database& database, base::Clock& clock, LeaseOptions options,
              std::function<void(Buckets)> on_change);
  // Gives the leases back, if the database is there, and ends.
  ~LeaseKeeper();
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

 private:
  class Line;

  void Run();

  const db::Database& database_;
  base::Clock& clock_;
  const LeaseOptions options_;
  const std::function<void(Buckets)> on_change_;
  absl::Notification stopping_;
  std::thread thread_;
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_LEASES_H_
