// Compilation: from descriptors to plans. What plans do is in validation_check.cc.
#include "common/rpc/validation_plan.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/rpc/field_behavior.h"
#include "common/rpc/update_mask.h"
#include "google/api/resource.pb.h"

namespace pingan::rpc {
namespace {

using ::buf::validate::FieldRules;
using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::OneofDescriptor;

absl::Status Named(const std::string& name, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::FailedPreconditionError(absl::StrCat(name, ": ", status.message()));
}

// Whether a buf.validate.MessageRules.oneof of the message names the field.
bool IsInMessageOneof(const FieldDescriptor* field) {
  const auto& rules = field->containing_type()->options().GetExtension(buf::validate::message);
  return absl::c_any_of(rules.oneof(), [&](const auto& oneof) {
    return absl::c_linear_search(oneof.fields(), field->name());
  });
}

}  // namespace

absl::StatusOr<const MessagePlan*> Planner::Plan(const Descriptor* type) {
  ASSIGN_OR_RETURN(const MessagePlan* plan, Visit(type));
  Settle();
  for (auto& [fresh_type, fresh_plan] : fresh_) known_.emplace(fresh_type, std::move(fresh_plan));
  fresh_.clear();
  return plan;
}

absl::StatusOr<const MessagePlan*> Planner::Visit(const Descriptor* type) {
  if (auto it = known_.find(type); it != known_.end()) return it->second.get();
  auto [it, is_new] = fresh_.try_emplace(type);
  if (!is_new) return it->second.get();
  it->second = std::make_unique<MessagePlan>();
  MessagePlan& plan = *it->second;
  plan.type_ = type;
  plan.resource_ = UpdatedResource(type);
  if (plan.resource_ != nullptr) plan.mask_ = UpdateMaskField(type);
  PlanName(type, plan);
  RETURN_IF_ERROR(PlanOneofs(type, plan));
  for (int i = 0; i < type->field_count(); ++i) {
    RETURN_IF_ERROR(Named(type->field(i)->full_name(), PlanField(type->field(i), plan)));
  }
  return &plan;
}

// `towns/{town}/events/{event}` with each variable as letters, digits and hyphens: enough that no
// name can lead elsewhere. What exactly each segment is (a UUID, a code) is for the rules of the
// field.
void Planner::PlanName(const Descriptor* type, MessagePlan& plan) {
  const google::api::ResourceDescriptor& resource =
      type->options().GetExtension(google::api::resource);
  if (resource.pattern().empty()) return;
  std::vector<std::string> patterns(resource.pattern().begin(), resource.pattern().end());
  plan.name_wanted_ = absl::StrCat("格式须符合 ", absl::StrJoin(patterns, "、"));
  for (std::string& pattern : patterns)
    RE2::GlobalReplace(&pattern, "\\{[^}]*\\}", "[0-9A-Za-z-]+");
  plan.name_pattern_ = std::make_unique<RE2>(absl::StrJoin(patterns, "|"));
}

absl::Status Planner::PlanField(const FieldDescriptor* field, MessagePlan& plan) {
  const FieldRules& rules = field->options().GetExtension(buf::validate::field);
  FieldPlan planned;
  planned.field = field;
  buf::validate::Ignore ignore = rules.ignore();
  if (!rules.has_ignore() && IsInMessageOneof(field)) ignore = buf::validate::IGNORE_IF_ZERO_VALUE;

  const bool is_output = Behaves(field, google::api::OUTPUT_ONLY);
  planned.only_safety = is_output || ignore == buf::validate::IGNORE_ALWAYS;
  planned.required =
      !planned.only_safety && (rules.required() || Behaves(field, google::api::REQUIRED));
  planned.skips_when_unset = field->has_presence() || ignore == buf::validate::IGNORE_IF_ZERO_VALUE;

  if (field->is_map()) {
    RETURN_IF_ERROR(PlanMap(field, rules, planned));
  } else if (field->is_repeated()) {
    RETURN_IF_ERROR(PlanList(field, rules, planned));
  } else {
    RETURN_IF_ERROR(PlanValue(field, rules, planned.value));
    planned.value.ignore = buf::validate::IGNORE_UNSPECIFIED;  // said by the members above
  }
  PlanClearing(field, planned, plan);
  plan.fields_.push_back(std::move(planned));
  return absl::OkStatus();
}

absl::Status Planner::PlanValue(const FieldDescriptor* field, const FieldRules& rules,
                                ValuePlan& value) {
  ASSIGN_OR_RETURN(value.rules, CompileValueRules(field, rules));
  value.ignore = rules.ignore();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsMoment(field->message_type())) {
    ASSIGN_OR_RETURN(value.nested, Visit(field->message_type()));
  }
  return absl::OkStatus();
}

