// Commands of tenants that are no town: accounts, logins, what is limited. They have no request_id
// of their own, because the replay of a sign-in is another sign-in; what must hold under repetition
// is in their rules.
#ifndef PINGAN_SERVICES_DIRECTORY_ACCOUNT_WRITER_H_
#define PINGAN_SERVICES_DIRECTORY_ACCOUNT_WRITER_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/task.h"
#include "common/db/command.h"
#include "common/db/town_writer.h"
#include "common/rpc/caller.h"
#include "common/service/commands.h"

namespace pingan::directory {

// A rule alone, without replay protection.
class RuleCommand final : public db::Command {
 public:
  using Rule = std::function<absl::Status(db::UnitOfWork&)>;

  explicit RuleCommand(Rule rule) : rule_(std::move(rule)) {}

  absl::Status Decide(db::UnitOfWork& work) override { return rule_(work); }
  std::string Hash() const override { return ""; }
  std::string SerializeAnswer() const override { return ""; }
  bool ParseAnswer(absl::string_view) override { return false; }

 private:
  const Rule rule_;
};

class AccountWriter {
 public:
  // The writer outlives this.
  explicit AccountWriter(db::TownWriter& writer) : writer_(writer) {}

  base::Task<absl::Status> Run(const rpc::Call& call, std::string tenant, RuleCommand::Rule rule) {
    RuleCommand command(std::move(rule));
    command.tenant = std::move(tenant);
    command.actor = call.caller.actor();
    command.method = std::string(call.method);
    command.patience = service::PatienceOf(call);
    co_return co_await writer_.Run(static_cast<db::Command&>(command));
  }

  // The same for a rule that answers; what may be run several times answers as it did last.
  template <class Answer>
  base::Task<absl::StatusOr<Answer>> Ask(
      const rpc::Call& call, std::string tenant,
      std::function<absl::StatusOr<Answer>(db::UnitOfWork&)> rule) {
    Answer answer{};
    const absl::Status status = co_await Run(
        call, std::move(tenant), [&rule, &answer](db::UnitOfWork& work) -> absl::Status {
          absl::StatusOr<Answer> decided = rule(work);
          if (!decided.ok()) return decided.status();
          answer = *std::move(decided);
          return absl::OkStatus();
        });
    if (!status.ok()) co_return status;
    co_return answer;
  }

 private:
  db::TownWriter& writer_;
};

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_ACCOUNT_WRITER_H_
