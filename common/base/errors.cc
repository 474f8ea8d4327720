#include "common/base/errors.h"

#include <map>
#include <optional>
#include <unordered_map>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/rpc/error_details.pb.h"
#include "pingan/options/v1/options.pb.h"

namespace pingan::base {
namespace {

namespace rpc = google::rpc;

constexpr char kPayload[] = "pingan/status";
constexpr char kLocale[] = "zh-CN";

struct ReasonText {
  std::string name;
  int code;
  std::string zh;
};

const ReasonText& TextOf(errors::v1::Reason reason) {
  static const auto* const kTexts = [] {
    auto* built = new std::unordered_map<int, ReasonText>;
    const auto* reasons = errors::v1::Reason_descriptor();
    for (int i = 0; i < reasons->value_count(); ++i) {
      const auto* value = reasons->value(i);
      built->emplace(value->number(),
                     ReasonText{value->name(), value->options().GetExtension(options::v1::code),
                                value->options().GetExtension(options::v1::zh)});
    }
    return built;
  }();
  const auto found = kTexts->find(reason);
  return found != kTexts->end() ? found->second : kTexts->at(errors::v1::INTERNAL);
}

using MetadataMap = google::protobuf::Map<std::string, std::string>;

absl::string_view WordFor(const MetadataMap& metadata, absl::string_view key) {
  for (const std::string& candidate : {absl::StrCat(key, "_zh"), std::string(key)}) {
    const auto found = metadata.find(candidate);
    if (found != metadata.end()) return found->second;
  }
  return "";
}

std::string FillIn(absl::string_view pattern, const MetadataMap& metadata) {
  std::string text;
  while (true) {
    const size_t open = pattern.find('{');
    const size_t close = pattern.find('}', open == pattern.npos ? 0 : open);
    if (open == pattern.npos || close == pattern.npos) break;
    absl::StrAppend(&text, pattern.substr(0, open),
                    WordFor(metadata, pattern.substr(open + 1, close - open - 1)));
    pattern.remove_prefix(close + 1);
  }
  absl::StrAppend(&text, pattern);
  return text;
}

rpc::ErrorInfo InfoOf(const ReasonText& text, const Metadata& metadata) {
  rpc::ErrorInfo info;
  info.set_reason(text.name);
  info.set_domain(kErrorDomain);
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  return info;
}

// The parts every refusal has. `shown_zh` replaces the reason's own text when it is not empty.
rpc::Status MakeStatus(const ReasonText& text, const Metadata& metadata,
                       absl::string_view shown_zh = "") {
  const rpc::ErrorInfo info = InfoOf(text, metadata);
  rpc::LocalizedMessage shown;
  shown.set_locale(kLocale);
  shown.set_message(shown_zh.empty() ? FillIn(text.zh, info.metadata()) : std::string(shown_zh));
  rpc::Status status;
  status.set_code(text.code);
  status.set_message(text.name);
  status.add_details()->PackFrom(info);
  status.add_details()->PackFrom(shown);
  return status;
}

absl::Status WithPayload(const rpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.code()), status.message());
  result.SetPayload(kPayload, absl::Cord(status.SerializeAsString()));
  return result;
}

absl::Status RefuseViolations(const ReasonText& text,
                              const std::vector<FieldViolation>& violations) {
  rpc::BadRequest bad;
  for (const FieldViolation& violation : violations) {
    auto* added = bad.add_field_violations();
    added->set_field(violation.field);
    added->set_description(violation.description_zh);
  }
  const auto field = [](std::string* out, const FieldViolation& v) { out->append(v.field); };
  const auto description = [](std::string* out, const FieldViolation& v) {
    out->append(v.description_zh);
  };
  const std::string fields = absl::StrJoin(violations, ",", field);
  rpc::Status status =
      MakeStatus(text, {{"field", fields}}, absl::StrJoin(violations, "；", description));
  status.set_message(absl::StrCat(text.name, ": ", fields));
  status.add_details()->PackFrom(bad);
  return WithPayload(status);
}

std::optional<rpc::Status> StatusOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  rpc::Status parsed;
  if (!payload.has_value() || !parsed.ParseFromString(std::string(*payload))) return std::nullopt;
  return parsed;
}

std::string ReasonOf(const rpc::Status& status) {
  rpc::ErrorInfo info;
  for (const auto& detail : status.details()) {
    if (detail.UnpackTo(&info) && info.domain() == kErrorDomain) return info.reason();
  }
  return "";
}

errors::v1::Reason NeutralReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled:
      return errors::v1::CANCELLED;
    case absl::StatusCode::kDeadlineExceeded:
      return errors::v1::DEADLINE_EXCEEDED;
    case absl::StatusCode::kUnavailable:
      return errors::v1::UNAVAILABLE;
    default:
      return errors::v1::INTERNAL;
  }
}

}  // namespace

absl::Status Refuse(errors::v1::Reason reason, const Metadata& metadata) {
  return WithPayload(MakeStatus(TextOf(reason), metadata));
}

absl::Status RefuseField(absl::string_view field, absl::string_view description_zh,
                         errors::v1::Reason reason) {
  return RefuseViolations(TextOf(reason), {{std::string(field), std::string(description_zh)}});
}

absl::Status RefuseFields(std::vector<FieldViolation> violations) {
  return RefuseViolations(TextOf(errors::v1::INVALID_FIELD), violations);
}

absl::Status RefuseFor(absl::Duration retry_after, errors::v1::Reason reason,
                       const Metadata& metadata) {
  rpc::Status status = MakeStatus(TextOf(reason), metadata);
  rpc::RetryInfo retry;
  absl::Duration rest;
  retry.mutable_retry_delay()->set_seconds(
      absl::IDivDuration(retry_after, absl::Seconds(1), &rest));
  retry.mutable_retry_delay()->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(rest)));
  status.add_details()->PackFrom(retry);
  return WithPayload(status);
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  if (status.ok()) return {};
  if (std::optional<rpc::Status> refusal = StatusOf(status)) return *std::move(refusal);
  return MakeStatus(TextOf(NeutralReason(status.code())), {});
}

std::string ReasonOf(const absl::Status& status) {
  const std::optional<rpc::Status> refusal = StatusOf(status);
  return refusal ? ReasonOf(*refusal) : "";
}

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  if (status.code() == 0) return absl::OkStatus();
  if (!ReasonOf(status).empty()) return WithPayload(status);
  return absl::Status(static_cast<absl::StatusCode>(status.code()), status.message());
}

}  // namespace pingan::base
