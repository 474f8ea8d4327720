// Schema migrations: forward only, checksummed, applied by `<service> migrate` with the owner's
// role. Servers never migrate; they check that the schema is one they can work with.
//
// A schema holds two rows of migrations: those of the frame (common/db/migrations) and those of the
// service. Both are recorded in the table `schema_migrations`.
#ifndef PINGAN_COMMON_DB_MIGRATIONS_H_
#define PINGAN_COMMON_DB_MIGRATIONS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "pqxx/transaction_base"

namespace pingan::db {

// A file NNNN_name.sql. Numbers begin with 1 and have no gaps.
struct EmbeddedMigration {
  int number;
  absl::string_view name;
  absl::string_view sql;
};

// common/db/migrations: the tables every service has.
absl::Span<const EmbeddedMigration> FrameMigrations();

struct MigrateOptions {
  std::string conninfo;      // of the owner's role; a libpq connection string or URI
  std::string schema;        // made if it is not there
  std::string service_role;  // is granted USAGE, SELECT, INSERT, UPDATE, DELETE; empty: nobody is.
                             // Must exist.
  absl::Span<const EmbeddedMigration> service;
};

// Applies what is missing, frame first, each migration in its own transaction with its record,
// under a lock so that two runs do not meet. Run again it does nothing but the grants.
// FAILED_PRECONDITION when an applied migration's text differs from the one given; the error of a
// statement names its migration, for the operator's eyes.
absl::Status Migrate(const MigrateOptions& options);

// Whether a binary built with `service` migrations may serve: the schema is at its last number, one
// before, or one after, and the frame's likewise. FAILED_PRECONDITION says what is there and what
// was wanted; UNAVAILABLE without a database.
absl::Status CheckSchema(const std::string& conninfo, const std::string& schema,
                         absl::Span<const EmbeddedMigration> service);

// The same in a transaction whose search path is the schema. Throws what libpqxx throws.
absl::Status CheckSchema(pqxx::transaction_base& work, const std::string& schema,
                         absl::Span<const EmbeddedMigration> service);

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_MIGRATIONS_H_
