#include "common/changes/connection.h"

#include "absl/strings/str_cat.h"
#include "common/db/session.h"
#include "pqxx/nontransaction"

namespace pingan::changes {
std::unique_ptr<pqxx::connection> Connect(const db::DatabaseOptions& options) {
  auto connection = std::make_unique<pqxx::connection>(
      db::WithTimeouts(options.conninfo, options.connect_timeout));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // libpqxx 7 has no reactivation at all
  connection->inhibit_reactivation(true);
#pragma GCC diagnostic pop
  pqxx::nontransaction work(*connection);
  work.exec(absl::StrCat(
      "SET search_path = ", connection->quote_name(options.schema),
      "; SET statement_timeout = ", absl::ToInt64Milliseconds(options.statement_timeout)));
  return connection;
}

}  // namespace pingan::changes
