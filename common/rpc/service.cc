#include "common/rpc/service.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "common/obs/trace.h"
#include "common/rpc/grpc_status.h"

namespace pingan::rpc {
namespace {

using options::v1::ACCESS_OPEN;
using options::v1::ACCESS_SERVICES;

// Set by services only: the edge strips what clients send under these names.
constexpr char kServiceHeader[] = "x-pingan-service";
constexpr char kAccountHeader[] = "x-pingan-account";
constexpr char kPersonHeader[] = "x-pingan-person";
// The edge adds the address it sees at the end; what stands before it is the client's word.
constexpr char kAddressHeader[] = "x-forwarded-for";

absl::string_view Header(const grpc::CallbackServerContext& context, const char* name) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(name);
  return found == metadata.end() ? absl::string_view()
                                 : absl::string_view(found->second.data(), found->second.size());
}

// "10.0.0.1" of "198.51.100.7, 10.0.0.1".
absl::string_view LastEntry(absl::string_view list) {
  const size_t comma = list.rfind(',');
  return absl::StripAsciiWhitespace(comma == absl::string_view::npos ? list
                                                                     : list.substr(comma + 1));
}

// At its deadline a caller is gone: what we have to say must be said before.
absl::Time JustBefore(absl::Time deadline) {
  return deadline - std::min(absl::Milliseconds(100), (deadline - absl::Now()) / 10);
}

absl::string_view BearerToken(const grpc::CallbackServerContext& context) {
  absl::string_view header = Header(context, "authorization");
  if (!absl::ConsumePrefix(&header, "Bearer ") && !absl::ConsumePrefix(&header, "bearer "))
    return "";
  return header;
}

}  // namespace

absl::Status Adapter::IdentifyUser(const grpc::CallbackServerContext& context, Caller& caller) {
  const absl::string_view token = BearerToken(context);
  if (token.empty()) {
    return Header(context, "authorization").empty() ? absl::OkStatus()
                                                    : base::Refuse(errors::v1::TOKEN_REJECTED);
  }
  ASSIGN_OR_RETURN(const auto user, users_.Verify(token, clock_.Now()));
  caller.account = user->account;
  caller.person = user->person;
  return absl::OkStatus();
}

absl::Status Adapter::IdentifyService(const grpc::CallbackServerContext& context, Caller& caller) {
  if (services_ == nullptr) return base::Refuse(errors::v1::TOKEN_REJECTED);
  ASSIGN_OR_RETURN(const auto service, services_->Verify(BearerToken(context), clock_.Now()));
  caller.service = service->service;
  caller.account = std::string(Header(context, kAccountHeader));
  caller.person = std::string(Header(context, kPersonHeader));
  return absl::OkStatus();
}

void Adapter::Begin(const grpc::CallbackServerContext& context, Call& call) {
  call.trace = obs::BeginSpan(Header(context, "traceparent"));
}

absl::Status Adapter::Identify(const Policy& policy, const grpc::CallbackServerContext& context,
                               Call& call) {
  call.caller.address = std::string(LastEntry(Header(context, kAddressHeader)));
  if (!Header(context, kServiceHeader).empty()) {
    RETURN_IF_ERROR(IdentifyService(context, call.caller));
    return policy.Admits(call.caller.service) ? absl::OkStatus()
                                              : base::Refuse(errors::v1::FORBIDDEN);
  }
  RETURN_IF_ERROR(IdentifyUser(context, call.caller));
  if (policy.access == ACCESS_SERVICES) return base::Refuse(errors::v1::FORBIDDEN);
  if (policy.access != ACCESS_OPEN && !call.caller.is_user())
    return base::Refuse(errors::v1::NOT_SIGNED_IN);
  return absl::OkStatus();
}

absl::Status Adapter::Admit(const Method& method, const grpc::CallbackServerContext& context,
                            google::protobuf::Message& request, Call& call) {
  RETURN_IF_ERROR(Identify(method.policy, context, call));
  method.validator.ClearOutputOnly(request);
  RETURN_IF_ERROR(method.validator.Check(request));
  call.deadline = std::min(JustBefore(absl::FromChrono(context.deadline())),
                           absl::Now() + method.policy.deadline);
  return absl::OkStatus();
}

