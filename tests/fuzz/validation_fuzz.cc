// Requests of all methods with anything in them: refused with fields that exist and words for
// people, and nothing of the caller's in the words.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/base/text.h"
#include "common/rpc/field_behavior.h"
#include "common/rpc/validation.h"
#include "google/rpc/error_details.pb.h"
#include "tests/fuzz/api_types.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/property.h"
#include "tests/fuzz/random_message.h"

namespace pingan::fuzz {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// Whether `path`, like `event.organisers[1]`, leads to a field or oneof. Keys of maps are not
// looked at: no request has a map whose keys hold dots or brackets that would matter here.
bool LeadsSomewhere(absl::string_view path, const Descriptor* type) {
  for (absl::string_view segment : absl::StrSplit(path, '.')) {
    if (type == nullptr) return false;
    const std::string name(segment.substr(0, segment.find('[')));
    const FieldDescriptor* field = type->FindFieldByName(name);
    if (field == nullptr) return type->FindOneofByName(name) != nullptr;
    type = field->message_type();
  }
  return true;
}

void RequireNamed(const absl::Status& status, const Message& message) {
  RequireRefused(status, "INVALID_FIELD");
  int violations = 0;
  const google::rpc::Status told = base::ToRpcStatus(status);
  for (const auto& detail : told.details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      ++violations;
      Require(LeadsSomewhere(violation.field(), message.GetDescriptor()), "a violation has a field",
              violation.field());
      Require(!violation.description().empty() && base::IsPlainText(violation.description()),
              "a violation has words", violation.field());
    }
  }
  Require(violations > 0 && violations <= rpc::Validator::kMaxViolations,
          "violations are named, not too many", message.ShortDebugString());
}

void RequireNothingOfOutput(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  const auto& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    Require(!rpc::Behaves(field, google::api::OUTPUT_ONLY),
            absl::StrCat(field->full_name(), " was cleared"));
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) RequireNothingOfOutput(reflection.GetMessage(message, field));
    for (int i = 0; field->is_repeated() && i < reflection.FieldSize(message, field); ++i)
      RequireNothingOfOutput(reflection.GetRepeatedMessage(message, field, i));
  }
}

std::map<const Descriptor*, rpc::Validator> CompileValidators() {
  std::map<const Descriptor*, rpc::Validator> validators;
  for (const Descriptor* type : RequestTypes())
    validators.emplace(type, *rpc::Validator::For(type));
  return validators;
}

}  // namespace

void TryInput(absl::string_view input) {
  static const auto& validators =
      *new std::map<const Descriptor*, rpc::Validator>(CompileValidators());
  Choices choices(input);
  const Descriptor* type = RequestTypes()[choices.Below(RequestTypes().size())];
  const rpc::Validator& validator = validators.at(type);
  const std::unique_ptr<Message> message = RandomMessage(type, Wildness::kWild, choices);
  if (const absl::Status status = validator.Check(*message); !status.ok())
    RequireNamed(status, *message);
  validator.ClearOutputOnly(*message);
  RequireNothingOfOutput(*message);
  if (const absl::Status status = validator.Check(*message); !status.ok())
    RequireNamed(status, *message);
}

}  // namespace pingan::fuzz
