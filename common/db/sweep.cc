#include "common/db/sweep.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/timestamps.h"
#include "common/db/session.h"
#include "common/db/wire_text.h"

namespace pingan::db {
namespace {

// Old rows are found by the block range index on create_time, and deleted by key.
const Statement kSweepRequests = {
    "sweep_requests",
    "DELETE FROM requests r USING (SELECT tenant, actor, request_id FROM "
    "requests WHERE create_time < $1::timestamptz "
    "LIMIT $2::bigint) o WHERE r.tenant = o.tenant AND r.actor = o.actor AND "
    "r.request_id = o.request_id"};

// Rules run under the lock of a head and never see a row go. Those whose head is locked now are old
// tomorrow, too.
const Statement kLockIdle = {"lock_idle_heads",
                             "SELECT tenant FROM heads WHERE tenant = ANY($1::text[]) "
                             "ORDER BY tenant FOR UPDATE SKIP LOCKED"};
const Statement kDropIdle = {"drop_idle_heads",
                             "DELETE FROM heads WHERE tenant = ANY($1::text[]) AND seq = 0"};

std::string TimeText(absl::Time time) {
  std::string text;
  AppendTimestamp(base::ToTimestamp(time), text);
  return text;
}

std::string TenantsOf(const pqxx::result& rows) {
  ArrayLiteral tenants;
  for (const auto& row : rows) tenants.Text(row[0].c_str());
  return std::move(tenants).Take();
}

// Whether there may be more.
bool SweepTable(Session& session, const BoundTable& table, absl::Time now, int limit) {
  const Kept& kept = *table.table().options().kept;
  const std::string tenant = table.mapper().columns()[0].Sql();
  const std::string is_old =
      absl::StrCat(table.mapper().Find(kept.since)->Sql(), " < $1::timestamptz");
  const std::string before = TimeText(now - kept.during);
  const Statement find{absl::StrCat("find_old_", table.name()),
                       absl::StrCat("SELECT DISTINCT ", tenant, " FROM ", table.sql_name(),
                                    " WHERE ", is_old, " LIMIT $2::bigint")};
  const Statement remove{absl::StrCat("drop_old_", table.name()),
                         absl::StrCat("DELETE FROM ", table.sql_name(), " WHERE ", is_old, " AND ",
                                      tenant, " = ANY($2::text[])")};
  const pqxx::result found =
      session.Run(find, std::vector<std::string>{before, absl::StrCat(limit)});
  if (found.empty()) return false;
  session.Begin();
  const std::string locked =
      TenantsOf(session.Run(kLockIdle, std::vector<std::string>{TenantsOf(found)}));
  session.Run(remove, std::vector<std::string>{before, locked});
  session.Run(kDropIdle, std::vector<std::string>{locked});
  session.Commit();
  return static_cast<int>(found.size()) == limit;
}

}  // namespace

bool Sweep(Session& session, const Catalogue& catalogue, absl::Time now, int limit) {
  const auto requests = session.Run(
      kSweepRequests, std::vector<std::string>{TimeText(now - kRequestsKept), absl::StrCat(limit)});
  bool more = static_cast<int>(requests.affected_rows()) == limit;
  for (const auto& table : catalogue.tables()) {
    if (table->table().options().kept.has_value())
      more = SweepTable(session, *table, now, limit) || more;
  }
  return more;
}

}  // namespace pingan::db
