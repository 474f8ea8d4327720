#include "tests/support/database.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "common/base/hash.h"
#include "pqxx/connection"
#include "pqxx/nontransaction"

namespace pingan::test {
namespace {

[[noreturn]] void Die(absl::string_view what) {
  std::fprintf(stderr, "tests/support/database: %s\n", std::string(what).c_str());
  std::_Exit(2);  // without destructors: they would want the database
}

const std::string& Cluster() {
  static const std::string& conninfo = *new std::string([] {
    const char* given = std::getenv("PINGAN_TEST_DATABASE");
    if (given == nullptr) Die("PINGAN_TEST_DATABASE is not set: tests/run sets it");
    return given;
  }());
  return conninfo;
}

// The cluster's conninfo with another database.
std::string ConninfoOf(const std::string& database) {
  if (!absl::StrContains(Cluster(), "://")) return absl::StrCat(Cluster(), " dbname=", database);
  const size_t query = Cluster().find('?');
  const std::string base = Cluster().substr(0, query);
  const size_t slash = base.find('/', base.find("://") + 3);
  return absl::StrCat(base.substr(0, slash), "/", database,
                      query == std::string::npos ? "" : Cluster().substr(query));
}

std::string Run(const std::string& conninfo, const std::string& sql) {
  try {
    pqxx::connection connection(conninfo);
    pqxx::nontransaction work(connection);
    const pqxx::result rows = work.exec(sql);
    return rows.empty() || rows.columns() == 0 || rows[0][0].is_null() ? "" : rows[0][0].c_str();
  } catch (const std::exception& error) {
    Die(absl::StrCat(sql, ": ", error.what()));
  }
}

// Databases with migrations applied, by schema and migrations. They go with the cluster of the run:
// at the end of a process libpqxx is no longer there to drop them.
class Templates {
 public:
  static Templates& Get() {
    static Templates& templates = *new Templates;
    return templates;
  }

  std::string Of(const std::string& schema, absl::Span<const db::EmbeddedMigration> migrations) {
    std::string key = schema;
    for (const db::EmbeddedMigration& migration : migrations)
      absl::StrAppend(&key, "\n", migration.sql);
    absl::MutexLock lock(&mutex_);
    std::string& name = names_[base::Sha256(key)];
    if (!name.empty()) return name;
    name = absl::StrCat("pingan_template_", getpid(), "_", names_.size());
    Run(Cluster(), absl::StrCat("CREATE DATABASE ", name));
    const absl::Status migrated = db::Migrate({.conninfo = ConninfoOf(name),
                                               .schema = schema,
                                               .service_role = "",
                                               .service = migrations});
    if (!migrated.ok()) Die(migrated.ToString());
    return name;
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::string> names_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

TestDatabase::TestDatabase(absl::string_view schema,
                           absl::Span<const db::EmbeddedMigration> migrations)
    : schema_(schema) {
  static std::atomic<int> databases{0};
  const std::string source = Templates::Get().Of(schema_, migrations);
  name_ = absl::StrCat("pingan_test_", getpid(), "_", ++databases);
  Run(Cluster(), absl::StrCat("CREATE DATABASE ", name_, " TEMPLATE ", source));
  conninfo_ = ConninfoOf(name_);
}

TestDatabase::~TestDatabase() {
  Run(Cluster(), absl::StrCat("DROP DATABASE IF EXISTS ", name_, " WITH (FORCE)"));
}

std::unique_ptr<db::Database> TestDatabase::Open(db::Tables tables) const {
  auto database =
      db::Database::Open({.conninfo = conninfo_, .schema = schema_, .tables = std::move(tables)});
  if (!database.ok()) Die(database.status().ToString());
  return *std::move(database);
}

void TestDatabase::SetAvailable(bool available) const {
  Run(Cluster(),
      absl::StrCat("ALTER DATABASE ", name_, " ALLOW_CONNECTIONS ", available ? "true" : "false"));
  if (!available) EndConnections();
}

void TestDatabase::EndConnections() const {
  Run(Cluster(),
      absl::StrCat(
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '", name_,
          "'"));
}

std::string TestDatabase::Sql(absl::string_view sql) const {
  return Run(conninfo_, absl::StrCat("SET search_path = ", schema_, "; ", sql));
}

}  // namespace pingan::test
