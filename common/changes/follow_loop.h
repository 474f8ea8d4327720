// The one thread of a follower: its stream, its towns and its times.
#ifndef PINGAN_COMMON_CHANGES_FOLLOW_LOOP_H_
#define PINGAN_COMMON_CHANGES_FOLLOW_LOOP_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/changes/backoff.h"
#include "common/changes/bucket.h"
#include "common/changes/cursor_board.h"
#include "common/changes/follower.h"
#include "common/changes/handlers.h"
#include "common/changes/leases.h"
#include "common/changes/town_queues.h"
#include "common/changes/watch_call.h"
#include "common/db/row_reader.h"
#include "common/obs/metrics.h"
#include "common/rpc/peer.h"
#include "pingan/changes/v1/changes.grpc.pb.h"

namespace pingan::changes {

// Everything but Start(), Stop() and board() happens on the loop's thread; what other threads have
// to say comes by Post(). A stream is begun when leases are held, nothing is under way and the
// stored cursors have been read. When the leases change or a town missed something it is ended, and
// begun again from the stored cursors.
class FollowLoop {
 public:
  FollowLoop(FollowerOptions options, const Handlers& handlers, LeaseKeeper& leases,
             rpc::Peer& source, db::TownWriter& writer, db::RowReader& reader, base::Clock& clock);

  void Start();
  void Stop();
  const CursorBoard& board() const { return board_; }

 private:
  using Task = std::function<void()>;

  std::string work() const { return "follow/" + options_.source; }  // as leases have it
  void Post(Task task);
  std::vector<Task> WaitForTasks(absl::Time deadline);
  void Run();
  void Step(absl::Time now);
  absl::Time next() const;

  void OnLeases(const Buckets& buckets);
  void AskAgain();
  void ReadCursors();
  void OnCursors(const absl::Status& status, CursorBoard::Cursors cursors);
  void Watch();
  void OnResponse(WatchCall& call, v1::WatchResponse response);
  void OnEnd(const absl::Status& status);
  void TryLater(const absl::Status& status);

  const FollowerOptions options_;
  const Handlers& handlers_;
  LeaseKeeper& leases_;
  rpc::Peer& source_;
  db::RowReader& reader_;
  const std::unique_ptr<v1::ChangeService::Stub> stub_;
  CursorBoard board_;
  TownQueues queues_;
  obs::Gauge& connected_metric_;

  Buckets buckets_;
  std::shared_ptr<WatchCall> call_;
  bool reading_ = false;  // of cursors
  bool paused_ = false;   // the stream waits for the towns
  bool broken_off_ = false;
  Backoff backoff_;
  absl::Time connect_at_ = absl::InfinitePast();
  absl::Time connected_at_ = absl::InfinitePast();
  absl::Time ask_again_at_ = absl::InfiniteFuture();
  absl::Time tick_at_ = absl::InfinitePast();

  std::atomic<bool> stopping_ = false;
  absl::Mutex mutex_;
  std::vector<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_FOLLOW_LOOP_H_