absl::Status Planner::PlanList(const FieldDescriptor* field, const FieldRules& rules,
                               FieldPlan& plan) {
  RETURN_IF_ERROR(SupportsOnly(rules, {"required", "ignore", "repeated"}));
  const buf::validate::RepeatedRules& repeated = rules.repeated();
  RETURN_IF_ERROR(SupportsOnly(repeated, {"min_items", "max_items", "unique", "items"}));
  if (repeated.has_min_items()) plan.min_size = repeated.min_items();
  if (repeated.has_max_items()) plan.max_size = repeated.max_items();
  plan.unique = repeated.unique();
  if (plan.unique && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return absl::FailedPreconditionError(
        "buf.validate.RepeatedRules.unique is not supported for messages");
  }
  if (repeated.items().has_required()) {
    return absl::FailedPreconditionError(
        "buf.validate.FieldRules.required means nothing for items");
  }
  return PlanValue(field, repeated.items(), plan.value);
}

absl::Status Planner::PlanMap(const FieldDescriptor* field, const FieldRules& rules,
                              FieldPlan& plan) {
  RETURN_IF_ERROR(SupportsOnly(rules, {"required", "ignore", "map"}));
  const buf::validate::MapRules& map = rules.map();
  RETURN_IF_ERROR(SupportsOnly(map, {"min_pairs", "max_pairs", "keys", "values"}));
  if (map.has_min_pairs()) plan.min_size = map.min_pairs();
  if (map.has_max_pairs()) plan.max_size = map.max_pairs();
  if (map.keys().has_required() || map.values().has_required()) {
    return absl::FailedPreconditionError(
        "buf.validate.FieldRules.required means nothing for keys and values");
  }
  RETURN_IF_ERROR(PlanValue(field->message_type()->map_key(), map.keys(), plan.key.emplace()));
  return PlanValue(field->message_type()->map_value(), map.values(), plan.value);
}

absl::Status Planner::PlanOneofs(const Descriptor* type, MessagePlan& plan) {
  const buf::validate::MessageRules& rules = type->options().GetExtension(buf::validate::message);
  RETURN_IF_ERROR(Named(type->full_name(), SupportsOnly(rules, {"oneof"})));
  for (const buf::validate::MessageOneofRule& rule : rules.oneof()) {
    RETURN_IF_ERROR(Named(type->full_name(), SupportsOnly(rule, {"fields", "required"})));
    MessageOneof& oneof = plan.oneofs_.emplace_back(MessageOneof{{}, rule.required()});
    for (const std::string& name : rule.fields()) {
      const FieldDescriptor* field = type->FindFieldByName(name);
      if (field == nullptr || absl::c_linear_search(oneof.fields, field)) {
        return absl::FailedPreconditionError(
            absl::StrCat(type->full_name(), ": buf.validate.MessageRules.oneof names ", name,
                         ", which is no field or there twice"));
      }
      oneof.fields.push_back(field);
    }
    if (oneof.fields.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat(type->full_name(), ": buf.validate.MessageRules.oneof names no field"));
    }
  }
  for (int i = 0; i < type->oneof_decl_count(); ++i) {
    const OneofDescriptor* oneof = type->oneof_decl(i);
    const buf::validate::OneofRules& oneof_rules =
        oneof->options().GetExtension(buf::validate::oneof);
    RETURN_IF_ERROR(Named(oneof->full_name(), SupportsOnly(oneof_rules, {"required"})));
    if (oneof_rules.required()) plan.required_oneofs_.push_back(oneof);
  }
  return absl::OkStatus();
}

void Planner::PlanClearing(const FieldDescriptor* field, const FieldPlan& planned,
                           MessagePlan& plan) {
  if (Behaves(field, google::api::OUTPUT_ONLY)) {
    plan.clearings_.push_back({field, nullptr});
  } else if (planned.value.nested != nullptr) {
    plan.clearings_.push_back({field, planned.value.nested});
  }
}

// Takes from the fresh plans what has nothing to do. Types may contain each other, so start from
// "nothing to do" and go on until nobody learns anything new.
void Planner::Settle() {
  for (auto& [type, plan] : fresh_) plan->checks = plan->clears = false;
  for (bool learned = true; learned;) {
    learned = false;
    for (auto& [type, plan] : fresh_) {
      const bool checks =
          !plan->oneofs_.empty() || !plan->required_oneofs_.empty() ||
          absl::c_any_of(plan->fields_, [](const FieldPlan& field) { return field.checks(); });
      const bool clears = absl::c_any_of(plan->clearings_, [](const auto& clearing) {
        return clearing.nested == nullptr || clearing.nested->clears;
      });
      learned |= checks != plan->checks || clears != plan->clears;
      plan->checks = checks;
      plan->clears = clears;
    }
  }
  for (auto& [type, plan] : fresh_) {
    auto idle = [](const FieldPlan& field) { return !field.checks(); };
    plan->fields_.erase(std::remove_if(plan->fields_.begin(), plan->fields_.end(), idle),
                        plan->fields_.end());
    auto futile = [](const auto& clearing) {
      return clearing.nested != nullptr && !clearing.nested->clears;
    };
    plan->clearings_.erase(std::remove_if(plan->clearings_.begin(), plan->clearings_.end(), futile),
                           plan->clearings_.end());
  }
}

}  // namespace pingan::rpc
