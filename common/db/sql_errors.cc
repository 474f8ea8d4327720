#include "common/db/sql_errors.h"

#include <string>

#include "absl/strings/match.h"
#include "common/base/errors.h"
#include "common/obs/log.h"
#include "pqxx/except"

namespace pingan::db {
namespace {

// https://www.postgresql.org/docs/15/errcodes-appendix.html
bool MeansLost(absl::string_view sqlstate) {
  return absl::StartsWith(sqlstate, "08") ||   // connection exceptions
         absl::StartsWith(sqlstate, "57P") ||  // shutdown, crash, starting up, database dropped
         sqlstate == "25P03" ||                // a transaction that stood still too long
         sqlstate == "53300" ||                // too many connections
         sqlstate == "25006";                  // read only: the server was demoted to a standby
}

}  // namespace

SqlFailure Classify(const std::exception& error, bool connected) {
  if (!connected || dynamic_cast<const pqxx::broken_connection*>(&error) != nullptr)
    return SqlFailure::kLost;
  // libpqxx 6.4.5 gives these types no SQLSTATE.
  if (dynamic_cast<const pqxx::transaction_rollback*>(&error) != nullptr)
    return SqlFailure::kConflict;
  if (dynamic_cast<const pqxx::unique_violation*>(&error) != nullptr) return SqlFailure::kTaken;
  if (dynamic_cast<const pqxx::too_many_connections*>(&error) != nullptr) return SqlFailure::kLost;
  if (dynamic_cast<const pqxx::insufficient_resources*>(&error) != nullptr)
    return SqlFailure::kNoRoom;
  if (const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error); sql != nullptr) {
    if (MeansLost(sql->sqlstate())) return SqlFailure::kLost;
    if (sql->sqlstate() == "57014") return SqlFailure::kTimeout;
  }
  return SqlFailure::kOther;
}

absl::Status ToStatus(SqlFailure failure) {
  switch (failure) {
    case SqlFailure::kLost:
    case SqlFailure::kConflict:
    case SqlFailure::kNoRoom:
      return base::Refuse(errors::v1::UNAVAILABLE);
    case SqlFailure::kTaken:
      return base::Refuse(errors::v1::ALREADY_EXISTS);
    case SqlFailure::kTimeout:
      return base::Refuse(errors::v1::DEADLINE_EXCEEDED);
    case SqlFailure::kOther:
      break;
  }
  return base::Refuse(errors::v1::INTERNAL);
}

void LogSqlError(absl::string_view doing, const std::exception& error) {
  obs::LogLine line(obs::Severity::kError);
  line.Str("message", "database error").Str("doing", doing).Str("error", error.what());
  if (const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error); sql != nullptr) {
    line.Str("sqlstate", sql->sqlstate()).Str("statement", sql->query());
  }
  line.Emit();
}

}  // namespace pingan::db
