// google.api.field_behavior (AIP-203).
#ifndef PINGAN_COMMON_RPC_FIELD_BEHAVIOR_H_
#define PINGAN_COMMON_RPC_FIELD_BEHAVIOR_H_

#include "absl/algorithm/container.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"

namespace pingan::rpc {

inline bool Behaves(const google::protobuf::FieldDescriptor* field,
                    google::api::FieldBehavior behavior) {
  return absl::c_linear_search(field->options().GetRepeatedExtension(google::api::field_behavior),
                               behavior);
}

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_FIELD_BEHAVIOR_H_
