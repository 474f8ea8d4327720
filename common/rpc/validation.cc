#include "common/rpc/validation.h"

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/rpc/validation_plan.h"

namespace pingan::rpc {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FileDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::ServiceDescriptor;

// The plans of the process; never destroyed, as validators point into it.
class Plans {
 public:
  static Plans& OfProcess() {
    static Plans* plans = new Plans();
    return *plans;
  }

  absl::StatusOr<const MessagePlan*> Get(const Descriptor* type) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return Planner(plans_).Plan(type);
  }

 private:
  absl::Mutex mutex_;
  MessagePlans plans_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<Validator> Validator::For(const Descriptor* type) {
  ASSIGN_OR_RETURN(const MessagePlan* plan, Plans::OfProcess().Get(type));
  return Validator(plan);
}

absl::Status Validator::Check(const Message& message) const {
  if (!plan_->checks) return absl::OkStatus();
  Report report(kMaxViolations);
  plan_->Check(message, nullptr, Strictness::kRules, report);
  return std::move(report).ToStatus();
}

void Validator::ClearOutputOnly(Message& message) const { plan_->ClearOutputOnly(message); }

absl::Status CompileAll(const ServiceDescriptor* service) {
  for (int i = 0; i < service->method_count(); ++i) {
    RETURN_IF_ERROR(Validator::For(service->method(i)->input_type()).status());
  }
  return absl::OkStatus();
}

absl::Status CompileAll(const FileDescriptor* file) {
  for (int i = 0; i < file->message_type_count(); ++i) {
    RETURN_IF_ERROR(Validator::For(file->message_type(i)).status());
  }
  return absl::OkStatus();
}

}  // namespace pingan::rpc
