#include "tests/fuzz/api_types.h"

#include <set>

#include "common/rpc/update_mask.h"
#include "pingan/changes/v1/changes.pb.h"
#include "pingan/directory/v1/auth.pb.h"
#include "pingan/directory/v1/directory.pb.h"
#include "pingan/directory/v1/people.pb.h"
#include "pingan/event/v1/event.pb.h"
#include "pingan/exchange/v1/exchange.pb.h"
#include "pingan/pairing/v1/pairing.pb.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::fuzz {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FileDescriptor;
using ::google::protobuf::ServiceDescriptor;

DescriptorList ReadRequestTypes() {
  DescriptorList types;
  std::set<const Descriptor*> seen;
  for (const FileDescriptor* file :
       {changes::v1::WatchRequest::descriptor()->file(),
        directory::v1::SignInRequest::descriptor()->file(),
        directory::v1::Unit::descriptor()->file(), directory::v1::Person::descriptor()->file(),
        event::v1::Event::descriptor()->file(), exchange::v1::Listing::descriptor()->file(),
        pairing::v1::Pairing::descriptor()->file(), volunteer::v1::Roster::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      const ServiceDescriptor* service = file->service(i);
      for (int j = 0; j < service->method_count(); ++j) {
        const Descriptor* type = service->method(j)->input_type();
        if (seen.insert(type).second) types.push_back(type);
      }
    }
  }
  return types;
}

}  // namespace

const DescriptorList& RequestTypes() {
  static const auto& types = *new DescriptorList(ReadRequestTypes());
  return types;
}

const DescriptorList& UpdateRequestTypes() {
  static const auto& types = *new DescriptorList([] {
    DescriptorList updates;
    for (const Descriptor* type : RequestTypes()) {
      if (rpc::UpdatedResource(type) != nullptr) updates.push_back(type);
    }
    return updates;
  }());
  return types;
}

}  // namespace pingan::fuzz
