// A gRPC service whose methods are coroutines behind one adapter.
//
//   rpc::Service events("pingan.event.v1.EventService", adapter);
//   events.Handle("GetEvent", [&](const rpc::Call& call, const v1::GetEventRequest& request)
//       -> base::Task<absl::StatusOr<v1::Event>> { ... });
//   RETURN_IF_ERROR(events.Complete());
//
// The adapter is the one place every call passes, in this order, so that nothing later runs for a
// call that an earlier step refuses: identity (whose token is it), permission (the method's
// policy), validation (the proto's rules), deadline, handler, status mapping, metrics, one log
// line. Rows decide further, in the service's rules.
#ifndef PINGAN_COMMON_RPC_SERVICE_H_
#define PINGAN_COMMON_RPC_SERVICE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/base/task.h"
#include "common/obs/metrics.h"
#include "common/rpc/caller.h"
#include "common/rpc/policy.h"
#include "common/rpc/token.h"
#include "common/rpc/validation.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/support/server_callback.h"
#if __has_include("grpcpp/impl/server_callback_handlers.h")  // where newer gRPC has them
#include "grpcpp/impl/proto_utils.h"
#include "grpcpp/impl/server_callback_handlers.h"
#else
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#endif

namespace pingan::rpc {

// What the adapter knows of one method, all of it resolved at start.
struct Method {
  const google::protobuf::MethodDescriptor* descriptor;
  Policy policy;
  Validator validator;
  obs::MethodMetrics metrics;
};

// Checks a call before its handler and accounts for it after. Thread safe.
class Adapter {
 public:
  // All must outlive the adapter. `services` may be null where no service calls this one.
  Adapter(TokenVerifier& users, ServiceTokenVerifier* services, base::Clock& clock)
      : users_(users), services_(services), clock_(clock) {}

  // The call's place in its trace: before anything that may refuse it, as its log line tells it.
  void Begin(const grpc::CallbackServerContext& context, Call& call);

  // Identity, permission, validation and deadline. Clears output-only fields of `request`. Fills
  // `call` as far as it comes, so that a refused call is logged with what is known of it.
  absl::Status Admit(const Method& method, const grpc::CallbackServerContext& context,
                     google::protobuf::Message& request, Call& call);
  // The same for streams, which validate for themselves: identity and permission only.
  absl::Status Identify(const Policy& policy, const grpc::CallbackServerContext& context,
                        Call& call);

  // Maps, counts and logs the end of a call; gives what is sent.
  grpc::Status Conclude(Method& method, grpc::CallbackServerContext& context, const Call& call,
                        absl::Time started, const absl::Status& status);

  base::Clock& clock() { return clock_; }

 private:
  absl::Status IdentifyUser(const grpc::CallbackServerContext& context, Caller& caller);
  absl::Status IdentifyService(const grpc::CallbackServerContext& context, Caller& caller);

  TokenVerifier& users_;
  ServiceTokenVerifier* services_;
  base::Clock& clock_;
};

template <class Request, class Response>
using Handler = std::function<base::Task<absl::StatusOr<Response>>(const Call&, const Request&)>;

class Service : public grpc::Service {
 public:
  // `full_name` is the service's in its proto. The adapter must outlive the service, and the
  // service the server.
  Service(absl::string_view full_name, Adapter& adapter);

  // Binds a method of the descriptor to its handler. What is wrong with the method (no such name,
  // other messages, no policy, an unknown rule) is told by Complete().
  template <class Request, class Response>
  void Handle(absl::string_view name, Handler<Request, Response> handler);

  // The same for a member function: Handle("GetEvent", this, &EventService::GetEvent).
  template <class Owner, class Request, class Response>
  void Handle(absl::string_view name, Owner* owner,
              base::Task<absl::StatusOr<Response>> (Owner::*member)(const Call&, const Request&)) {
    Handle<Request, Response>(name, [owner, member](const Call& call, const Request& request) {
      return (owner->*member)(call, request);
    });
  }

  // Binds a server stream. `open` makes the reactor of one call that passed identity and
  // permission.
  template <class Request, class Response>
  void Stream(absl::string_view name,
              std::function<grpc::ServerWriteReactor<Response>*(const Call&, const Request&)> open);

  // OK when every method of the descriptor is bound, once, and sound: to be called before the
  // server starts.
  absl::Status Complete() const;

  Adapter& adapter() { return adapter_; }

