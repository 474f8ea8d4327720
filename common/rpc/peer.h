// Asking another service from inside a handler.
//
//   CO_ASSIGN_OR_RETURN(const FreezeRosterResponse frozen,
//                       co_await volunteer.Ask(call, &VolunteerService::Stub::async_interface...,
//                       request));
#ifndef PINGAN_COMMON_RPC_PEER_H_
#define PINGAN_COMMON_RPC_PEER_H_

#include <coroutine>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/task.h"
#include "common/rpc/caller.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/token.h"
#include "grpcpp/grpcpp.h"

namespace pingan::rpc {

// A channel to all replicas of one service. Calls carry this service's token, the user they act
// for, the trace and the caller's deadline; nothing is retried here, because the caller knows
// whether it may be. Thread safe.
class Peer {
 public:
  // `address` like `dns:///event.pingan:50052`; `audience` like `services/event`. What is referred
  // to must outlive this.
  Peer(const std::string& address, std::string audience, ServiceTokenSource& tokens,
       base::Clock& clock);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Headers and deadline of a call made for `call`.
  void Prepare(const Call& call, grpc::ClientContext& context);

 private:
  const std::string audience_;
  ServiceTokenSource& tokens_;
  base::Clock& clock_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Awaits one unary call of a generated stub. The coroutine goes on on a thread of gRPC.
template <class Async, class Request, class Response>
class PeerCall {
 public:
  using Start = void (Async::*)(grpc::ClientContext*, const Request*, Response*,
                                std::function<void(grpc::Status)>);

  PeerCall(Peer& peer, Async* stub, Start start, const Call& call, const Request& request)
      : stub_(stub), start_(start), request_(request) {
    peer.Prepare(call, context_);
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    (stub_->*start_)(&context_, &request_, &response_, [this, waiting](grpc::Status status) {
      status_ = std::move(status);
      waiting.resume();
    });
  }
  absl::StatusOr<Response> await_resume() {
    if (!status_.ok()) return FromGrpcStatus(status_);
    return std::move(response_);
  }

 private:
  Async* stub_;
  Start start_;
  const Request& request_;
  Response response_;
  grpc::ClientContext context_;
  grpc::Status status_;
};

template <class Async, class Request, class Response>
base::Task<absl::StatusOr<Response>> Ask(Peer& peer, Async* stub,
                                         void (Async::*method)(grpc::ClientContext*, const Request*,
                                                               Response*,
                                                               std::function<void(grpc::Status)>),
                                         const Call& call, Request request) {
  co_return co_await PeerCall<Async, Request, Response>(peer, stub, method, call, request);
}

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_PEER_H_
