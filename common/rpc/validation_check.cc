// What plans do with a message.
#include <cmath>
#include <type_traits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/rpc/validation_plan.h"

namespace pingan::rpc {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::OneofDescriptor;
using ::google::protobuf::Reflection;

using Paths = absl::Span<const absl::string_view>;
using PathList = absl::InlinedVector<absl::string_view, 16>;

constexpr absl::string_view kRequired = "必填";

// Up to here a list is compared pair by pair, which allocates nothing; longer ones go through a
// set.
constexpr int kMaxPairwise = 32;

template <class Value>
bool IsNan(const Value& value) {
  if constexpr (std::is_floating_point_v<Value>) {
    return std::isnan(value);
  } else {
    return false;
  }
}

template <class Value, class Get>
bool AreDistinct(int size, const Get& get) {
  if (size <= kMaxPairwise) {
    for (int i = 1; i < size; ++i) {
      const Value value = get(i);
      for (int j = 0; j < i; ++j) {
        if (get(j) == value) return false;
      }
    }
    return true;
  }
  absl::flat_hash_set<Value> seen;
  for (int i = 0; i < size; ++i) {
    const Value value = get(i);
    // A NaN differs from everything, itself included, but need not hash so.
    if (!IsNan(value) && !seen.insert(value).second) return false;
  }
  return true;
}

bool HasDistinctItems(const Place& list) {
  const Message& message = *list.message;
  const FieldDescriptor* field = list.field;
  const Reflection& reflection = *message.GetReflection();
  const int size = list.size();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      // Repeated strings are kept as std::string, so the scratch is never what a view points to.
      std::string scratch;
      return AreDistinct<absl::string_view>(size, [&](int i) -> absl::string_view {
        return reflection.GetRepeatedStringReference(message, field, i, &scratch);
      });
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return AreDistinct<int32_t>(
          size, [&](int i) { return reflection.GetRepeatedInt32(message, field, i); });
    case FieldDescriptor::CPPTYPE_INT64:
      return AreDistinct<int64_t>(
          size, [&](int i) { return reflection.GetRepeatedInt64(message, field, i); });
    case FieldDescriptor::CPPTYPE_UINT32:
      return AreDistinct<uint32_t>(
          size, [&](int i) { return reflection.GetRepeatedUInt32(message, field, i); });
    case FieldDescriptor::CPPTYPE_UINT64:
      return AreDistinct<uint64_t>(
          size, [&](int i) { return reflection.GetRepeatedUInt64(message, field, i); });
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return AreDistinct<double>(
          size, [&](int i) { return reflection.GetRepeatedDouble(message, field, i); });
    case FieldDescriptor::CPPTYPE_FLOAT:
      return AreDistinct<float>(
          size, [&](int i) { return reflection.GetRepeatedFloat(message, field, i); });
    case FieldDescriptor::CPPTYPE_BOOL:
      return AreDistinct<bool>(
          size, [&](int i) { return reflection.GetRepeatedBool(message, field, i); });
    case FieldDescriptor::CPPTYPE_ENUM:
      return AreDistinct<int>(
          size, [&](int i) { return reflection.GetRepeatedEnumValue(message, field, i); });
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;  // does not compile into a plan
  }
  return true;
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const Reflection& reflection = *message.GetReflection();
  return field->is_repeated() ? reflection.FieldSize(message, field) > 0
                              : reflection.HasField(message, field);
}

std::string FieldNames(const std::vector<const FieldDescriptor*>& fields) {
  return absl::StrJoin(fields, "、", [](std::string* out, const FieldDescriptor* field) {
    absl::StrAppend(out, field->name());
  });
}

// The paths of a google.protobuf.FieldMask, of generated or dynamic type.
PathList PathsOf(const Message& mask) {
  const Reflection& reflection = *mask.GetReflection();
  const FieldDescriptor* field = mask.GetDescriptor()->FindFieldByNumber(1);
  PathList paths;
  std::string scratch;
  for (int i = 0; i < reflection.FieldSize(mask, field); ++i) {
    paths.push_back(reflection.GetRepeatedStringReference(mask, field, i, &scratch));
  }
  return paths;
}

}  // namespace

