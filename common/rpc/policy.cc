#include "common/rpc/policy.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/rpc/update_mask.h"

namespace pingan::rpc {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::MethodDescriptor;
using ::pingan::options::v1::MethodPolicy;

constexpr size_t kMaxServiceName = 32;
constexpr absl::Duration kDefaultDeadline = absl::Seconds(10);
constexpr absl::Duration kMaxDeadline = absl::Minutes(10);

absl::Status Wrong(const MethodDescriptor* method, absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat(method->full_name(), ": ", what));
}

// A singular string field.
const FieldDescriptor* StringField(const Descriptor* type, const char* name) {
  const FieldDescriptor* field = type->FindFieldByName(name);
  return field != nullptr && !field->is_repeated() && field->type() == FieldDescriptor::TYPE_STRING
             ? field
             : nullptr;
}

}  // namespace

bool IsServiceName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxServiceName && absl::ascii_islower(name.front()) &&
         absl::c_all_of(name, [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

bool Policy::Admits(absl::string_view service) const {
  return std::binary_search(services.begin(), services.end(), service);
}

absl::StatusOr<Policy> PolicyOf(const MethodDescriptor* method) {
  if (!method->options().HasExtension(options::v1::policy)) return Wrong(method, "has no policy");
  const MethodPolicy& said = method->options().GetExtension(options::v1::policy);
  if (said.access() == options::v1::ACCESS_UNSPECIFIED ||
      !options::v1::Access_IsValid(said.access())) {
    return Wrong(method, "says not who may call");
  }
  if (said.access() == options::v1::ACCESS_SERVICES && said.services().empty()) {
    return Wrong(method, "is for services and names none");
  }
  Policy policy{said.access(), {}, said.secret_answer(), absl::Milliseconds(said.deadline_ms())};
  for (const std::string& service : said.services()) {
    if (!IsServiceName(service)) return Wrong(method, absl::StrCat("names a service ", service));
    policy.services.push_back(absl::StrCat("services/", service));
  }
  absl::c_sort(policy.services);
  if (absl::c_adjacent_find(policy.services) != policy.services.end())
    return Wrong(method, "names a service twice");
  if (policy.deadline == absl::ZeroDuration()) policy.deadline = kDefaultDeadline;
  if (policy.deadline < absl::ZeroDuration() || policy.deadline > kMaxDeadline) {
    return Wrong(method, absl::StrCat("has a deadline of ", said.deadline_ms(), " ms"));
  }
  return policy;
}

NamePath::NamePath(const Descriptor* request) {
  name_ = StringField(request, "name");
  if (name_ == nullptr) name_ = StringField(request, "parent");
  if (name_ != nullptr) return;
  resource_ = UpdatedResource(request);
  if (resource_ != nullptr) name_ = StringField(resource_->message_type(), "name");
}

absl::string_view NamePath::In(const Message& request) const {
  if (name_ == nullptr) return "";
  const Message& holder =
      resource_ == nullptr ? request : request.GetReflection()->GetMessage(request, resource_);
  // Generated and dynamic messages keep strings as std::string, so the reference never points to
  // the scratch.
  std::string scratch;
  return holder.GetReflection()->GetStringReference(holder, name_, &scratch);
}

}  // namespace pingan::rpc
