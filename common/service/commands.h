// From a gRPC method to a rule: how every write of every service is wired.
//
//   commands.Bind("PublishEvent", DecidePublishEvent);
//
// The rule is the whole method: the adapter before it and the town's writer around it are the same
// for all.
#ifndef PINGAN_COMMON_SERVICE_COMMANDS_H_
#define PINGAN_COMMON_SERVICE_COMMANDS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/task.h"
#include "common/db/command.h"
#include "common/db/town_writer.h"
#include "common/rpc/caller.h"
#include "common/rpc/policy.h"
#include "common/rpc/service.h"
#include "google/protobuf/message.h"

namespace pingan::service {

// A pure function from request, caller and rows to changed rows and the answer, or a named refusal.
template <class Request, class Answer>
using Rule = absl::StatusOr<Answer> (*)(const Request&, const rpc::Caller&, db::UnitOfWork&);

// What may be said of a method beside its rule.
template <class Request>
struct MethodOptions {
  // What the rule of a hot method asks for, known from the request alone: spares the dry run.
  std::vector<db::Want> (*wants)(const Request&, const rpc::Caller&) = nullptr;
  // For whom the caller acts, as the change log names it; "" for themselves.
  std::string (*principal)(const Request&, const rpc::Caller&) = nullptr;
};

// The call's deadline as the database engine understands it.
inline db::Patience PatienceOf(const rpc::Call& call) {
  return {.deadline = call.deadline, .abandoned = {}};
}

// The field `request_id`, "" where a message has none or it is not set.
std::string RequestIdOf(const google::protobuf::Message& request);

class Commands {
 public:
  // Both outlive this.
  Commands(rpc::Service& service, db::TownWriter& writer) : service_(service), writer_(writer) {}

  // One line of wiring: method `name` is `rule`. The tenant is the town that the request's name is
  // in.
  template <class Request, class Answer>
  void Bind(absl::string_view name, Rule<Request, Answer> rule,
            MethodOptions<Request> options = {}) {
    const rpc::NamePath path(Request::descriptor());
    service_.Handle<Request, Answer>(
        name, [this, path, rule, options](const rpc::Call& call, const Request& request) {
          return Run<Request, Answer>(call, std::string(db::TenantOf(path.In(request))), request,
                                      rule, options);
        });
  }

  // Runs a rule from inside a handler that has more to do before or after:
  //   co_await commands.Run<Request, Answer>(call, town, request, rule)
  // `call` and `request` must outlive the task.
  template <class Request, class Answer>
  base::Task<absl::StatusOr<Answer>> Run(
      const rpc::Call& call, std::string tenant, const Request& request,
      typename db::CommandOf<Request, rpc::Caller, Answer>::Rule rule,
      MethodOptions<Request> options = {}) {
    db::CommandOf<Request, rpc::Caller, Answer> command(std::move(rule), request, call.caller);
    command.tenant = std::move(tenant);
    command.actor = call.caller.actor();
    command.method = std::string(call.method);
    command.request_id = RequestIdOf(request);
    command.patience = PatienceOf(call);
    if (options.wants != nullptr) command.wants = options.wants(request, call.caller);
    if (options.principal != nullptr) command.principal = options.principal(request, call.caller);
    co_return co_await writer_.Run(command);
  }

  db::TownWriter& writer() { return writer_; }

 private:
  rpc::Service& service_;
  db::TownWriter& writer_;
};

}  // namespace pingan::service

#endif  // PINGAN_COMMON_SERVICE_COMMANDS_H_
