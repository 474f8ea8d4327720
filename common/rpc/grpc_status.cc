#include "common/rpc/grpc_status.h"

#include <algorithm>
#include <string>

#include "common/base/errors.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace pingan::rpc {
namespace {

// A refusal that a peer made of the whole program's reasons takes a few hundred bytes; what is
// larger is not one.
constexpr size_t kMaxDetailsBytes = 64 * 1024;

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status wire = base::ToRpcStatus(status);
  return grpc::Status(static_cast<grpc::StatusCode>(wire.code()), wire.message(),
                      wire.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status wire;
  const std::string& details = status.error_details();
  if (!details.empty() && details.size() <= kMaxDetailsBytes && wire.ParseFromString(details) &&
      wire.code() == static_cast<int>(status.error_code())) {
    absl::Status refusal = base::FromRpcStatus(wire);
    if (!base::ReasonOf(refusal).empty()) return refusal;
  }
  switch (status.error_code()) {
    // A peer that is ending answers CANCELLED to calls that it has not begun; we cancel none.
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNAVAILABLE:
      return base::Refuse(errors::v1::UNAVAILABLE);
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return base::Refuse(errors::v1::DEADLINE_EXCEEDED);
    default:
      return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                          status.error_message());
  }
}

std::optional<int> RetryAfterSeconds(const absl::Status& status) {
  if (status.ok()) return std::nullopt;
  const google::rpc::Status wire = base::ToRpcStatus(status);
  for (const google::protobuf::Any& detail : wire.details()) {
    google::rpc::RetryInfo retry;
    if (!detail.Is<google::rpc::RetryInfo>() || !detail.UnpackTo(&retry)) continue;
    const int64_t whole = retry.retry_delay().seconds() + (retry.retry_delay().nanos() > 0 ? 1 : 0);
    return static_cast<int>(std::clamp<int64_t>(whole, 1, 86400));
  }
  return std::nullopt;
}

}  // namespace pingan::rpc
