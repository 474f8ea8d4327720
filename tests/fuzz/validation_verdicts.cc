// Random requests and what our validation says of them, for tests/fuzz/differential:
//
//   validation_verdicts <seed> <count>
//
// Each line is a JSON object: the `type`, the `message` in base64, the paths of its `violations`
// in order, whether that is `all` of them, and of an update the path of its `resource` and whether
// the mask is `*`.
#include <cstdio>
#include <memory>
#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "common/base/errors.h"
#include "common/rpc/update_mask.h"
#include "common/rpc/validation.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/rpc/error_details.pb.h"
#include "nlohmann/json.hpp"
#include "tests/fuzz/api_types.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/random_message.h"

namespace pingan::fuzz {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::nlohmann::json;

constexpr size_t kMostBytes = 2000;

std::string RandomBytes(std::mt19937_64& random) {
  std::string bytes(random() % kMostBytes, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

json ViolatedPaths(const absl::Status& status) {
  json paths = json::array();
  if (status.ok()) return paths;
  for (const auto& detail : base::ToRpcStatus(status).details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) paths.push_back(violation.field());
  }
  return paths;
}

// What is judged by a mask, and whether that is all of it.
void AddUpdate(const Message& request, json& verdict) {
  const FieldDescriptor* resource = rpc::UpdatedResource(request.GetDescriptor());
  if (resource == nullptr) return;
  const auto& mask = static_cast<const google::protobuf::FieldMask&>(
      request.GetReflection()->GetMessage(request, rpc::UpdateMaskField(request.GetDescriptor())));
  verdict["resource"] = resource->name();
  verdict["whole"] = mask.paths_size() == 1 && mask.paths(0) == "*";
}

json VerdictOn(const Descriptor* type, Choices& choices) {
  const std::unique_ptr<Message> message = RandomMessage(type, Wildness::kTame, choices);
  const rpc::Validator validator = *rpc::Validator::For(type);
  validator.ClearOutputOnly(*message);
  json verdict = {{"type", type->full_name()},
                  {"message", absl::Base64Escape(message->SerializeAsString())},
                  {"violations", ViolatedPaths(validator.Check(*message))}};
  verdict["all"] = verdict["violations"].size() < size_t{rpc::Validator::kMaxViolations};
  AddUpdate(*message, verdict);
  return verdict;
}

int Main(uint64_t seed, int count) {
  std::mt19937_64 random(seed);
  const DescriptorList& types = RequestTypes();
  for (int i = 0; i < count; ++i) {
    const std::string bytes = RandomBytes(random);
    Choices choices(bytes);
    std::puts(VerdictOn(types[i % types.size()], choices).dump().c_str());
  }
  return 0;
}

}  // namespace
}  // namespace pingan::fuzz

int main(int argc, char** argv) {
  uint64_t seed = 0;
  int count = 0;
  if (argc != 3 || !absl::SimpleAtoi(argv[1], &seed) || !absl::SimpleAtoi(argv[2], &count)) {
    std::fputs("usage: validation_verdicts <seed> <count>\n", stderr);
    return 2;
  }
  return pingan::fuzz::Main(seed, count);
}
