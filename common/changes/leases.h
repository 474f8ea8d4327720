// Sharing the buckets of a log among the replicas of its follower.
//
// A lease only saves work: two replicas that both follow a bucket for a while do everything once,
// because cursors move under the head lock. So leases are taken over without waiting for their
// holder to let go.
#ifndef PINGAN_COMMON_CHANGES_LEASES_H_
#define PINGAN_COMMON_CHANGES_LEASES_H_

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
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
  std::string holder;  // this replica; no other has the same
  absl::Duration lasts = absl::Seconds(8);
  absl::Duration renew_every = absl::Seconds(3);
};

// Keeps this replica's share of all the work it takes part in, on one thread and one connection.
class LeaseKeeper {
 public:
  LeaseKeeper(const db::Database& database, base::Clock& clock, LeaseOptions options);
  // What was joined must have been left.
  ~LeaseKeeper();
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

  // Takes part in what is called so ("follow/event") from now on. `on_change` is called on the
  // keeper's thread, first when leases were got for the first time (also when there are none to
  // have), then whenever they became others. While the database is away they stay as they were.
  void Join(std::string work, std::function<void(Buckets)> on_change);

  // Gives its leases back, if the database is there. `on_change` is not called any more.
  void Leave(const std::string& work);

 private:
  class Line;

  struct Part {
    std::function<void(Buckets)> on_change;
    bool is_left = false;
  };

  void Run();
  void Tell(const std::string& work, const Buckets& buckets);

  const db::Database& database_;
  base::Clock& clock_;
  const LeaseOptions options_;
  absl::Mutex mutex_;
  std::map<std::string, Part> parts_ ABSL_GUARDED_BY(mutex_);  // erased by the thread only
  bool asked_ ABSL_GUARDED_BY(mutex_) = false;                 // to join, to leave or to end
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_LEASES_H_
