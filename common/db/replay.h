// Replaying a change log: the proof that it is complete, and a way to rebuild tables from it.
#ifndef PINGAN_COMMON_DB_REPLAY_H_
#define PINGAN_COMMON_DB_REPLAY_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/db/database.h"

namespace pingan::db {

// Writes the rows that the log of `from` describes into the empty tables of `to`; tables that are
// not logged stay empty. Both have the same tables. Returns the number of changes read.
// FAILED_PRECONDITION when a log has a gap, differs from its head, or names a row message without a
// table.
absl::StatusOr<int64_t> Replay(const Database& from, const Database& to);

// OK when all logged tables hold equal rows; else FAILED_PRECONDITION naming the first table and
// row that differ.
absl::Status CompareTables(const Database& left, const Database& right);

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_REPLAY_H_
