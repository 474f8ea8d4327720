#include "services/event/bare_echo.h"

#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/support/server_callback.h"
#include "pingan/event/v1/event.grpc.pb.h"

namespace pingan::event {
namespace {

// As large as an event of the demo town.
v1::Event Answer() {
  v1::Event event;
  event.set_name("towns/330481003/events/01900000-0000-7000-8000-000000000001");
  event.set_title("平安大宣讲：反诈进车间");
  event.set_kind(v1::TALK);
  event.set_mechanism(v1::RISK);
  event.add_organisers("towns/330481003/units/330481003005");
  event.add_organisers("towns/330481003/enterprises/01900000-0000-7000-8000-000000000001");
  event.mutable_place()->set_address("隆兴社区文化礼堂");
  event.mutable_start_time()->set_seconds(1795399200);
  event.mutable_end_time()->set_seconds(1795402800);
  event.set_capacity(40);
  event.set_state(v1::PUBLISHED);
  event.mutable_create_time()->set_seconds(1795399200);
  event.mutable_update_time()->set_seconds(1795399200);
  event.set_etag("2");
  return event;
}

}  // namespace

BareEcho::BareEcho() : answer_(Answer()) {
  AddMethod(new grpc::internal::RpcServiceMethod("/pingan.load.Echo/GetEvent",
                                                 grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodCallback(0, new grpc::internal::CallbackUnaryHandler<v1::GetEventRequest, v1::Event>(
                            [this](grpc::CallbackServerContext* context, const v1::GetEventRequest*,
                                   v1::Event* event) {
                              *event = answer_;
                              grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
                              reactor->Finish(grpc::Status::OK);
                              return reactor;
                            }));
}

}  // namespace pingan::event
