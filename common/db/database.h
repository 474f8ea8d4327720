// A service's schema: how to connect to it, and its tables bound to the columns that are really
// there.
#ifndef PINGAN_COMMON_DB_DATABASE_H_
#define PINGAN_COMMON_DB_DATABASE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/table.h"

namespace pingan::db {

class Catalogue;

struct DatabaseOptions {
  std::string conninfo;  // a libpq connection string or URI, of the service's role
  std::string schema;
  Tables tables;
  absl::Duration connect_timeout = absl::Seconds(2);  // libpq rounds to whole seconds, at least 2
  absl::Duration statement_timeout = absl::Seconds(10);  // of the writer and of reads by key
};

// Immutable and thread safe once opened; outlives the writers and readers made from it.
class Database {
 public:
  // Connects once to bind the tables. UNAVAILABLE without a database; FAILED_PRECONDITION, naming
  // table and column, when a table and its message do not fit.
  static absl::StatusOr<std::unique_ptr<Database>> Open(DatabaseOptions options);
  ~Database();

  const DatabaseOptions& options() const { return options_; }
  const Catalogue& catalogue() const { return *catalogue_; }

 private:
  Database(DatabaseOptions options, std::unique_ptr<Catalogue> catalogue);

  const DatabaseOptions options_;
  const std::unique_ptr<Catalogue> catalogue_;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_DATABASE_H_
