// A PostgreSQL database of their own for tests.
#ifndef PINGAN_TESTS_SUPPORT_DATABASE_H_
#define PINGAN_TESTS_SUPPORT_DATABASE_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/db/database.h"
#include "common/db/migrations.h"
#include "common/db/table.h"

namespace pingan::test {

// A fresh database with one service's schema, dropped when this is destroyed. The cluster is that
// of the environment variable PINGAN_TEST_DATABASE: conninfo of a superuser to the database
// `postgres`. The migrations run once per binary, into a template that the databases are copied
// from (a few milliseconds each) and that goes with the cluster. Any failure ends the test binary
// with a message: there is nothing to test without a database.
class TestDatabase {
 public:
  // `schema` is also the service's name; the frame's migrations come first.
  TestDatabase(absl::string_view schema, absl::Span<const db::EmbeddedMigration> migrations);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  // conninfo of this database; the schema is to be given beside it, as in DatabaseOptions.
  const std::string& conninfo() const { return conninfo_; }
  const std::string& schema() const { return schema_; }
  const std::string& name() const { return name_; }

  // Opens the schema with these tables.
  std::unique_ptr<db::Database> Open(db::Tables tables) const;

  // False: ends all its connections and refuses new ones, as a database that went away; true: it is
  // back.
  void SetAvailable(bool available) const;
  // Ends all its connections; new ones may be made at once.
  void EndConnections() const;

  // Runs SQL in this database with the schema as search path; returns the first column of the first
  // row as text, "" when there is none or it is NULL.
  std::string Sql(absl::string_view sql) const;

 private:
  const std::string schema_;
  std::string name_;
  std::string conninfo_;
};

}  // namespace pingan::test

#endif  // PINGAN_TESTS_SUPPORT_DATABASE_H_
