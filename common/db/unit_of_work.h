// What a rule sees of the database: the rows it asks for, the time, and the rows it changes.
//
// A unit of work is one transaction that many commands of many tenants share, one after the other.
// Rules run on one thread, under the head locks of their tenants, so what they read stays true
// until they are committed. A rule is pure: it may be run several times, and must ask and decide
// the same each time for the same rows.
//
// There is one live object per row in a unit: what Find and List give and what Change returns are
// the same object, so a rule that keeps a `const Row*` sees its own changes. References hold until
// the rule returns.
#ifndef PINGAN_COMMON_DB_UNIT_OF_WORK_H_
#define PINGAN_COMMON_DB_UNIT_OF_WORK_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/table.h"
#include "common/db/value.h"
#include "google/protobuf/timestamp.pb.h"

namespace pingan::db {

class RowCache;

// Base::NOT_FOUND with metadata `resource`: what Find answers for a row that is not there.
absl::Status RowNotFound(absl::string_view name);

class UnitOfWork {
 public:
  explicit UnitOfWork(RowCache& rows) : rows_(rows) {}
  UnitOfWork(const UnitOfWork&) = delete;
  UnitOfWork& operator=(const UnitOfWork&) = delete;

  // The time of the transaction, in whole microseconds.
  absl::Time now() const;
  const google::protobuf::Timestamp& now_timestamp() const;
  // The command's tenant, actor and principal (empty: the actor acts for themselves).
  const std::string& tenant() const;
  const std::string& actor() const;
  const std::string& principal() const;
  // A new UUIDv7. A rule that runs again gets others.
  std::string NewId();

  // The row of this name, also of another tenant (then without lock: it may change any time).
  // NOT_FOUND, naming it, when there is none, or no row could have this name.
  //   ASSIGN_OR_RETURN(const Roster& roster, work.Find(kRosters, request.roster()));
  template <class Row>
  absl::StatusOr<std::reference_wrapper<const Row>> Find(const TableOf<Row>& table,
                                                         absl::string_view name) {
    const Row* row = FindOrNull(table, name);
    if (row == nullptr) return RowNotFound(name);
    return std::cref(*row);
  }
  template <class Row>
  const Row* FindOrNull(const TableOf<Row>& table, absl::string_view name) {
    return static_cast<const Row*>(FindRow(table, name));
  }

  // The first `limit` rows of a query, in its order, with what this and earlier commands changed.
  // `within` is a tenant, or any resource name of it; `values` are one per column of `equal`, then
  // the floor.
  //   work.List(kFirstWaiting, work.tenant(), 1, roster.name(), State::WAITLISTED)
  template <class Row, class... Arguments>
  std::vector<const Row*> List(const QueryOf<Row>& query, absl::string_view within, int64_t limit,
                               const Arguments&... values) {
    const std::array<Value, sizeof...(values)> held{Value(values)...};
    std::vector<const Row*> rows;
    for (const google::protobuf::Message* row : ListRows(query, within, limit, held)) {
      rows.push_back(static_cast<const Row*>(row));
    }
    return rows;
  }

  // The live object of a row that Find, List or Insert gave, to be changed in place; the change is
  // logged under `verb`, a literal. Keeps update_time and etag: change fields, do not assign a
  // whole row over them. A later Change of the same row by the same command replaces the verb,
  // unless it is the row's Insert.
  template <class Row>
  Row& Change(const Row& row, absl::string_view verb) {
    return static_cast<Row&>(ChangeRow(row, row.name(), verb));
  }

  // Adds a row under its `name` and returns the live object. Sets create_time, update_time and etag
  // "1" where it has them. The command is refused with ALREADY_EXISTS when there is such a row.
  template <class Row>
  Row& Insert(const TableOf<Row>& table, Row row, absl::string_view verb) {
    return static_cast<Row&>(InsertRow(table, std::make_unique<Row>(std::move(row)), verb));
  }

  // Removes a row; logged as `deleted` with the row as it was last.
  template <class Row>
  void Delete(const Row& row) {
    DeleteRow(row, row.name());
  }

 private:
  const google::protobuf::Message* FindRow(const Table& table, absl::string_view name);
  std::vector<const google::protobuf::Message*> ListRows(const Query& query,
                                                         absl::string_view within, int64_t limit,
                                                         Values values);
  google::protobuf::Message& ChangeRow(const google::protobuf::Message& row, absl::string_view name,
                                       absl::string_view verb);
  google::protobuf::Message& InsertRow(const Table& table,
                                       std::unique_ptr<google::protobuf::Message> row,
                                       absl::string_view verb);
  void DeleteRow(const google::protobuf::Message& row, absl::string_view name);

  RowCache& rows_;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_UNIT_OF_WORK_H_
