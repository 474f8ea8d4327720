// What a request must be before a handler sees it: the `buf.validate` rules of its proto, read by
// reflection.
//
// Semantics are those of protovalidate for the rules listed in README.md; any other rule fails
// compilation, so that a server stops at start instead of letting through what its proto forbids.
// Beyond the rules, always:
//   - strings, also in lists and maps, are valid UTF-8 without NUL: PostgreSQL takes neither;
//   - enum numbers are defined: JSON and proto3 let any integer through;
//   - google.protobuf.Timestamp, Duration and google.type.Date are real, years 1900 to 2200;
//   - a field whose google.api.field_behavior is REQUIRED is there; an OUTPUT_ONLY one is not
//     judged by its rules;
//   - in an update request (one with `update_mask`, AIP-134) the resource has a `name` in the
//     shape of its google.api.resource pattern, and of its other fields only those are judged
//     that the mask changes: the named ones, or without a mask the populated ones. Oneof rules
//     of the resource are judged for `*` only.
#ifndef PINGAN_COMMON_RPC_VALIDATION_H_
#define PINGAN_COMMON_RPC_VALIDATION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace pingan::rpc {

class MessagePlan;

// The compiled rules of one message type. A value to copy; what it points to lives as long as the
// process. Any thread.
class Validator {
 public:
  // At most so many violations are named in one refusal; the walk stops there, whatever the size of
  // the message.
  static constexpr int kMaxViolations = 20;

  // Compiles `type` and all it can contain, once per process: later calls find the same plan. The
  // descriptor must outlive every use. FAILED_PRECONDITION naming the field and the rule that is
  // not supported. Takes a lock: resolve at start, not per call.
  static absl::StatusOr<Validator> For(const google::protobuf::Descriptor* type);

  // OK without allocating (except for maps and long `unique` lists), or one INVALID_FIELD refusal
  // with every violation: the field as `event.organisers[1]` or `labels["k"]`, and in Chinese what
  // is wanted. Never repeats the value. `message` must be of the type given to For().
  absl::Status Check(const google::protobuf::Message& message) const;

  // Clears OUTPUT_ONLY fields at any depth: a client may send back what it got, and it is ignored
  // (AIP-203). Free of cost where the type has none. Call before Check().
  void ClearOutputOnly(google::protobuf::Message& message) const;

 private:
  explicit Validator(const MessagePlan* plan) : plan_(plan) {}

  const MessagePlan* plan_;
};

// Compiles every request of the service, or every message of the file. OK, or the first failure as
// For() says it.
absl::Status CompileAll(const google::protobuf::ServiceDescriptor* service);
absl::Status CompileAll(const google::protobuf::FileDescriptor* file);

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_VALIDATION_H_
