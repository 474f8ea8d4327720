#include "common/service/commands.h"

#include "google/protobuf/descriptor.h"

namespace pingan::service {

std::string RequestIdOf(const google::protobuf::Message& request) {
  const google::protobuf::FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName("request_id");
  return field == nullptr ? std::string() : request.GetReflection()->GetString(request, field);
}

}  // namespace pingan::service
