#include "common/db/session.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace pingan::db {

std::string WithTimeouts(const std::string& conninfo, absl::Duration connect_timeout) {
  const int64_t seconds =
      std::max<int64_t>(2, absl::ToInt64Seconds(absl::Ceil(connect_timeout, absl::Seconds(1))));
  if (absl::StartsWith(conninfo, "postgres://") || absl::StartsWith(conninfo, "postgresql://")) {
    return absl::StrCat(
        conninfo, absl::StrContains(conninfo, '?') ? "&" : "?", "connect_timeout=", seconds,
        "&tcp_user_timeout=10000&keepalives_idle=10&keepalives_interval=5&keepalives_count=3");
  }
  return absl::StrCat(
      conninfo, " connect_timeout=", seconds,
      " tcp_user_timeout=10000 keepalives_idle=10 keepalives_interval=5 keepalives_count=3");
}

namespace {

std::string TimeoutText(absl::Duration timeout) {
  return absl::StrCat(std::max<int64_t>(1, absl::ToInt64Milliseconds(timeout)));
}

SessionOptions OptionsOf(const Database& database, bool read_only) {
  const DatabaseOptions& options = database.options();
  return {.conninfo = options.conninfo,
          .schema = options.schema,
          .connect_timeout = options.connect_timeout,
          .statement_timeout = options.statement_timeout,
          .read_only = read_only};
}

}  // namespace

Session::Session(const SessionOptions& options)
    : connection_(WithTimeouts(options.conninfo, options.connect_timeout)),
      statement_timeout_(options.statement_timeout) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // libpqxx 7 has no reactivation at all
  connection_.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  connection_.set_verbosity(
      pqxx::connection_base::terse);  // details quote rows, and errors are logged
  work_ = std::make_unique<pqxx::nontransaction>(connection_);
  std::string settings = absl::StrCat(
      "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET client_encoding = 'UTF8'; "
      "SET bytea_output = 'hex'; SET extra_float_digits = 1; "
      "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off; "
      "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_sort = off; "
      "SET tcp_user_timeout = 10000; SET tcp_keepalives_idle = 10; "
      "SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; "
      "SET idle_in_transaction_session_timeout = ",
      TimeoutText(options.idle_in_transaction_timeout),
      "; SET statement_timeout = ", TimeoutText(statement_timeout_));
  if (!options.schema.empty()) {
    absl::StrAppend(&settings, "; SET search_path = ", connection_.quote_name(options.schema));
  }
  if (options.read_only) settings += "; SET default_transaction_read_only = on";
  work_->exec(settings);
}

Session::Session(const Database& database, bool read_only)
    : Session(OptionsOf(database, read_only)) {}

Session::~Session() = default;

void Session::Prepare(const Statement& statement) {
  if (prepared_.contains(statement.name)) return;
  connection_.prepare(statement.name, statement.sql);
  connection_.prepare_now(statement.name);
  prepared_.insert(statement.name);
}

pqxx::result Session::Run(const Statement& statement, const BinaryParameters& parameters) {
  Prepare(statement);
  return work_->exec_prepared(statement.name, pqxx::prepare::make_dynamic_params(parameters));
}

pqxx::result Session::Run(const Statement& statement, const std::vector<std::string>& parameters) {
  Prepare(statement);
  return work_->exec_prepared(statement.name, pqxx::prepare::make_dynamic_params(parameters));
}

pqxx::result Session::Run(const Statement& statement, const std::vector<const char*>& parameters) {
  Prepare(statement);
  return work_->exec_prepared(statement.name, pqxx::prepare::make_dynamic_params(parameters));
}

pqxx::result Session::Run(const std::string& sql) { return work_->exec(sql); }

void Session::Begin() {
  work_->exec("BEGIN");
  in_transaction_ = true;
}

void Session::Commit() {
  work_->exec("COMMIT");
  in_transaction_ = false;
}

pqxx::result Session::BeginWith(const Statement& statement,
                                const std::vector<std::string>& parameters) {
  const std::string sql = absl::StrCat("BEGIN; ", Execute(statement, parameters));
  in_transaction_ = true;
  return work_->exec(sql);
}

void Session::CommitWith(const Statement& statement, const std::vector<std::string>& parameters) {
  work_->exec(absl::StrCat(Execute(statement, parameters), "; COMMIT"));
  in_transaction_ = false;
}

std::string Session::Execute(const Statement& statement,
                             const std::vector<std::string>& parameters) {
  Prepare(statement);
  const auto quoted = [this](std::string* out, const std::string& parameter) {
    *out += connection_.quote(parameter);
  };
  return absl::StrCat("EXECUTE ", connection_.quote_name(statement.name), "(",
                      absl::StrJoin(parameters, ", ", quoted), ")");
}

void Session::Rollback() noexcept {
  if (!in_transaction_) return;
  in_transaction_ = false;
  try {
    work_->exec("ROLLBACK");
  } catch (const std::exception&) {
    // Then the connection is gone, and its transaction with it.
  }
}

void Session::SetStatementTimeout(absl::Duration timeout) {
  if (timeout == statement_timeout_) return;
  work_->exec(absl::StrCat("SET statement_timeout = ", TimeoutText(timeout)));
  statement_timeout_ = timeout;
}

}  // namespace pingan::db
