// A connection to PostgreSQL with the settings everything here relies on, and the statements
// prepared on it.
#ifndef PINGAN_COMMON_DB_SESSION_H_
#define PINGAN_COMMON_DB_SESSION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/catalogue.h"
#include "common/db/database.h"
#include "common/db/wire_binary.h"
#include "pqxx/connection"
#include "pqxx/nontransaction"
#include "pqxx/result"

namespace pingan::db {

// A libpq connection string of either form with timeouts added, which libpq does not have by
// itself: for connecting, for answers that never come, for peers that are gone.
std::string WithTimeouts(const std::string& conninfo, absl::Duration connect_timeout);

struct SessionOptions {
  std::string conninfo;
  std::string schema;  // the search path; empty: the role's
  absl::Duration connect_timeout = absl::Seconds(2);
  absl::Duration statement_timeout = absl::Seconds(10);
  // After so long without a statement the server ends a transaction, and the connection with it.
  absl::Duration idle_in_transaction_timeout = absl::Seconds(5);
  bool read_only = false;
};

// Used by one thread at a time. All functions throw what libpqxx throws; sql_errors.h sorts it.
// After an error inside a transaction Rollback() makes the session usable again, unless connected()
// says that it is gone for good.
//
// Settings: UTC; every plan is generic and by index, because plans made while a table was small
// stay bad when it has grown and arrays of unknown length make the planner guess (a sort that no
// index gives is still done, but one that an index half gives is done by halves); jit off;
// keepalives and tcp_user_timeout, because libpq itself has no timeout; the same on the server's
// side and an end to idle transactions, because a process that stands still or is cut off holds its
// towns' locks, which others wait for; no reconnecting behind our back, which would lose all this.
class Session {
 public:
  explicit Session(const SessionOptions& options);
  // With the options of a database.
  explicit Session(const Database& database, bool read_only = false);
  ~Session();

  bool connected() const { return connection_.is_open(); }

  // Runs a prepared statement, preparing it the first time it is seen. Parameters are binary, or
  // text; a null pointer is NULL.
  pqxx::result Run(const Statement& statement, const BinaryParameters& parameters);
  pqxx::result Run(const Statement& statement, const std::vector<std::string>& parameters);
  pqxx::result Run(const Statement& statement, const std::vector<const char*>& parameters);
  // Runs SQL without parameters.
  pqxx::result Run(const std::string& sql);

  void Begin();
  void Commit();
  // The first and the last statement of a transaction, each in one trip with BEGIN or COMMIT. The
  // parameters become part of a text that PostgreSQL parses: for small ones.
  pqxx::result BeginWith(const Statement& statement, const std::vector<std::string>& parameters);
  void CommitWith(const Statement& statement, const std::vector<std::string>& parameters);
  // Ends the transaction if there is one; never throws.
  void Rollback() noexcept;

  // How long a statement may take from now on. Costs a round trip when it changes.
  void SetStatementTimeout(absl::Duration timeout);

 private:
  void Prepare(const Statement& statement);
  std::string Execute(const Statement& statement, const std::vector<std::string>& parameters);

  pqxx::connection connection_;
  std::unique_ptr<pqxx::nontransaction> work_;
  absl::flat_hash_set<std::string> prepared_;
  absl::Duration statement_timeout_;
  bool in_transaction_ = false;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_SESSION_H_
