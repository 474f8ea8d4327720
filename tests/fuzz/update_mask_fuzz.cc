// Masks of updates: a refused one changes nothing, an accepted one only what it may.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/field_behavior.h"
#include "common/rpc/update_mask.h"
#include "google/protobuf/util/field_comparator.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/fuzz/api_types.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/property.h"
#include "tests/fuzz/random_message.h"

namespace pingan::fuzz {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FieldMask;
using ::google::protobuf::Message;
using ::google::protobuf::util::DefaultFieldComparator;
using ::google::protobuf::util::MessageDifferencer;

// Some fields of the resource: what the method lets its callers change.
std::vector<absl::string_view> SomeFields(const Descriptor* type, Choices& choices) {
  std::vector<absl::string_view> fields;
  for (int i = 0; i < type->field_count(); ++i) {
    if (choices.Chance(2, 3)) fields.push_back(type->field(i)->name());
  }
  return fields;
}

// Whether two resources are the same, in `fields` or, without any, in all of them.
bool AreSame(const Message& a, const Message& b, std::vector<const FieldDescriptor*> fields = {}) {
  DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  return fields.empty() ? differencer.Compare(a, b)
                        : differencer.CompareWithFields(a, b, fields, fields);
}

// What is not for this caller is as it was.
void RequireKept(const Message& before, const Message& after,
                 const std::vector<absl::string_view>& allowed, const std::string& shown) {
  const Descriptor* type = before.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const bool may_change =
        std::find(allowed.begin(), allowed.end(), field->name()) != allowed.end() &&
        field->name() != "name" && field->name() != "etag" &&
        !rpc::Behaves(field, google::api::OUTPUT_ONLY) &&
        !rpc::Behaves(field, google::api::IMMUTABLE);
    Require(may_change || AreSame(before, after, {field}),
            absl::StrCat(field->full_name(), " keeps its value"), shown);
  }
}

}  // namespace

void TryInput(absl::string_view input) {
  Choices choices(input);
  const Descriptor* type = UpdateRequestTypes()[choices.Below(UpdateRequestTypes().size())];
  const FieldDescriptor* resource = rpc::UpdatedResource(type);
  const std::vector<absl::string_view> allowed = SomeFields(resource->message_type(), choices);
  const auto half = choices.Bytes(choices.Below(256));
  Choices first(half);
  const std::unique_ptr<Message> into =
      RandomMessage(resource->message_type(), Wildness::kTame, first);
  const std::unique_ptr<Message> request = RandomMessage(type, Wildness::kTame, choices);
  const Message& from = request->GetReflection()->GetMessage(*request, resource);
  const auto& mask = static_cast<const FieldMask&>(
      request->GetReflection()->GetMessage(*request, rpc::UpdateMaskField(type)));
  const std::string shown =
      absl::StrCat(request->ShortDebugString(), "\n over \n", into->ShortDebugString());

  const std::unique_ptr<Message> before(into->New());
  before->CopyFrom(*into);
  const absl::Status status = rpc::ApplyUpdateMask(mask, from, *into, allowed);
  RequireKept(*before, *into, allowed, shown);
  if (!status.ok()) {
    RequireRefused(status, "INVALID_FIELD");
    return Require(AreSame(*before, *into), "a refusal changes nothing", shown);
  }
  const std::unique_ptr<Message> once(into->New());
  once->CopyFrom(*into);
  Require(rpc::ApplyUpdateMask(mask, from, *into, allowed).ok() && AreSame(*once, *into),
          "a second time changes nothing more", shown);
}

}  // namespace pingan::fuzz
