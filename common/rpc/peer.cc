#include "common/rpc/peer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/obs/trace.h"

namespace pingan::rpc {
namespace {

grpc::ChannelArguments PeerArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  // What may be tried again is decided by who calls.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  return arguments;
}

}  // namespace

Peer::Peer(const std::string& address, std::string audience, ServiceTokenSource& tokens,
           base::Clock& clock)
    : audience_(std::move(audience)),
      tokens_(tokens),
      clock_(clock),
      channel_(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                         PeerArguments())) {}

void Peer::Prepare(const Call& call, grpc::ClientContext& context) {
  context.AddMetadata("authorization",
                      absl::StrCat("Bearer ", tokens_.TokenFor(audience_, clock_.Now())));
  context.AddMetadata("x-pingan-service", "1");
  if (!call.caller.account.empty()) context.AddMetadata("x-pingan-account", call.caller.account);
  if (!call.caller.person.empty()) context.AddMetadata("x-pingan-person", call.caller.person);
  context.AddMetadata("traceparent", obs::ToTraceparent(call.trace));
  if (call.deadline != absl::InfiniteFuture())
    context.set_deadline(absl::ToChronoTime(call.deadline));
}

}  // namespace pingan::rpc
