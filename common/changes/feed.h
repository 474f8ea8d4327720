// The source's side of the change log inside one process: knows how long every town's log is, and
// tells who watches.
//
//   changes::ChangeFeed feed(*database);
//   db::TownWriter writer(*database, clock,
//                         {.on_commit = [&](auto heads) { feed.OnCommit(heads); }});
//   feed.Start();
//
// Heads come from three sides: commits of this process (at once), notifications of other replicas
// (within milliseconds), and a sweep over the table `heads` (within `sweep_every`). Only the sweep
// is needed for correctness; the others are wakes that may be lost. Notifications are sent outside
// of writing transactions, on the feed's own connection: a NOTIFY inside one takes a lock that all
// writers of the cluster share.
//
// Without its database the feed knows nothing of what other replicas commit: those who watch this
// one are to be told, so that they watch another (`lost`, WhenLost).
//
// Only towns are followed. What has an account as its tenant belongs to one service alone and is
// not fed.
#ifndef PINGAN_COMMON_CHANGES_FEED_H_
#define PINGAN_COMMON_CHANGES_FEED_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/db/database.h"
#include "common/db/town_writer.h"
#include "pqxx/transaction_base"

namespace pingan::changes {

struct ChangeFeedOptions {
  absl::Duration notify_every = absl::Milliseconds(5);
  absl::Duration sweep_every = absl::Seconds(4);
  absl::Duration longest_retry = absl::Seconds(1);  // between attempts to reach a lost database
};

// Thread safe.
class ChangeFeed {
 public:
  // One who wants to know how long the logs are.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    // These logs are at least this long. May repeat itself and come in any order. Called on
    // writers' threads with the feed's lock held: must be quick and must not call the feed.
    virtual void OnHeads(absl::Span<const db::Committed> heads) = 0;
  };

  // `database` outlives the feed.
  explicit ChangeFeed(const db::Database& database, ChangeFeedOptions options = {});
  // Stops.
  ~ChangeFeed();
  ChangeFeed(const ChangeFeed&) = delete;
  ChangeFeed& operator=(const ChangeFeed&) = delete;

  // What is called on the feed's thread, with no lock held: whenever the feed has swept, on its
  // connection, with the schema as search path (may throw what libpqxx throws); whenever it has
  // lost its database. Before Start().
  using OnSweep = std::function<void(pqxx::transaction_base& work)>;
  void WhenSwept(OnSweep on_sweep) { on_sweep_.push_back(std::move(on_sweep)); }
  void WhenLost(std::function<void()> on_lost) { on_lost_.push_back(std::move(on_lost)); }
  // From a loss until the next sweep.
  bool lost() const { return lost_; }

  // Begins to sweep, notify and listen, on a thread of its own that goes on trying while the
  // database is away.
  void Start();
  // Ends that thread. Idempotent. Commits still reach watchers.
  void Stop();

  // The hook db::TownWriterOptions::on_commit. Takes microseconds and never waits for the database.
  void OnCommit(absl::Span<const db::Committed> committed);

  // Tells `watcher` all heads known so far, before this returns, and all later ones until it is
  // removed. After Remove() it is not called again.
  void Add(Watcher& watcher);
  void Remove(Watcher& watcher);

 private:
  class Line;

  void Run();
  void Serve(Line& line);
  void Sweep(Line& line);
  void SendNotifications(Line& line);
  void OnNotification(absl::string_view payload);
  // Keeps those heads that are news and tells the watchers. `ours`: other replicas must hear of
  // them.
  void Learn(absl::Span<const db::Committed> heads, bool ours);
  void Wake();

  const db::Database& database_;
  const ChangeFeedOptions options_;
  int wake_fd_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> lost_ = false;
  std::vector<OnSweep> on_sweep_;
  std::vector<std::function<void()>> on_lost_;
  bool sweep_asked_ = false;  // of the thread
  std::thread thread_;

  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, int64_t> heads_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, int64_t> unannounced_ ABSL_GUARDED_BY(mutex_);
  std::vector<Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_FEED_H_
