// Where a value stands in a request, and what was found wrong. Internal to validation.
#ifndef PINGAN_COMMON_RPC_VALIDATION_REPORT_H_
#define PINGAN_COMMON_RPC_VALIDATION_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace pingan::rpc {

// One value: a field of a message, an item of a repeated field, or the key or value of a map's
// entry. Places live on the stack and point to the place that contains them, so a path costs
// nothing until somebody asks for it.
struct Place {
  const google::protobuf::Message* message;
  const google::protobuf::FieldDescriptor* field;
  int index = -1;  // of an item; -1 for a singular field, or all of a repeated one
  const Place* above = nullptr;

  bool is_set() const { return message->GetReflection()->HasField(*message, field); }
  int size() const { return message->GetReflection()->FieldSize(*message, field); }
  const google::protobuf::Message& submessage() const {
    const google::protobuf::Reflection& reflection = *message->GetReflection();
    return index < 0 ? reflection.GetMessage(*message, field)
                     : reflection.GetRepeatedMessage(*message, field, index);
  }

  // "event.organisers[1]", "labels[\"k\"]". Keys are cut at 64 bytes, and escaped when they are not
  // plain text.
  std::string Path() const;
};

// How much is asked of a value.
enum class Strictness {
  kSafe,   // only that it can be stored and logged: UTF-8, enum numbers, moments
  kRules,  // also the rules of its proto
};

class Report {
 public:
  explicit Report(size_t limit) : limit_(limit) {}

  bool full() const { return violations_.size() >= limit_; }
  void Violate(const Place& place, absl::string_view wanted) { Add(place.Path(), wanted); }
  // For what is said of a message as a whole or of a oneof in it: `name` below `above`, which may
  // be null.
  void ViolateBelow(const Place* above, absl::string_view name, absl::string_view wanted);

  // OK when nothing was found.
  absl::Status ToStatus() &&;

 private:
  void Add(std::string path, absl::string_view wanted);

  const size_t limit_;
  std::vector<base::FieldViolation> violations_;
};

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_VALIDATION_REPORT_H_
