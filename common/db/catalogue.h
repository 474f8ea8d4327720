// The tables and queries of a database, bound to its columns, with the statements that serve them.
#ifndef PINGAN_COMMON_DB_CATALOGUE_H_
#define PINGAN_COMMON_DB_CATALOGUE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/row_mapper.h"
#include "common/db/table.h"
#include "common/db/value.h"

namespace pingan::db {

// A prepared statement: equal names mean equal texts, within one database.
struct Statement {
  std::string name;
  std::string sql;
};

class BoundTable;

// Which list of a query: the equal values and the floor. Two keys are equal when their lists are.
struct ListKey {
  std::string equal;  // tenant and values, each ended by NUL
  std::string floor;  // as a parameter; empty: the query has none

  friend bool operator==(const ListKey& a, const ListKey& b) {
    return a.equal == b.equal && a.floor == b.floor;
  }
  template <typename H>
  friend H AbslHashValue(H h, const ListKey& key) {
    return H::combine(std::move(h), key.equal, key.floor);
  }
};

// Immutable, thread safe.
class BoundQuery {
 public:
  static absl::StatusOr<std::unique_ptr<BoundQuery>> Bind(const Query& query,
                                                          const BoundTable& table, size_t number);

  const Query& query() const { return query_; }
  const BoundTable& table() const { return table_; }
  // Counts the queries of its table, from 0.
  size_t number() const { return number_; }
  bool has_floor() const { return floor_ != nullptr; }

  // The list that is asked for; nothing when no row can be in it. Ends the process when the number
  // of values is not the query's: that is a mistake in the program, at every call.
  std::optional<ListKey> KeyOf(absl::string_view within, Values values) const;
  // The `equal` of the lists a row is in; false when it is in none.
  bool EqualOf(const google::protobuf::Message& row, const Segments& key, std::string& equal) const;
  // Whether a row with the right equal values is above the list's floor.
  bool AboveFloor(const google::protobuf::Message& row, const Segments& key,
                  const ListKey& list) const;
  // Bytes that sort as the query sorts.
  std::string OrderOf(const google::protobuf::Message& row, const Segments& key) const;

  // Rows of many lists: parameters one array per equal column (tenant first), the floor, and for
  // `cut` the limits; gives the list's place (from 1) and the row's columns. `whole` gives the rows
  // of a list in no order, `cut` in the query's.
  const Statement& whole() const { return whole_; }
  const Statement& cut() const { return cut_; }
  // Adds one list to the parameters.
  void AppendKey(const ListKey& key, ArrayParameters& out) const;
  // The parameters of `whole` and of `cut`.
  absl::Span<const WireType> whole_types() const {
    return absl::MakeConstSpan(types_).first(types_.size() - 1);
  }
  absl::Span<const WireType> cut_types() const { return types_; }

 private:
  BoundQuery(const Query& query, const BoundTable& table, size_t number)
      : query_(query), table_(table), number_(number) {}
  void WriteStatements();

  const Query& query_;
  const BoundTable& table_;
  const size_t number_;
  std::vector<const Column*> equal_;  // the tenant first
  std::vector<const Column*> order_;  // with the key at its end
  const Column* floor_ = nullptr;
  const Column* only_ = nullptr;
  std::vector<WireType> types_;  // of the parameters; the limit's last
  Statement whole_;
  Statement cut_;
};

// Immutable, thread safe.
class BoundTable {
 public:
  static absl::StatusOr<std::unique_ptr<BoundTable>> Bind(const Table& table,
                                                          const std::vector<ColumnFact>& facts,
                                                          size_t number);

  const Table& table() const { return table_; }
  const RowMapper& mapper() const { return mapper_; }
  const std::string& name() const { return table_.name(); }
  // As an identifier.
  const std::string& sql_name() const { return sql_name_; }
  // "pingan.event.v1.Event"
  const std::string& message() const { return table_.prototype().GetDescriptor()->full_name(); }
  // Counts the tables of the database, from 0.
  size_t number() const { return number_; }
  const std::vector<std::unique_ptr<BoundQuery>>& queries() const { return queries_; }

  // Parameters: one array per key column, in the order of the name.
  const Statement& find() const { return find_; }
  const Statement& remove() const { return remove_; }
  // Parameters: one array per column.
  const Statement& insert() const { return insert_; }
  // Sets the columns of `changed` (bit i: column i). Parameters: arrays of the key's columns, then
  // of the changed ones.
  Statement Update(uint64_t changed) const;

  // Columns the unit of work keeps; null where the row has none.
  const google::protobuf::FieldDescriptor* create_time() const { return create_time_; }
  const google::protobuf::FieldDescriptor* update_time() const { return update_time_; }
  const google::protobuf::FieldDescriptor* etag() const { return etag_; }
  const google::protobuf::FieldDescriptor* mechanism() const { return mechanism_; }

 private:
  friend class Catalogue;

  BoundTable(const Table& table, RowMapper mapper, size_t number);

  const Table& table_;
  const RowMapper mapper_;
  const size_t number_;
  const std::string sql_name_;
  std::vector<std::unique_ptr<BoundQuery>> queries_;
  Statement find_;
  Statement insert_;
  Statement remove_;
  const google::protobuf::FieldDescriptor* create_time_;
  const google::protobuf::FieldDescriptor* update_time_;
  const google::protobuf::FieldDescriptor* etag_;
  const google::protobuf::FieldDescriptor* mechanism_;
};

// Immutable, thread safe.
class Catalogue {
 public:
  using Facts = std::function<std::vector<ColumnFact>(const std::string& table)>;

  // Binds tables and all queries declared over them. FAILED_PRECONDITION says what does not fit.
  static absl::StatusOr<std::unique_ptr<Catalogue>> Bind(const Tables& tables, const Facts& facts);

  const std::vector<std::unique_ptr<BoundTable>>& tables() const { return tables_; }

  // Both end the process when the database was not opened with the table: a mistake in the program,
  // at every call.
  const BoundTable& Of(const Table& table) const;
  const BoundQuery& Of(const Query& query) const;
  // The table of a row message, or null.
  const BoundTable* Of(const google::protobuf::Descriptor* message) const;
  const BoundTable* OfMessage(absl::string_view full_name) const;

 private:
  Catalogue() = default;

  std::vector<std::unique_ptr<BoundTable>> tables_;
  std::vector<const BoundTable*> by_table_;  // by Table::number(), null where not bound
  std::vector<const BoundQuery*> by_query_;  // by Query::number()
  absl::flat_hash_map<const google::protobuf::Descriptor*, const BoundTable*> by_message_;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_CATALOGUE_H_
