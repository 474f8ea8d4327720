#include "common/db/database.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/db/catalogue.h"
#include "common/db/session.h"
#include "common/db/sql_errors.h"

namespace pingan::db {
namespace {

// The columns of a table as the catalogue of PostgreSQL has them, in their order. A database whose
// default collation is C sorts "default" texts bytewise too.
const Statement kColumns = {
    "columns_of_table",
    "SELECT a.attname, format_type(a.atttypid, NULL), a.attnotnull AND NOT a.atthasdef AND "
    "a.attidentity = '', "
    "       coalesce(c.collname IN ('C', 'POSIX') OR "
    "                (c.collname = 'default' AND d.datcollate IN ('C', 'POSIX')), false), "
    "       coalesce(array_position(i.indkey::int2[], a.attnum), -1) + 1 "
    "FROM pg_attribute a "
    "JOIN pg_database d ON d.datname = current_database() "
    "LEFT JOIN pg_collation c ON c.oid = a.attcollation "
    "LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary "
    "WHERE a.attrelid = to_regclass(quote_ident($1)) AND a.attnum > 0 AND NOT a.attisdropped ORDER "
    "BY a.attnum"};

std::vector<ColumnFact> ReadColumns(Session& session, const std::string& table) {
  std::vector<ColumnFact> facts;
  for (const auto& row : session.Run(kColumns, std::vector<std::string>{table})) {
    facts.push_back({.name = row[0].c_str(),
                     .type = row[1].c_str(),
                     .required = *row[2].c_str() == 't',
                     .bytewise = *row[3].c_str() == 't',
                     .key_position = row[4].as<int>()});
  }
  return facts;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(DatabaseOptions options) {
  try {
    Session session({.conninfo = options.conninfo,
                     .schema = options.schema,
                     .connect_timeout = options.connect_timeout,
                     .statement_timeout = options.statement_timeout,
                     .read_only = true});
    auto catalogue = Catalogue::Bind(
        options.tables, [&](const std::string& table) { return ReadColumns(session, table); });
    if (!catalogue.ok()) {
      return absl::Status(catalogue.status().code(), absl::StrCat("schema ", options.schema, ": ",
                                                                  catalogue.status().message()));
    }
    return std::unique_ptr<Database>(new Database(std::move(options), *std::move(catalogue)));
  } catch (const std::exception& error) {
    LogSqlError("opening the database", error);
    return ToStatus(Classify(error, false));
  }
}

Database::Database(DatabaseOptions options, std::unique_ptr<Catalogue> catalogue)
    : options_(std::move(options)), catalogue_(std::move(catalogue)) {}

Database::~Database() = default;

}  // namespace pingan::db
