// Commands: every write is one. A command is a rule with its request, run by the town's writer
// inside a transaction that also holds its replay protection, its change rows and the tenant's
// place in the log.
#ifndef PINGAN_COMMON_DB_COMMAND_H_
#define PINGAN_COMMON_DB_COMMAND_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/table.h"
#include "common/db/unit_of_work.h"
#include "common/db/value.h"
#include "google/protobuf/message.h"

namespace pingan::db {

// How long a caller waits. The deadline is real time (absl::Now(), as transports count it), not
// that of the rules' clock. Past it, or once `abandoned` says so, work that has not reached the
// database is dropped.
struct Patience {
  absl::Time deadline = absl::InfiniteFuture();
  std::function<bool()> abandoned;  // may be empty; called on other threads, must be quick
};

// How full a queue of callers' work is.
struct QueueLoad {
  size_t waiting = 0;
  size_t limit = 0;  // past it, callers are told OVERLOADED
};

// A row or list that a rule will ask for, declared so that it is fetched with those of the other
// waiting commands at once. Wants only save time: what is not declared is found by running the rule
// dry, or fetched late.
struct Want {
  const Table* table = nullptr;
  const Query* query = nullptr;  // null for a row
  std::string name;              // of the row; for a list a tenant or a name of it
  int64_t limit = 0;
  std::vector<Value> values;
  bool from_now = false;  // of a command: the list's floor is its rule's now()

  template <class Row>
  static Want ForRow(const TableOf<Row>& table, absl::string_view name) {
    return {.table = &table, .name = std::string(name)};
  }
  template <class Row, class... Arguments>
  static Want ForList(const QueryOf<Row>& query, absl::string_view within, int64_t limit,
                      const Arguments&... values) {
    return {.table = &query.table(),
            .query = &query,
            .name = std::string(within),
            .limit = limit,
            .values = {Value(values)...}};
  }
  template <class Row, class... Arguments>
  static Want ForListFromNow(const QueryOf<Row>& query, absl::string_view within, int64_t limit,
                             const Arguments&... values) {
    Want want = ForList(query, within, limit, values...);
    want.from_now = true;
    return want;
  }
};

// The first 16 bytes of SHA-256 over method and message: equal for equal calls.
std::string RequestHash(absl::string_view method, const google::protobuf::Message& request);

// Owned by the caller, alive and untouched from Run() until its answer.
class Command {
 public:
  virtual ~Command() = default;

  std::string tenant;
  std::string actor;       // who does it: a resource name
  std::string principal;   // for whom, when that is somebody else
  std::string method;      // "pingan.volunteer.v1.VolunteerService.SignUp"
  std::string request_id;  // a uuid; empty: no replay protection
  Patience patience;
  // When not empty the rule is not run dry first: the wants are expected to be all it asks for.
  std::vector<Want> wants;
  // The answer is not stored. A replay runs DecideAgain() instead of reading the answer back.
  bool secret_answer = false;

  // The rule: OK keeps its changes, anything else undoes them. Also keeps the answer, until it is
  // run again.
  virtual absl::Status Decide(UnitOfWork& work) = 0;
  // Answers the replay of a command with a secret answer, from rows that are there; changes it
  // makes are dropped. Refused with REQUEST_ID_REUSED unless the command can.
  virtual absl::Status DecideAgain(UnitOfWork& work);
  // What tells this request from another under the same request_id.
  virtual std::string Hash() const = 0;
  virtual std::string SerializeAnswer() const = 0;
  virtual bool ParseAnswer(absl::string_view answer) = 0;
};

// A rule as a function of request, caller and rows. `Caller` is whatever the rules of a service
// know their callers by.
//   db::CommandOf command(DecideSignUp, request, caller);
//   command.tenant = ...;
//   co_return co_await writer.Run(command);
template <class Request, class Caller, class Answer>
class CommandOf final : public Command {
 public:
  using Rule = std::function<absl::StatusOr<Answer>(const Request&, const Caller&, UnitOfWork&)>;

  // Keeps references to request and caller.
  CommandOf(Rule rule, const Request& request, const Caller& caller)
      : rule_(std::move(rule)), request_(request), caller_(caller) {}

  // How a secret answer is made again; see DecideAgain().
  void set_again(Rule again) { again_ = std::move(again); }

  Answer& answer() { return answer_; }

  absl::Status Decide(UnitOfWork& work) override { return Keep(rule_(request_, caller_, work)); }
  absl::Status DecideAgain(UnitOfWork& work) override {
    return again_ ? Keep(again_(request_, caller_, work)) : Command::DecideAgain(work);
  }
  std::string Hash() const override { return RequestHash(method, request_); }
  std::string SerializeAnswer() const override { return answer_.SerializeAsString(); }
  bool ParseAnswer(absl::string_view answer) override {
    return answer_.ParseFromArray(answer.data(), static_cast<int>(answer.size()));
  }

 private:
  absl::Status Keep(absl::StatusOr<Answer> answer) {
    absl::Status status = answer.status();
    if (status.ok()) answer_ = *std::move(answer);
    return status;
  }

  const Rule rule_;
  Rule again_;
  const Request& request_;
  const Caller& caller_;
  Answer answer_;
};

template <class Request, class Caller, class Answer>
CommandOf(absl::StatusOr<Answer> (*)(const Request&, const Caller&, UnitOfWork&), const Request&,
          const Caller&) -> CommandOf<Request, Caller, Answer>;

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_COMMAND_H_
