// Refusals: how pingan says no.
//
// A refusal is an absl::Status made here. Its code and its Chinese text are the options `code` and
// `zh` of the value of pingan.errors.v1.Reason, so the proto is the only list of reasons. It
// carries one payload, a serialized google.rpc.Status whose details are
//   ErrorInfo         reason, domain "pingan", metadata: for programs
//   BadRequest        one violation per bad field, when fields are at fault
//   LocalizedMessage  zh-CN, fit to show to a resident
//   RetryInfo         when trying again later makes sense
// Metadata values reach the caller: never put personal data, SQL or another system's text into
// them. All functions are thread safe and keep nothing.
#ifndef PINGAN_COMMON_BASE_ERRORS_H_
#define PINGAN_COMMON_BASE_ERRORS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"
#include "pingan/errors/v1/reason.pb.h"

namespace pingan::base {

// Key and value of ErrorInfo.metadata. A later entry of the same key wins.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// One bad field of a request: its path as in the JSON of the proto ("event.title") and what is
// wrong, in zh-CN.
struct FieldViolation {
  std::string field;
  std::string description_zh;
};

inline constexpr char kErrorDomain[] = "pingan";

// A refusal for `reason`. Each `{key}` in the reason's text becomes the metadata `key_zh` if it is
// there, else `key`, else nothing: so metadata can hold a machine's name under `state` and a
// person's word for it under `state_zh`.
absl::Status Refuse(errors::v1::Reason reason, const Metadata& metadata = {});

// A refusal that names one field. The text shown is `description_zh` itself; metadata `field` names
// the field.
absl::Status RefuseField(absl::string_view field, absl::string_view description_zh,
                         errors::v1::Reason reason = errors::v1::INVALID_FIELD);

// A refusal (INVALID_FIELD) that names all `violations`, of which there is at least one. The text
// shown joins their descriptions.
absl::Status RefuseFields(std::vector<FieldViolation> violations);

// A refusal that ends by itself: worth trying again after `retry_after`.
absl::Status RefuseFor(absl::Duration retry_after, errors::v1::Reason reason,
                       const Metadata& metadata = {});

// What goes on the wire. A refusal is passed as it is. Of any other status nothing but the kind
// leaves the process: a cancellation, an elapsed deadline and an unavailable peer keep their code
// with the reason of that name, all else is INTERNAL. OK gives an empty Status of code 0.
google::rpc::Status ToRpcStatus(const absl::Status& status);

// The reason of a refusal ("NOT_FOUND"), also of one that a peer made and FromRpcStatus read; ""
// for any other status.
std::string ReasonOf(const absl::Status& status);

// The status of a peer's answer: a refusal again if its details carry our ErrorInfo, else a bare
// status of its code.
absl::Status FromRpcStatus(const google::rpc::Status& status);

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_ERRORS_H_
