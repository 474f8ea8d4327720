// What a method says about itself (proto/pingan/options/v1/options.proto), checked at start.
#ifndef PINGAN_COMMON_RPC_POLICY_H_
#define PINGAN_COMMON_RPC_POLICY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "pingan/options/v1/options.pb.h"

namespace pingan::rpc {

// Whether `name` can name a service: `event`, 1 to 32 of a-z, 0-9 and hyphen, a letter first.
bool IsServiceName(absl::string_view name);

struct Policy {
  options::v1::Access access;
  std::vector<std::string> services;  // subjects of tokens: `services/event`; sorted
  bool secret_answer;
  absl::Duration deadline;

  // Whether the service with this token subject may call.
  bool Admits(absl::string_view service) const;
};

// FAILED_PRECONDITION, naming the method, when it has no policy or one that says nothing or
// contradicts itself: no access, services only but none named, a service that is no service's name
// or named twice, a deadline below 0 or above 10 min.
absl::StatusOr<Policy> PolicyOf(const google::protobuf::MethodDescriptor* method);

// Where a request type names what it is about: its field `name`, else `parent`, else
// `<resource>.name` of an update.
class NamePath {
 public:
  // A type without any of them has an empty path. The descriptor must outlive this.
  explicit NamePath(const google::protobuf::Descriptor* request);

  bool empty() const { return name_ == nullptr; }
  // The name in `request` (of the constructor's type), "" when absent. Points into the request.
  absl::string_view In(const google::protobuf::Message& request) const;

 private:
  const google::protobuf::FieldDescriptor* resource_ =
      nullptr;  // null: the name is in the request itself
  const google::protobuf::FieldDescriptor* name_ = nullptr;
};

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_POLICY_H_