bool ValuePlan::checks() const { return rules != nullptr || (nested != nullptr && nested->checks); }

void ValuePlan::Check(const Place& place, Strictness strictness, Report& report) const {
  if (ignore == buf::validate::IGNORE_ALWAYS) strictness = Strictness::kSafe;
  if (rules != nullptr) {
    if (ignore == buf::validate::IGNORE_IF_ZERO_VALUE && rules->IsZero(place)) return;
    rules->Check(place, strictness, report);
  }
  if (nested != nullptr && nested->checks)
    nested->Check(place.submessage(), &place, strictness, report);
}

bool FieldPlan::checks() const {
  return required || value.checks() || (key.has_value() && key->checks()) || min_size.has_value() ||
         max_size.has_value() || unique;
}

void FieldPlan::Check(const Message& message, const Place* above, Strictness strictness,
                      Report& report) const {
  Place place{&message, field, -1, above};
  if (only_safety) strictness = Strictness::kSafe;
  if (!field->is_repeated()) {
    if (required || skips_when_unset) {
      if (!place.is_set()) {
        if (required && strictness == Strictness::kRules) report.Violate(place, kRequired);
        return;
      }
    }
    return value.Check(place, strictness, report);
  }
  if ((required || skips_when_unset) && place.size() == 0) {
    if (required && strictness == Strictness::kRules) report.Violate(place, kRequired);
    return;
  }
  if (strictness == Strictness::kRules) CheckSize(place, report);
  if (key.has_value()) {
    CheckMap(place, strictness, report);
  } else {
    CheckList(place, strictness, report);
  }
}

void FieldPlan::CheckSize(const Place& place, Report& report) const {
  const auto size = static_cast<uint64_t>(place.size());
  const absl::string_view unit = key.has_value() ? "组" : "项";
  if (min_size.has_value() && size < *min_size)
    report.Violate(place, absl::StrCat("至少 ", *min_size, " ", unit));
  if (max_size.has_value() && size > *max_size)
    report.Violate(place, absl::StrCat("最多 ", *max_size, " ", unit));
  if (unique && !HasDistinctItems(place)) report.Violate(place, "各项不得重复");
}

void FieldPlan::CheckList(Place& place, Strictness strictness, Report& report) const {
  if (!value.checks()) return;
  const int size = place.size();
  for (place.index = 0; place.index < size && !report.full(); ++place.index)
    value.Check(place, strictness, report);
  place.index = -1;
}

// Reflection shows a map as the list of its entries; making that list is the one thing here that
// allocates.
void FieldPlan::CheckMap(const Place& place, Strictness strictness, Report& report) const {
  if (!value.checks() && !key->checks()) return;
  const int size = place.size();
  Place entry_place = place;
  for (entry_place.index = 0; entry_place.index < size && !report.full(); ++entry_place.index) {
    const Message& entry = entry_place.submessage();
    if (key->checks())
      key->Check({&entry, field->message_type()->map_key(), -1, &place}, strictness, report);
    if (value.checks())
      value.Check({&entry, field->message_type()->map_value(), -1, &place}, strictness, report);
  }
}

void MessagePlan::Check(const Message& message, const Place* above, Strictness strictness,
                        Report& report) const {
  for (const FieldPlan& field : fields_) {
    if (report.full()) return;
    if (field.field == resource_ && strictness == Strictness::kRules && IsSet(message, resource_)) {
      const Place place{&message, resource_, -1, above};
      field.value.nested->CheckResource(place, message.GetReflection()->GetMessage(message, mask_),
                                        report);
    } else {
      field.Check(message, above, strictness, report);
    }
  }
  if (strictness == Strictness::kRules) CheckOneofs(message, above, report);
}

