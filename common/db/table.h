// Declarations of tables and queries. A declaration says what a service stores; it holds no state,
// does no I/O and is bound against a live schema by a Database, so one process may hold several
// databases.
//
//   inline const db::TableOf<v1::Roster> kRosters({.name = "rosters", .resource =
//   "towns/{town}/rosters/{roster}"}); inline const db::QueryOf<v1::SignUp> kLiveSignUpsOf(
//       kSignUps, {.equal = {"person", "live"}, .order = {"start_time"}, .floor = "end_time"});
//
// Rows are messages. The row's `name` is not a column: the variables of `resource` are the table's
// primary key, the first of them the tenant. All other columns are called as the fields. A field
// called as a key variable is that key column again and is filled from the name. Column types and
// the values they hold:
//   text, bool, smallint, integer, bigint, double precision   scalars and enums; a string may stand
//   in an integer column uuid          string: the last segment of a resource name, whose rest is
//   rebuilt from the pattern of the field's
//                 google.api.resource_reference (or `references` below) and the row's own key;
//                 without one, a bare uuid.
//                 "" is NULL, as in every column that is not text
//   text[] uuid[] smallint[] integer[] bigint[]   repeated strings, references, enums and integers
//   timestamptz, date   google.protobuf.Timestamp (whole microseconds), google.type.Date; absent is
//   NULL bytea         bytes; any other message serialized, absent is NULL; any repeated field in
//   its wire encoding
// Optional fields and members of a oneof are NULL when they are not set.
#ifndef PINGAN_COMMON_DB_TABLE_H_
#define PINGAN_COMMON_DB_TABLE_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace pingan::db {

// What of a table's changes stands in the change log.
enum class Logged {
  kEach,       // every change
  kLast,       // the last version of a row per transaction: for counters that every command changes
  kEphemeral,  // none: sessions, codes, cursors. Lost in a replay.
};

// How long rows are kept: until `during` after the time in the column `since`. Only for tables that
// are not logged.
struct Kept {
  std::string since;
  absl::Duration during;
};

struct TableOptions {
  std::string name;      // in the schema of the service
  std::string resource;  // pattern of the row's name: "towns/{town}/events/{event}"
  Logged logged = Logged::kEach;
  std::vector<std::string> unstored;  // fields without a column
  // Patterns of references whose message this binary's protos do not show: {"person",
  // "towns/{town}/people/{person}"}.
  std::vector<std::pair<std::string, std::string>> references;
  std::optional<Kept> kept;  // unset: for ever
};

// Made once, before main(), and never destroyed before the databases that use it.
class Table {
 public:
  Table(TableOptions options, const google::protobuf::Message& prototype);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const TableOptions& options() const { return options_; }
  const std::string& name() const { return options_.name; }
  const google::protobuf::Message& prototype() const { return prototype_; }
  // Counts the tables of the process, from 0.
  size_t number() const { return number_; }

 private:
  const TableOptions options_;
  const google::protobuf::Message& prototype_;
  const size_t number_;
};

template <class Row>
class TableOf final : public Table {
 public:
  explicit TableOf(TableOptions options) : Table(std::move(options), Row::default_instance()) {}
};

// The tables a service has: {&kRosters, &kSignUps}.
using Tables = std::vector<const Table*>;

struct QueryOptions {
  std::vector<std::string> equal;  // columns that equal the arguments, beside the tenant
  // Columns the rows are sorted by: integers, times, dates, booleans, uuids, texts with collation
  // "C". NULL is the greatest. The key breaks ties. Give the table an index on tenant, equal...,
  // order..., rest of the key.
  std::vector<std::string> order;
  // A column that is greater than the last argument; rows where it is NULL are left out.
  std::string floor;
  // A boolean column that is true. It stands as a constant in the statement, so that a partial
  // index `WHERE column` can serve, which an argument for `equal` cannot have.
  std::string only;
  bool descending = false;  // everything in `order`, and the key
};

// Rows of one table and one tenant with equal values in some columns, in an order: what the
// database and the overlay of uncommitted rows can both answer. NULL equals nothing.
class Query {
 public:
  Query(const Table& table, QueryOptions options);
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  const Table& table() const { return table_; }
  const QueryOptions& options() const { return options_; }
  size_t number() const { return number_; }

  // All queries of the process, by number.
  static const std::vector<const Query*>& All();

 private:
  const Table& table_;
  const QueryOptions options_;
  const size_t number_;
};

template <class Row>
class QueryOf final : public Query {
 public:
  QueryOf(const TableOf<Row>& table, QueryOptions options) : Query(table, std::move(options)) {}
};

// As many rows as there are.
inline constexpr int64_t kAll = std::numeric_limits<int32_t>::max();

// The tenant of a resource name (its second segment), or the tenant itself:
// TenantOf("towns/330481003/events/...") and TenantOf("330481003") are "330481003".
absl::string_view TenantOf(absl::string_view name_or_tenant);

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_TABLE_H_
