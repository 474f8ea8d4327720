#include "common/changes/watch_call.h"

#include <utility>

#include "common/rpc/grpc_status.h"

namespace pingan::changes {

void WatchCall::Start(v1::ChangeService::Stub& stub, v1::WatchRequest request) {
  self_ = shared_from_this();
  request_ = std::move(request);
  stub.async()->Watch(&context_, &request_, this);
  // Reads are started from outside of gRPC's callbacks: the call must not be done while one may
  // come.
  AddHold();
  StartRead(&response_);
  StartCall();
}

void WatchCall::Next() {
  holding_ = false;
  StartRead(&response_);
}

void WatchCall::Cancel() {
  if (std::exchange(cancelled_, true)) return;
  context_.TryCancel();
  if (std::exchange(holding_, false)) RemoveHold();
}

bool WatchCall::Accept() {
  holding_ = !cancelled_;
  if (cancelled_) RemoveHold();
  return holding_;
}

void WatchCall::OnReadInitialMetadataDone(bool ok) {
  if (ok) events_.opened();
}

void WatchCall::OnReadDone(bool ok) {
  if (ok) {
    events_.received(std::move(response_));
  } else {
    RemoveHold();
  }
}

void WatchCall::OnDone(const grpc::Status& status) {
  const std::shared_ptr<WatchCall> self = std::move(self_);
  events_.ended(rpc::FromGrpcStatus(status));
}

}  // namespace pingan::changes