grpc::Status Adapter::Conclude(Method& method, grpc::CallbackServerContext& context,
                               const Call& call, absl::Time started, const absl::Status& status) {
  const absl::Duration took = absl::Now() - started;
  const grpc::Status answer = status.ok() ? grpc::Status::OK : ToGrpcStatus(status);
  if (!status.ok()) {
    if (const std::optional<int> seconds = RetryAfterSeconds(status); seconds.has_value()) {
      context.AddTrailingMetadata("retry-after", absl::StrCat(*seconds));
    }
  }
  method.metrics.Ended(answer.error_code(), took);
  const std::string reason = status.ok() ? std::string() : base::ReasonOf(status);
  obs::LogLine line(answer.error_code() == grpc::INTERNAL || answer.error_code() == grpc::UNKNOWN
                        ? obs::Severity::kWarning
                        : obs::Severity::kInfo);
  line.Str("method", call.method).Int("code", answer.error_code()).Micros("duration_us", took);
  if (!reason.empty()) line.Str("reason", reason);
  // A status without a reason is a defect of ours: its words stay in the log.
  if (!status.ok() && reason.empty()) line.Str("error", status.message());
  if (!call.caller.person.empty()) {
    line.Str("caller", call.caller.person);
  } else if (!call.caller.account.empty()) {
    line.Str("caller", call.caller.account);
  }
  if (!call.caller.service.empty()) line.Str("service", call.caller.service);
  line.Trace(call.trace).Emit();
  return answer;
}

Service::Service(absl::string_view full_name, Adapter& adapter)
    : descriptor_(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          std::string(full_name))),
      adapter_(adapter) {
  if (descriptor_ == nullptr)
    error_ = absl::FailedPreconditionError(absl::StrCat("no proto has ", full_name));
}

absl::StatusOr<std::unique_ptr<Method>> Service::Resolve(
    absl::string_view name, const google::protobuf::Descriptor* request,
    const google::protobuf::Descriptor* response) const {
  const google::protobuf::MethodDescriptor* method =
      descriptor_->FindMethodByName(std::string(name));
  if (method == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(descriptor_->full_name(), " has no method ", name));
  }
  if (method->input_type() != request || method->output_type() != response) {
    return absl::FailedPreconditionError(
        absl::StrCat(method->full_name(), " is bound with other messages"));
  }
  ASSIGN_OR_RETURN(Policy policy, PolicyOf(method));
  ASSIGN_OR_RETURN(Validator validator, Validator::For(request));
  return std::make_unique<Method>(
      Method{method, std::move(policy), validator,
             obs::MethodMetrics(absl::StrCat(descriptor_->full_name(), "/", method->name()))});
}

Method* Service::Bind(absl::string_view name, const google::protobuf::Descriptor* request,
                      const google::protobuf::Descriptor* response,
                      grpc::internal::RpcMethod::RpcType type,
                      grpc::internal::MethodHandler* handler) {
  if (descriptor_ == nullptr) {
    delete handler;
    return nullptr;
  }
  absl::StatusOr<std::unique_ptr<Method>> method = Resolve(name, request, response);
  if (!method.ok() || methods_.contains(name)) {
    error_.Update(method.ok() ? absl::FailedPreconditionError(absl::StrCat(name, " is bound twice"))
                              : method.status());
    delete handler;
    return nullptr;
  }
  // gRPC keeps a pointer to the path it is given.
  paths_.reserve(descriptor_->method_count());
  paths_.push_back(absl::StrCat("/", descriptor_->full_name(), "/", name));
  AddMethod(new grpc::internal::RpcServiceMethod(paths_.back().c_str(), type, nullptr));
  MarkMethodCallback(static_cast<int>(methods_.size()), handler);
  return methods_.emplace(name, *std::move(method)).first->second.get();
}

absl::Status Service::Complete() const {
  RETURN_IF_ERROR(error_);
  for (int i = 0; i < descriptor_->method_count(); ++i) {
    if (!methods_.contains(descriptor_->method(i)->name())) {
      return absl::FailedPreconditionError(
          absl::StrCat(descriptor_->method(i)->full_name(), " has no handler"));
    }
  }
  return absl::OkStatus();
}

}  // namespace pingan::rpc
