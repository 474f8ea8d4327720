// The compiled rules of message types. Internal to validation; what holds is said in validation.h.
#ifndef PINGAN_COMMON_RPC_VALIDATION_PLAN_H_
#define PINGAN_COMMON_RPC_VALIDATION_PLAN_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/rpc/validation_rules.h"
#include "re2/re2.h"

namespace pingan::rpc {

class MessagePlan;

// One value of a field: the field itself, or its items, or the keys or values of its map.
struct ValuePlan {
  std::unique_ptr<ValueRules> rules;    // null: any value will do
  const MessagePlan* nested = nullptr;  // for messages
  buf::validate::Ignore ignore = buf::validate::IGNORE_UNSPECIFIED;

  bool checks() const;
  void Check(const Place& place, Strictness strictness, Report& report) const;
};

struct FieldPlan {
  const google::protobuf::FieldDescriptor* field;
  bool required = false;
  bool skips_when_unset = false;
  // Only what is unsafe is looked for: OUTPUT_ONLY, or IGNORE_ALWAYS.
  bool only_safety = false;
  ValuePlan value;  // of a list its items, of a map its values
  std::optional<ValuePlan> key;
  std::optional<uint64_t> min_size, max_size;
  bool unique = false;

  bool checks() const;
  void Check(const google::protobuf::Message& message, const Place* above, Strictness strictness,
             Report& report) const;

 private:
  void CheckList(Place& place, Strictness strictness, Report& report) const;
  void CheckMap(const Place& place, Strictness strictness, Report& report) const;
  void CheckSize(const Place& place, Report& report) const;
};

// buf.validate.MessageRules.oneof: at most one, or exactly one, of these fields is set.
struct MessageOneof {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  bool required;
};

class MessagePlan {
 public:
  void Check(const google::protobuf::Message& message, const Place* above, Strictness strictness,
             Report& report) const;
  void ClearOutputOnly(google::protobuf::Message& message) const;

  // Whether Check or ClearOutputOnly may have anything to do; true until the planner knows better.
  bool checks = true;
  bool clears = true;

 private:
  friend class Planner;

  struct Clearing {
    const google::protobuf::FieldDescriptor* field;
    const MessagePlan* nested;  // null: the field itself is cleared
  };

  // `paths` are those of an update mask that lie in `message`, relative to it.
  void CheckMasked(const google::protobuf::Message& message, const Place* above,
                   absl::Span<const absl::string_view> paths, Report& report) const;
  // `place` is the resource of an update request, `mask` that request's update_mask.
  void CheckResource(const Place& place, const google::protobuf::Message& mask,
                     Report& report) const;
  void CheckName(const Place& resource, Report& report) const;
  void CheckOneofs(const google::protobuf::Message& message, const Place* above,
                   Report& report) const;
  static void CheckField(const FieldPlan& field, const google::protobuf::Message& message,
                         const Place* above, absl::Span<const absl::string_view> paths,
                         Report& report);

  const google::protobuf::Descriptor* type_;
  std::vector<FieldPlan> fields_;
  std::vector<const google::protobuf::OneofDescriptor*> required_oneofs_;
  std::vector<MessageOneof> oneofs_;
  std::vector<Clearing> clearings_;
  // Of a resource: what its name must look like. Null when the type has no google.api.resource.
  std::unique_ptr<RE2> name_pattern_;
  std::string name_wanted_;
  // Of an update request, else null.
  const google::protobuf::FieldDescriptor* resource_ = nullptr;
  const google::protobuf::FieldDescriptor* mask_ = nullptr;
};

using MessagePlans =
    absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<MessagePlan>>;

// Compiles `type` and every type below it that is not in `known`. Nothing is kept of a compilation
// that fails.
class Planner {
 public:
  explicit Planner(MessagePlans& known) : known_(known) {}

  absl::StatusOr<const MessagePlan*> Plan(const google::protobuf::Descriptor* type);

 private:
  absl::StatusOr<const MessagePlan*> Visit(const google::protobuf::Descriptor* type);
  absl::Status PlanField(const google::protobuf::FieldDescriptor* field, MessagePlan& plan);
  void PlanName(const google::protobuf::Descriptor* type, MessagePlan& plan);
  absl::Status PlanOneofs(const google::protobuf::Descriptor* type, MessagePlan& plan);
  absl::Status PlanValue(const google::protobuf::FieldDescriptor* field,
                         const buf::validate::FieldRules& rules, ValuePlan& value);
  absl::Status PlanList(const google::protobuf::FieldDescriptor* field,
                        const buf::validate::FieldRules& rules, FieldPlan& plan);
  absl::Status PlanMap(const google::protobuf::FieldDescriptor* field,
                       const buf::validate::FieldRules& rules, FieldPlan& plan);
  void PlanClearing(const google::protobuf::FieldDescriptor* field, const FieldPlan& planned,
                    MessagePlan& plan);
  void Settle();

  MessagePlans& known_;
  MessagePlans fresh_;
};

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_VALIDATION_PLAN_H_
