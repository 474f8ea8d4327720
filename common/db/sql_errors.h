// What went wrong at the database, and what callers are told of it. Texts of the database never
// leave the process: they are logged here and nowhere else turned into answers.
#ifndef PINGAN_COMMON_DB_SQL_ERRORS_H_
#define PINGAN_COMMON_DB_SQL_ERRORS_H_

#include <exception>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace pingan::db {

enum class SqlFailure {
  kLost,      // the connection is gone, could not be made, or leads to a server that is starting,
              // stopping or standing by
  kConflict,  // a deadlock or a serialization failure: the transaction may be tried again
  kTaken,     // a unique key
  kTimeout,   // statement_timeout
  kNoRoom,    // a full disk, no memory: nothing happened, and it may go by
  kOther,     // a mistake in a statement
};

// Classifies what libpqxx threw. `connected` is whether the connection still is: libpqxx does not
// always say.
SqlFailure Classify(const std::exception& error, bool connected);

// The refusal for a failure: UNAVAILABLE, ALREADY_EXISTS, DEADLINE_EXCEEDED or INTERNAL.
absl::Status ToStatus(SqlFailure failure);

// Logs the database's own words, with what was being done.
void LogSqlError(absl::string_view doing, const std::exception& error);

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_SQL_ERRORS_H_
