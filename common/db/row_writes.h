// Changed rows into PostgreSQL: one statement per table for what is new, changed and gone.
#ifndef PINGAN_COMMON_DB_ROW_WRITES_H_
#define PINGAN_COMMON_DB_ROW_WRITES_H_

#include "common/db/catalogue.h"
#include "common/db/row_cache.h"
#include "common/db/session.h"

namespace pingan::db {

// Deletes, then updates (only columns that changed in some row), then inserts, so that a unique key
// that one row gives up can be taken by a new one. Throws as Session does.
void WriteTable(Session& session, const BoundTable& table, const RowCache::Writes& writes);

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_ROW_WRITES_H_
