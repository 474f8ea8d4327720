// One Watch call, on the follower's side.
#ifndef PINGAN_COMMON_CHANGES_WATCH_CALL_H_
#define PINGAN_COMMON_CHANGES_WATCH_CALL_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "grpcpp/grpcpp.h"
#include "pingan/changes/v1/changes.grpc.pb.h"
#include "pingan/changes/v1/changes.pb.h"

namespace pingan::changes {

// Keeps itself alive until `ended` was called. Callbacks come on gRPC's threads, one at a time;
// they must be quick. After `received` nothing more is read until Next() or Cancel(), one of which
// must be called: that is what makes the source wait for a busy follower.
class WatchCall final : public grpc::ClientReadReactor<v1::WatchResponse>,
                        public std::enable_shared_from_this<WatchCall> {
 public:
  struct Events {
    std::function<void()> opened;
    std::function<void(v1::WatchResponse)> received;
    std::function<void(absl::Status)> ended;
  };

  explicit WatchCall(Events events) : events_(std::move(events)) {}

  // Headers and the like are prepared in context() before.
  grpc::ClientContext& context() { return context_; }
  void Start(v1::ChangeService::Stub& stub, v1::WatchRequest request);

  // Both from one thread only.
  void Next();
  // The end is still told by `ended`. Idempotent.
  void Cancel();
  // To be called first with everything that `received` gave: whether it is still wanted.
  bool Accept();

  void OnReadInitialMetadataDone(bool ok) override;
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  const Events events_;
  grpc::ClientContext context_;
  v1::WatchRequest request_;
  v1::WatchResponse response_;
  std::shared_ptr<WatchCall> self_;
  // Of the thread that calls Next() and Cancel().
  bool holding_ = false;  // a response was accepted and nothing is being read
  bool cancelled_ = false;
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_WATCH_CALL_H_
