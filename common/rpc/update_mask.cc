#include "common/rpc/update_mask.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/text.h"
#include "common/rpc/field_behavior.h"
#include "common/rpc/validation_rules.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/message_differencer.h"

namespace pingan::rpc {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FieldMask;
using ::google::protobuf::Message;
using ::google::protobuf::util::FieldMaskUtil;
using ::google::protobuf::util::MessageDifferencer;

constexpr int kMaxPaths = 100;
constexpr size_t kMaxShownBytes = 100;

bool IsFixed(const FieldDescriptor* field) {
  return Behaves(field, google::api::IMMUTABLE) || Behaves(field, google::api::IDENTIFIER);
}

// A message whose fields can be named one by one.
bool IsOpen(const FieldDescriptor* field) {
  return !field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         !IsMoment(field->message_type());
}

bool IsPopulated(const Message& message, const FieldDescriptor* field) {
  const auto& reflection = *message.GetReflection();
  return field->is_repeated() ? reflection.FieldSize(message, field) > 0
                              : reflection.HasField(message, field);
}

FieldMask MaskOf(const std::string& path) {
  FieldMask mask;
  mask.add_paths(path);
  return mask;
}

FieldMaskUtil::MergeOptions ReplaceAll() {
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  return options;
}

// Works out which paths to copy, and what to refuse.
class Update {
 public:
  Update(const Message& from, const Message& into, absl::Span<const absl::string_view> allowed)
      : from_(from), into_(into), allowed_(allowed) {}

  void AddAllPopulated() { AddFields("", from_.GetDescriptor(), from_, /*only_populated=*/true); }
  void AddAll() { AddFields("", from_.GetDescriptor(), from_, /*only_populated=*/false); }

  void AddNamed(const std::string& path) {
    const Descriptor* type = from_.GetDescriptor();
    const Message* from = &from_;
    const Message* into = &into_;
    bool holder_exists = true;  // on either side; else there is nothing to change or clear
    const FieldDescriptor* field = nullptr;
    for (absl::string_view segment : absl::StrSplit(path, '.')) {
      if (field != nullptr && !IsOpen(field)) return Refuse("没有这个字段：", path);
      if (field != nullptr) {
        holder_exists = holder_exists && (IsPopulated(*from, field) || IsPopulated(*into, field));
        from = &from->GetReflection()->GetMessage(*from, field);
        into = &into->GetReflection()->GetMessage(*into, field);
        type = field->message_type();
      }
      field = type->FindFieldByName(std::string(segment));
      if (field == nullptr) return Refuse("没有这个字段：", path);
      if (Behaves(field, google::api::OUTPUT_ONLY) || IsFixed(field))
        return Refuse("这个字段不能修改：", path);
    }
    if (path == "etag") return;
    if (path == "name" || !(IsAllowed(path) || IsAboveAllowed(path)))
      return Refuse("这个字段不能修改：", path);
    if (holder_exists) AddImplied(path, field, *from);
  }

  const FieldMask& copied() const { return copied_; }
  std::vector<base::FieldViolation> TakeViolations() && { return std::move(violations_); }

  void Refuse(absl::string_view why, absl::string_view path) {
    const bool is_plain = path.size() <= kMaxShownBytes && base::IsPlainText(path);
    violations_.push_back({"update_mask", absl::StrCat(why, is_plain ? std::string(path)
                                                                     : absl::CHexEscape(path.substr(
                                                                           0, kMaxShownBytes)))});
  }

 private:
  bool IsAllowed(absl::string_view path) const {
    return absl::c_any_of(allowed_, [&](absl::string_view allowed) {
      absl::string_view below = path;
      return absl::ConsumePrefix(&below, allowed) && (below.empty() || below.front() == '.');
    });
  }

  bool IsAboveAllowed(absl::string_view path) const {
    return absl::c_any_of(allowed_, [&](absl::string_view allowed) {
      return absl::ConsumePrefix(&allowed, path) && absl::StartsWith(allowed, ".");
    });
  }

  void AddFields(const std::string& prefix, const Descriptor* type, const Message& from,
                 bool only_populated) {
    for (int i = 0; i < type->field_count(); ++i) {
      if (only_populated && !IsPopulated(from, type->field(i))) continue;
      AddImplied(absl::StrCat(prefix, type->field(i)->name()), type->field(i), from);
    }
  }

  // `from` holds the field that `path` leads to.
  void AddImplied(const std::string& path, const FieldDescriptor* field, const Message& from) {
    if (path == "name" || path == "etag" || Behaves(field, google::api::OUTPUT_ONLY)) return;
    const bool is_above = !IsAllowed(path) && IsAboveAllowed(path);
    if (IsFixed(field) || (!IsAllowed(path) && !is_above)) {
      if (IsPopulated(from, field) && Differs(path)) Refuse("这个字段不能修改：", path);
    } else if (IsOpen(field) && (is_above || IsPopulated(from, field))) {
      AddFields(absl::StrCat(path, "."), field->message_type(),
                from.GetReflection()->GetMessage(from, field), false);
      // A message without fields in it is still there or not.
      if (!is_above && from.GetReflection()->GetMessage(from, field).ByteSizeLong() == 0)
        copied_.add_paths(path);
    } else {
      copied_.add_paths(path);
    }
  }

  bool Differs(const std::string& path) const {
    const std::unique_ptr<Message> mine(from_.New()), theirs(from_.New());
    FieldMaskUtil::MergeMessageTo(from_, MaskOf(path), ReplaceAll(), mine.get());
    FieldMaskUtil::MergeMessageTo(into_, MaskOf(path), ReplaceAll(), theirs.get());
    return !MessageDifferencer::Equals(*mine, *theirs);
  }

  const Message& from_;
  const Message& into_;
  const absl::Span<const absl::string_view> allowed_;
  FieldMask copied_;
  std::vector<base::FieldViolation> violations_;
};

}  // namespace

const FieldDescriptor* UpdateMaskField(const Descriptor* request) {
  const FieldDescriptor* field = request->FindFieldByName("update_mask");
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
    return nullptr;
  return field->message_type()->full_name() == "google.protobuf.FieldMask" ? field : nullptr;
}

const FieldDescriptor* UpdatedResource(const Descriptor* request) {
  if (UpdateMaskField(request) == nullptr) return nullptr;
  for (int i = 0; i < request->field_count(); ++i) {
    const FieldDescriptor* field = request->field(i);
    if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const FieldDescriptor* name = field->message_type()->FindFieldByName("name");
    if (name != nullptr && !name->is_repeated() && name->type() == FieldDescriptor::TYPE_STRING)
      return field;
  }
  return nullptr;
}

absl::Status ApplyUpdateMask(const FieldMask& mask, const Message& from, Message& into,
                             absl::Span<const absl::string_view> allowed) {
  if (mask.paths_size() > kMaxPaths)
    return base::RefuseField("update_mask", absl::StrCat("最多 ", kMaxPaths, " 项"));
  Update update(from, into, allowed);
  if (mask.paths().empty()) {
    update.AddAllPopulated();
  } else if (mask.paths_size() == 1 && mask.paths(0) == "*") {
    update.AddAll();
  } else {
    for (const std::string& path : mask.paths()) update.AddNamed(path);
  }
  const FieldMask copied = update.copied();
  std::vector<base::FieldViolation> violations = std::move(update).TakeViolations();
  if (!violations.empty()) return base::RefuseFields(std::move(violations));
  FieldMaskUtil::MergeMessageTo(from, copied, ReplaceAll(), &into);
  return absl::OkStatus();
}

}  // namespace pingan::rpc
