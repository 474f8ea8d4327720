#include "common/db/replay.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/db/catalogue.h"
#include "common/db/row_cache.h"
#include "common/db/row_writes.h"
#include "common/db/session.h"
#include "common/db/sql_errors.h"
#include "common/db/sql_rows.h"
#include "common/db/wire_text.h"

namespace pingan::db {
namespace {

const Statement kTenants = {"tenants",
                            "SELECT tenant, seq FROM heads WHERE tenant > $1 ORDER BY tenant"};
const Statement kChanges = {"changes",
                            "SELECT seq, type, body FROM changes WHERE tenant = $1 ORDER BY seq"};

absl::string_view ViewOf(const pqxx::field& field) { return {field.c_str(), field.size()}; }

absl::Status PutChange(RowCache& rows, const Catalogue& catalogue, absl::string_view type,
                       absl::string_view body) {
  const size_t dot = type.rfind('.');
  const BoundTable* table = dot == type.npos ? nullptr : catalogue.OfMessage(type.substr(0, dot));
  if (table == nullptr)
    return absl::FailedPreconditionError(absl::StrCat("no table for a change of type ", type));
  std::unique_ptr<Message> row(table->table().prototype().New());
  if (!row->ParseFromString(ParseBytea(body))) {
    return absl::FailedPreconditionError(
        absl::StrCat("a change of type ", type, " cannot be read"));
  }
  rows.Put(*table, std::move(row), type.substr(dot + 1) == "deleted");
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ReplayTenant(Session& from, Session& to, const Catalogue& catalogue,
                                     const std::string& tenant, int64_t head) {
  SqlRows source(to);
  RowCache rows(catalogue, source, absl::UnixEpoch());
  int64_t seq = 0;
  for (const auto& change : from.Run(kChanges, std::vector<std::string>{tenant})) {
    if (std::atoll(change[0].c_str()) != ++seq) {
      return absl::FailedPreconditionError(
          absl::StrCat("the log of ", tenant, " has a gap before ", seq));
    }
    RETURN_IF_ERROR(PutChange(rows, catalogue, ViewOf(change[1]), ViewOf(change[2])));
  }
  if (seq != head) {
    return absl::FailedPreconditionError(
        absl::StrCat("the log of ", tenant, " ends at ", seq, ", its head says ", head));
  }
  to.Begin();
  for (const auto& table : catalogue.tables()) WriteTable(to, *table, rows.WritesOf(*table));
  to.Commit();
  return seq;
}

// All rows of a table as texts, in the order of the key.
pqxx::result AllRows(Session& session, const BoundTable& table) {
  std::vector<std::string> key;
  for (const size_t index : table.mapper().primary_key())
    key.push_back(table.mapper().columns()[index].Sql());
  return session.Run(absl::StrCat("SELECT ", table.mapper().SelectList(""), " FROM ",
                                  table.sql_name(), " ORDER BY ", absl::StrJoin(key, ", ")));
}

std::string TextOf(const pqxx::row& row) {
  std::string text;
  for (const auto& field : row)
    absl::StrAppend(&text, field.is_null() ? "NULL" : ViewOf(field), "|");
  return text;
}

absl::Status CompareTable(Session& left, Session& right, const BoundTable& table) {
  const pqxx::result a = AllRows(left, table);
  const pqxx::result b = AllRows(right, table);
  for (pqxx::result::size_type i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string on_left = i < a.size() ? TextOf(a[i]) : "no row";
    const std::string on_right = i < b.size() ? TextOf(b[i]) : "no row";
    if (on_left == on_right) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("table ", table.name(), " differs: ", on_left, " and ", on_right));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> Replay(const Database& from, const Database& to) {
  try {
    Session source(from, /*read_only=*/true);
    Session target(to);
    int64_t changes = 0;
    for (const auto& head : source.Run(kTenants, std::vector<std::string>{""})) {
      ASSIGN_OR_RETURN(const int64_t replayed,
                       ReplayTenant(source, target, to.catalogue(), head[0].c_str(),
                                    std::atoll(head[1].c_str())));
      changes += replayed;
    }
    return changes;
  } catch (const std::exception& error) {
    LogSqlError("replaying", error);
    return ToStatus(Classify(error, true));
  }
}

absl::Status CompareTables(const Database& left, const Database& right) {
  try {
    Session a(left, /*read_only=*/true);
    Session b(right, /*read_only=*/true);
    for (const auto& table : left.catalogue().tables()) {
      if (table->table().options().logged != Logged::kEphemeral)
        RETURN_IF_ERROR(CompareTable(a, b, *table));
    }
    return absl::OkStatus();
  } catch (const std::exception& error) {
    LogSqlError("comparing tables", error);
    return ToStatus(Classify(error, true));
  }
}

}  // namespace pingan::db
