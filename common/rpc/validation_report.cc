#include "common/rpc/validation_report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace pingan::rpc {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

constexpr size_t kMaxKeyBytes = 64;

std::string QuoteKey(const std::string& key) {
  if (key.size() <= kMaxKeyBytes && base::IsPlainText(key)) return absl::StrCat("\"", key, "\"");
  return absl::StrCat("\"", absl::CHexEscape(key.substr(0, kMaxKeyBytes)), "\"");
}

std::string KeyOf(const Message& entry) {
  const Reflection& reflection = *entry.GetReflection();
  const FieldDescriptor* key = entry.GetDescriptor()->map_key();
  switch (key->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return QuoteKey(reflection.GetString(entry, key));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(entry, key) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(entry, key));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection.GetInt64(entry, key));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection.GetUInt32(entry, key));
    default:
      return absl::StrCat(reflection.GetUInt64(entry, key));
  }
}

}  // namespace

std::string Place::Path() const {
  if (field->containing_type()->options().map_entry()) {
    return absl::StrCat(above != nullptr ? above->Path() : "", "[", KeyOf(*message), "]");
  }
  std::string path = above != nullptr ? absl::StrCat(above->Path(), ".") : "";
  absl::StrAppend(&path, field->name());
  if (index >= 0) absl::StrAppend(&path, "[", index, "]");
  return path;
}

void Report::ViolateBelow(const Place* above, absl::string_view name, absl::string_view wanted) {
  Add(above != nullptr ? absl::StrCat(above->Path(), ".", name) : std::string(name), wanted);
}

void Report::Add(std::string path, absl::string_view wanted) {
  if (!full()) violations_.push_back({std::move(path), std::string(wanted)});
}

absl::Status Report::ToStatus() && {
  if (violations_.empty()) return absl::OkStatus();
  return base::RefuseFields(std::move(violations_));
}

}  // namespace pingan::rpc
