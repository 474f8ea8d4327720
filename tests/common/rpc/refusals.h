// What tests look for in refusals.
#ifndef PINGAN_TESTS_COMMON_RPC_REFUSALS_H_
#define PINGAN_TESTS_COMMON_RPC_REFUSALS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace pingan::rpc {

// "field: description" of every violation, in order.
inline std::vector<std::string> ViolationsOf(const absl::Status& status) {
  std::vector<std::string> violations;
  const google::rpc::Status wire = base::ToRpcStatus(status);
  for (const google::protobuf::Any& detail : wire.details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      violations.push_back(absl::StrCat(violation.field(), ": ", violation.description()));
    }
  }
  return violations;
}

}  // namespace pingan::rpc

#endif  // PINGAN_TESTS_COMMON_RPC_REFUSALS_H_
