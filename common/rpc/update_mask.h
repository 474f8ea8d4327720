// Partial updates (AIP-134, AIP-161).
#ifndef PINGAN_COMMON_RPC_UPDATE_MASK_H_
#define PINGAN_COMMON_RPC_UPDATE_MASK_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace pingan::rpc {

// The resource of an update request: its first message field whose type has a string `name`, beside
// a field `update_mask`. Null when `request` is not the type of an update request.
const google::protobuf::FieldDescriptor* UpdatedResource(
    const google::protobuf::Descriptor* request);
// Its `update_mask`, or null.
const google::protobuf::FieldDescriptor* UpdateMaskField(
    const google::protobuf::Descriptor* request);

// Changes `into` as the mask says; `from` is the resource of the request, both of one type.
//   - no paths: every populated field of `from` (AIP-134);
//   - `*`: every field, absent ones are cleared;
//   - else the named ones, to any depth of singular messages; absent in `from` means cleared.
// `allowed` are the paths the method lets a client change, with all below them. Refused by name,
// all at once (field `update_mask`): unknown paths, ones not allowed, and OUTPUT_ONLY, IMMUTABLE
// or IDENTIFIER ones, `name` included. Where these are meant only by implication (no paths, `*`, a
// parent) they keep their value, and then another value for one not allowed or IMMUTABLE is
// refused, for an OUTPUT_ONLY one ignored. `name` and `etag` are never copied. `into` is unchanged
// on refusal.
absl::Status ApplyUpdateMask(const google::protobuf::FieldMask& mask,
                             const google::protobuf::Message& from, google::protobuf::Message& into,
                             absl::Span<const absl::string_view> allowed);

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_UPDATE_MASK_H_
