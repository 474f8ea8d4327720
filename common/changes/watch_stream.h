// One follower's stream, on the source's side.
#ifndef PINGAN_COMMON_CHANGES_WATCH_STREAM_H_
#define PINGAN_COMMON_CHANGES_WATCH_STREAM_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "common/changes/bucket.h"
#include "common/changes/change_service.h"
#include "common/changes/feed.h"
#include "common/db/row_reader.h"
#include "common/obs/metrics.h"
#include "grpcpp/grpcpp.h"
#include "pingan/changes/v1/changes.pb.h"

namespace pingan::changes {

class WatchStream;

// All streams of one service.
class ChangeService::Streams : public std::enable_shared_from_this<Streams> {
 public:
  Streams(ChangeFeed& feed, db::RowReader& reader, ChangeServiceOptions options);

  grpc::ServerWriteReactor<v1::WatchResponse>* Open(const v1::WatchRequest& request);
  void Stop();
  // Ends all with UNAVAILABLE, so that their followers ask another replica.
  void EndAll();
  // Called by a stream when gRPC is done with it.
  void Forget(WatchStream& stream);

  ChangeFeed& feed;
  db::RowReader& reader;
  const ChangeServiceOptions options;
  obs::Counter& gaps;
  obs::Counter& sent;

 private:
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::unordered_map<WatchStream*, std::shared_ptr<WatchStream>> open_ ABSL_GUARDED_BY(mutex_);
};

// Lives until gRPC is done with it and its read has ended. Thread safe. No operation of gRPC is
// called under the lock.
class WatchStream final : public grpc::ServerWriteReactor<v1::WatchResponse>,
                          public ChangeFeed::Watcher,
                          public std::enable_shared_from_this<WatchStream> {
 public:
  WatchStream(ChangeService::Streams& streams, const v1::WatchRequest& request);

  // Ends the stream as soon as no write is under way. Idempotent.
  void End(const absl::Status& status);

  void OnHeads(absl::Span<const db::Committed> heads) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  struct Town {
    int64_t sent = 0;
    int64_t head = 0;
    bool ready = false;  // in ready_ or in the read under way
    bool lost = false;
  };
  using Entry = std::pair<const std::string, Town>;

  // One statement: for every town some changes after what was sent.
  struct Slice {
    Entry* town;
    int64_t next;      // the seq that must come
    bool gap = false;  // another came
  };
  struct Batch {
    std::vector<Slice> slices;
    int64_t limit = 0;  // per town
    std::vector<v1::WatchResponse> responses;
    size_t bytes = 0;  // of the last response
  };

  // What to do after the lock is left.
  struct Steps {
    bool finish = false;
    const v1::WatchResponse* write = nullptr;
    std::shared_ptr<Batch> read;
  };

  Steps Plan() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Take(const Steps& steps);
  std::shared_ptr<Batch> NextBatch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // On a reader's thread.
  absl::Status Read(Batch& batch, db::ReadSession& session) const;
  void Add(Batch& batch, const db::Record& record) const;
  void OnRead(Batch& batch, const absl::Status& status);
  void OnSliceRead(Slice& slice) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<ChangeService::Streams> streams_;
  const std::vector<std::string> rows_;
  Buckets buckets_;

  absl::Mutex mutex_;
  std::unordered_map<std::string, Town> towns_
      ABSL_GUARDED_BY(mutex_);                        // entries stay where they are
  std::deque<Entry*> ready_ ABSL_GUARDED_BY(mutex_);  // towns with something to read, in turn
  std::deque<v1::WatchResponse> outbox_ ABSL_GUARDED_BY(mutex_);  // the first is being written
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_;  // written once, when ending_ becomes true
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_WATCH_STREAM_H_
