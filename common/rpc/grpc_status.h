// Between our statuses (common/base/errors.h) and gRPC's: the details of AIP-193 travel in
// `grpc-status-details-bin`.
#ifndef PINGAN_COMMON_RPC_GRPC_STATUS_H_
#define PINGAN_COMMON_RPC_GRPC_STATUS_H_

#include <optional>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace pingan::rpc {

// What a client gets: code, short English message, details. Nothing of a status that is not one of
// our refusals leaks.
grpc::Status ToGrpcStatus(const absl::Status& status);

// What a peer said: the same refusal, with its details, when it is one of ours. Else transport
// failures become our UNAVAILABLE or DEADLINE_EXCEEDED, and anything else a status
// without a reason, which clients see as INTERNAL.
absl::Status FromGrpcStatus(const grpc::Status& status);

// Whole seconds, at least 1, after which to try again, for the trailing metadata `retry-after`;
// none when the refusal has no RetryInfo.
std::optional<int> RetryAfterSeconds(const absl::Status& status);

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_GRPC_STATUS_H_