 private:
  // Null, and an error remembered, when the method cannot be bound.
  Method* Bind(absl::string_view name, const google::protobuf::Descriptor* request,
               const google::protobuf::Descriptor* response,
               grpc::internal::RpcMethod::RpcType type, grpc::internal::MethodHandler* handler);
  absl::StatusOr<std::unique_ptr<Method>> Resolve(
      absl::string_view name, const google::protobuf::Descriptor* request,
      const google::protobuf::Descriptor* response) const;

  template <class Request, class Response>
  base::Task<void> Serve(Method& method, const Handler<Request, Response>& handler,
                         grpc::CallbackServerContext& context, grpc::ByteBuffer& bytes,
                         Response& response, grpc::ServerUnaryReactor* reactor);

  const google::protobuf::ServiceDescriptor* descriptor_;  // null when there is none of this name
  Adapter& adapter_;
  absl::flat_hash_map<std::string, std::unique_ptr<Method>> methods_;
  std::vector<std::string> paths_;
  absl::Status error_;
};

// Refuses a stream with `status`, at once.
template <class Response>
class RefusedStream final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit RefusedStream(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

// --- implementation

// Bytes that are no message of this type: MALFORMED_REQUEST. gRPC itself would answer
// UNIMPLEMENTED.
template <class Request>
absl::Status ParseRequest(grpc::ByteBuffer& bytes, Request& request) {
  const grpc::Status parsed = grpc::SerializationTraits<Request>::Deserialize(&bytes, &request);
  return parsed.ok() ? absl::OkStatus() : base::Refuse(errors::v1::MALFORMED_REQUEST);
}

template <class Request, class Response>
void Service::Handle(absl::string_view name, Handler<Request, Response> handler) {
  // The method is known only after it is bound, so the handler's closure finds it through a cell of
  // its own.
  auto cell = std::make_shared<Method*>(nullptr);
  *cell = Bind(name, Request::descriptor(), Response::descriptor(),
               grpc::internal::RpcMethod::NORMAL_RPC,
               new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, Response>(
                   [this, cell, handler = std::move(handler)](grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* bytes,
                                                              Response* response) {
                     grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
                     // gRPC made the buffer for this call alone; that it hands it out as const
                     // keeps nobody else from it.
                     base::Detach(Serve<Request, Response>(**cell, handler, *context,
                                                           const_cast<grpc::ByteBuffer&>(*bytes),
                                                           *response, reactor));
                     return reactor;
                   }));
}

template <class Request, class Response>
base::Task<void> Service::Serve(Method& method, const Handler<Request, Response>& handler,
                                grpc::CallbackServerContext& context, grpc::ByteBuffer& bytes,
                                Response& response, grpc::ServerUnaryReactor* reactor) {
  const absl::Time started = absl::Now();
  Call call;
  call.method = method.descriptor->full_name();
  adapter_.Begin(context, call);
  method.metrics.Started();
  Request request;
  absl::Status status = ParseRequest(bytes, request);
  if (status.ok()) status = adapter_.Admit(method, context, request, call);
  if (status.ok()) {
    absl::StatusOr<Response> answer = co_await handler(call, request);
    status = answer.status();
    if (answer.ok()) response = *std::move(answer);
  }
  reactor->Finish(adapter_.Conclude(method, context, call, started, status));
}

template <class Request, class Response>
void Service::Stream(
    absl::string_view name,
    std::function<grpc::ServerWriteReactor<Response>*(const Call&, const Request&)> open) {
  auto cell = std::make_shared<Method*>(nullptr);
  *cell = Bind(name, Request::descriptor(), Response::descriptor(),
               grpc::internal::RpcMethod::SERVER_STREAMING,
               new grpc::internal::CallbackServerStreamingHandler<Request, Response>(
                   [this, cell, open = std::move(open)](
                       grpc::CallbackServerContext* context,
                       const Request* request) -> grpc::ServerWriteReactor<Response>* {
                     const absl::Time started = absl::Now();
                     Call call;
                     call.method = (*cell)->descriptor->full_name();
                     adapter_.Begin(*context, call);
                     (*cell)->metrics.Started();
                     const absl::Status status =
                         adapter_.Admit(**cell, *context, const_cast<Request&>(*request), call);
                     // A stream's time is not a call's: it is counted when it opens.
                     const grpc::Status answer =
                         adapter_.Conclude(**cell, *context, call, started, status);
                     if (!answer.ok()) return new RefusedStream<Response>(answer);
                     return open(call, *request);
                   }));
}

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_SERVICE_H_
