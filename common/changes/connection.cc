#include "common/changes/connection.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "pqxx/nontransaction"

namespace pingan::changes {
namespace {

std::string WithTimeouts(const db::DatabaseOptions& options) {
  const std::string& given = options.conninfo;
  const bool uri =
      absl::StartsWith(given, "postgres://") || absl::StartsWith(given, "postgresql://");
  const int64_t connect =
      absl::ToInt64Seconds(absl::Ceil(options.connect_timeout, absl::Seconds(1)));
  const std::string settings[] = {absl::StrCat("connect_timeout=", std::max<int64_t>(2, connect)),
                                  "tcp_user_timeout=10000", "keepalives_idle=10",
                                  "keepalives_interval=5", "keepalives_count=3"};
  const absl::string_view first = !uri ? " " : absl::StrContains(given, '?') ? "&" : "?";
  return absl::StrCat(given, first, absl::StrJoin(settings, uri ? "&" : " "));
}

}  // namespace

std::unique_ptr<pqxx::connection> Connect(const db::DatabaseOptions& options) {
  auto connection = std::make_unique<pqxx::connection>(WithTimeouts(options));
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
