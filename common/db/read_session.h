// What a list's code sees of the database: typed statements on one read-only connection, within one
// deadline.
#ifndef PINGAN_COMMON_DB_READ_SESSION_H_
#define PINGAN_COMMON_DB_READ_SESSION_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/catalogue.h"
#include "common/db/table.h"
#include "common/db/value.h"
#include "google/protobuf/message.h"
#include "pqxx/result"

namespace pingan::db {

class Reconnecting;

// One row of an answer, by position. Views live as long as the call that gave the record.
class Record {
 public:
  virtual ~Record() = default;
  virtual bool IsNull(int column) const = 0;
  virtual absl::string_view Text(int column) const = 0;  // "" for NULL
  int64_t Integer(int column) const;                     // 0 for NULL
  bool Flag(int column) const;                           // false for NULL
  double Number(int column) const;                       // 0 for NULL
  absl::Time Time(int column) const;                     // of a timestamptz; InfinitePast for NULL
  std::string Bytes(int column) const;                   // of a bytea
  std::vector<std::string> Texts(int column) const;      // of a text[] or uuid[]
};

// The prepared statements of one connection's lists, by their texts. Used by one thread.
class StatementsOfLists {
 public:
  // With `{columns}` and `{alias.columns}` replaced when there is a table.
  const Statement& Of(const BoundTable* table, absl::string_view sql);

 private:
  absl::flat_hash_map<std::pair<const BoundTable*, std::string>, Statement> statements_;
};

// Used by one thread, inside the function it was given to. `sql` is a constant of the program: it
// is prepared once per connection under its text, so it must not be built from what callers send.
// Parameters are $1, $2 ...; give their types where PostgreSQL cannot know them ($1::text[]).
// Sessions are read-only and in UTC. Errors are those of RowReader; the first one ends the use of
// the session.
class ReadSession {
 public:
  ReadSession(Reconnecting& session, StatementsOfLists& statements, const Catalogue& catalogue,
              absl::Time deadline)
      : session_(session), statements_(statements), catalogue_(catalogue), deadline_(deadline) {}

  // Rows as messages. The select list must be `{columns}`, which stands for the table's columns, or
  // `{e.columns}` for those of the table's alias e:
  //   session.Rows(kEvents, "SELECT {columns} FROM events WHERE town = $1 AND start_time > $2 ORDER
  //   BY ...", {town, after})
  template <class Row>
  absl::StatusOr<std::vector<Row>> Rows(const TableOf<Row>& table, absl::string_view sql,
                                        std::initializer_list<Value> parameters) {
    return Rows(table, sql, Values(parameters.begin(), parameters.size()));
  }
  template <class Row>
  absl::StatusOr<std::vector<Row>> Rows(const TableOf<Row>& table, absl::string_view sql,
                                        Values parameters) {
    std::vector<Row> rows;
    absl::Status status = ReadRows(table, sql, parameters, [&]() -> google::protobuf::Message& {
      return rows.emplace_back();
    });
    if (!status.ok()) return status;
    return rows;
  }

  // Anything else: sums, ids, joined columns. Calls `take` for every row.
  absl::Status Records(absl::string_view sql, std::initializer_list<Value> parameters,
                       absl::FunctionRef<void(const Record&)> take) {
    return Records(sql, Values(parameters.begin(), parameters.size()), take);
  }
  absl::Status Records(absl::string_view sql, Values parameters,
                       absl::FunctionRef<void(const Record&)> take);

 private:
  absl::Status ReadRows(const Table& table, absl::string_view sql, Values parameters,
                        absl::FunctionRef<google::protobuf::Message&()> next);
  absl::StatusOr<pqxx::result> Run(const BoundTable* table, absl::string_view sql,
                                   Values parameters);

  Reconnecting& session_;
  StatementsOfLists& statements_;
  const Catalogue& catalogue_;
  const absl::Time deadline_;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_READ_SESSION_H_
