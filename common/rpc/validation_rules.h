// What one value must be. Internal to validation: compiled from one buf.validate.FieldRules, or
// from nothing but the type.
#ifndef PINGAN_COMMON_RPC_VALIDATION_RULES_H_
#define PINGAN_COMMON_RPC_VALIDATION_RULES_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "buf/validate/validate.pb.h"
#include "common/rpc/validation_report.h"
#include "google/protobuf/descriptor.h"

namespace pingan::rpc {

class ValueRules {
 public:
  virtual ~ValueRules() = default;
  // Reports each rule that the value at `place` breaks.
  virtual void Check(const Place& place, Strictness strictness, Report& report) const = 0;
  // Whether the value is its type's zero, which IGNORE_IF_ZERO_VALUE passes over in lists and maps.
  virtual bool IsZero(const Place& place) const = 0;
};

// The rules for one value of `field`, which is not of a message type, or of one of Timestamp,
// Duration, Date. Null when any value will do. Of `rules` only the member for the field's type may
// be set, beside `required` and `ignore`; an error names the rule that is not supported.
absl::StatusOr<std::unique_ptr<ValueRules>> CompileValueRules(
    const google::protobuf::FieldDescriptor* field, const buf::validate::FieldRules& rules);

// Whether messages of this type are values to us: Timestamp, Duration, google.type.Date.
bool IsMoment(const google::protobuf::Descriptor* type);

// Fails, naming it, when `rules` has any member set (or one that this program does not know) beyond
// `supported`.
absl::Status SupportsOnly(const google::protobuf::Message& rules,
                          absl::Span<const absl::string_view> supported);

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_VALIDATION_RULES_H_