void MessagePlan::CheckOneofs(const Message& message, const Place* above, Report& report) const {
  for (const MessageOneof& oneof : oneofs_) {
    int set = 0;
    for (const FieldDescriptor* field : oneof.fields) set += IsSet(message, field) ? 1 : 0;
    if (set <= 1 && (set == 1 || !oneof.required)) continue;
    const absl::string_view wanted = set > 1 ? "只能填写其中一项：" : "须填写其中一项：";
    const std::string names = FieldNames(oneof.fields);
    if (above != nullptr) {
      report.Violate(*above, absl::StrCat(wanted, names));
    } else {
      report.ViolateBelow(nullptr, oneof.fields.front()->name(), absl::StrCat(wanted, names));
    }
  }
  for (const OneofDescriptor* oneof : required_oneofs_) {
    if (message.GetReflection()->HasOneof(message, oneof)) continue;
    std::vector<const FieldDescriptor*> fields;
    for (int i = 0; i < oneof->field_count(); ++i) fields.push_back(oneof->field(i));
    report.ViolateBelow(above, oneof->name(), absl::StrCat("须填写其中一项：", FieldNames(fields)));
  }
}

void MessagePlan::CheckResource(const Place& place, const Message& mask, Report& report) const {
  const Message& resource = place.submessage();
  const PathList paths = PathsOf(mask);
  const bool is_implied = paths.empty();
  const bool is_all = paths.size() == 1 && paths.front() == "*";
  CheckName(place, report);
  for (const FieldPlan& field : fields_) {
    if (report.full()) return;
    const bool is_set = IsSet(resource, field.field);
    const bool is_asked =
        is_all ||
        (is_set && (is_implied || field.field->name() == "name" || field.field->name() == "etag"));
    if (field.field->name() == "name" && !is_set) continue;
    if (is_asked) {
      field.Check(resource, &place, Strictness::kRules, report);
    } else {
      CheckField(field, resource, &place, paths, report);
    }
  }
  if (is_all) CheckOneofs(resource, &place, report);
}

void MessagePlan::CheckName(const Place& resource, Report& report) const {
  const Message& message = resource.submessage();
  std::string scratch;
  const std::string& name = message.GetReflection()->GetStringReference(
      message, type_->FindFieldByName("name"), &scratch);
  if (name.empty()) {
    report.ViolateBelow(&resource, "name", kRequired);
  } else if (name_pattern_ != nullptr && !RE2::FullMatch(name, *name_pattern_)) {
    report.ViolateBelow(&resource, "name", name_wanted_);
  }
}

void MessagePlan::CheckMasked(const Message& message, const Place* above, Paths paths,
                              Report& report) const {
  for (const FieldPlan& field : fields_) {
    if (report.full()) return;
    CheckField(field, message, above, paths, report);
  }
}

void MessagePlan::CheckField(const FieldPlan& field, const Message& message, const Place* above,
                             Paths paths, Report& report) {
  PathList below;
  for (absl::string_view path : paths) {
    if (!absl::ConsumePrefix(&path, field.field->name())) continue;
    if (path.empty()) return field.Check(message, above, Strictness::kRules, report);
    if (absl::ConsumePrefix(&path, ".")) below.push_back(path);
  }
  if (below.empty() || field.value.nested == nullptr || field.field->is_repeated() ||
      !IsSet(message, field.field)) {
    return field.Check(message, above, Strictness::kSafe, report);
  }
  const Place place{&message, field.field, -1, above};
  field.value.nested->CheckMasked(place.submessage(), &place, below, report);
}

void MessagePlan::ClearOutputOnly(Message& message) const {
  if (!clears) return;
  const Reflection& reflection = *message.GetReflection();
  for (const Clearing& clearing : clearings_) {
    if (clearing.nested == nullptr) {
      reflection.ClearField(&message, clearing.field);
    } else if (!clearing.field->is_repeated()) {
      if (reflection.HasField(message, clearing.field)) {
        clearing.nested->ClearOutputOnly(*reflection.MutableMessage(&message, clearing.field));
      }
    } else {
      for (int i = 0; i < reflection.FieldSize(message, clearing.field); ++i) {
        Message* item = reflection.MutableRepeatedMessage(&message, clearing.field, i);
        if (clearing.field->is_map()) {
          item = item->GetReflection()->MutableMessage(item, item->GetDescriptor()->map_value());
        }
        clearing.nested->ClearOutputOnly(*item);
      }
    }
  }
}

}  // namespace pingan::rpc
