// Rows as messages: the plan that takes rows of one table out of results and puts them into
// parameters.
#ifndef PINGAN_COMMON_DB_ROW_MAPPER_H_
#define PINGAN_COMMON_DB_ROW_MAPPER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/db/resource_pattern.h"
#include "common/db/table.h"
#include "common/db/value.h"
#include "common/db/wire_binary.h"
#include "google/protobuf/message.h"
#include "pqxx/row"

namespace pingan::db {

// What the database says of a column.
struct ColumnFact {
  std::string name;
  std::string type;       // as format_type() writes it: "timestamp with time zone", "uuid[]"
  bool required = false;  // NOT NULL without a default
  bool bytewise = false;  // text with collation "C"
  int key_position = 0;   // in the primary key, from 1; 0: not in it
};

// How a field stands in its column.
enum class Codec {
  kText,    // string; "" is NULL unless the column is text
  kNumber,  // integer or enum
  kBool,
  kDouble,
  kTime,
  kDate,
  kBytes,
  kMessage,  // bytea of the message
  kWire,     // bytea of the field alone in wire encoding
  kTexts,    // text[] or uuid[]
  kNumbers,  // smallint[], integer[], bigint[]
};

// What stands before the last segment of a reference: literals between values of the row's own key.
struct ReferencePrefix {
  std::vector<std::string> literals;  // one more than keys
  std::vector<int> keys;

  void Append(const Segments& key, std::string& out) const;
  // The last segment of `name` if it begins with this prefix.
  std::optional<absl::string_view> Strip(absl::string_view name, const Segments& key) const;
  // Whether the row's tenant is part of it.
  bool within_tenant() const { return !keys.empty() && keys[0] == 0; }
};

struct Column {
  std::string name;
  std::string type;
  const google::protobuf::FieldDescriptor* field = nullptr;  // null: a key variable without a field
  int key = -1;                                              // which variable of the name; -1: none
  int key_position = 0;
  Codec codec = Codec::kText;
  WireType wire = WireType::kText;  // of its parameters
  bool required = false;
  bool bytewise = false;
  std::optional<ReferencePrefix> reference;

  bool is_array() const { return codec == Codec::kTexts || codec == Codec::kNumbers; }
  bool is_text() const { return type == "text" || type == "character varying"; }
  // For unnest: arrays do not nest there, so an array column travels as text[] and is cast back.
  std::string ParameterType() const { return is_array() ? "text[]" : type + "[]"; }
  std::string Unnested(absl::string_view alias) const;
  // As an identifier: alias."name", or the bare "name".
  std::string Sql(absl::string_view alias = "") const;
};

// Immutable, thread safe. Columns are numbered: first the key's, as in the name, then the rest.
class RowMapper {
 public:
  using Message = google::protobuf::Message;

  // FAILED_PRECONDITION, naming table and column, when message and columns do not fit. Columns
  // without a field are left alone if they may be: that is how a binary works on a schema one
  // migration ahead.
  static absl::StatusOr<RowMapper> Bind(const Table& table, const std::vector<ColumnFact>& facts);

  const std::vector<Column>& columns() const { return columns_; }
  size_t key_size() const { return pattern_.variables().size(); }
  // The parameters that columns() take, in their order; those of the key come first.
  const std::vector<WireType>& wire_types() const { return wire_types_; }
  absl::Span<const WireType> key_wire_types() const {
    return absl::MakeConstSpan(wire_types_).first(key_size());
  }
  // The column of this name, or null.
  const Column* Find(absl::string_view name) const;
  // Positions in columns() of the primary key, in its order.
  const std::vector<size_t>& primary_key() const { return primary_key_; }
  // "e.town, e.event, ..." for the alias "e"; without one the bare names.
  std::string SelectList(absl::string_view alias) const;

  // The key of a name; false when no row of the table can have it.
  bool Split(absl::string_view name, Segments& key) const;
  absl::string_view NameOf(const Message& row) const;

  // Fills an empty message from the columns of SelectList, which begin at `first`.
  void Read(const pqxx::row& row, int first, Message& message) const;
  // The same from key columns only: name, and the fields called as key variables.
  void SetKey(const Segments& key, Message& message) const;

  // Whether the row can be stored as it is; an error names the column, for the log.
  absl::Status Check(const Message& row, const Segments& key) const;
  // Rounds times to what the database keeps and clears what it does not keep.
  void Normalise(Message& row) const;
  // Appends a checked row's value.
  void Append(const Column& column, const Message& row, const Segments& key,
              BinaryArray& out) const;
  // Whether two rows of one name have the same value in a column.
  bool Same(const Column& column, const Message& a, const Message& b) const;

  // Text that two values share exactly when the database finds them equal. False: the value is
  // NULL.
  bool AppendEqual(const Column& column, const Message& row, const Segments& key,
                   std::string& out) const;
  // The same for an argument, of rows within `tenant`; false: equals nothing.
  bool AppendEqual(const Column& column, const Value& value, absl::string_view tenant,
                   std::string& out) const;
  // Bytes that sort as the database sorts the column, NULL last; no value's bytes are a prefix of
  // another's.
  void AppendOrder(const Column& column, const Message& row, const Segments& key,
                   std::string& out) const;
  // The same for the text of a value.
  void AppendOrder(const Column& column, absl::string_view value, std::string& out) const;
  // Whether AppendOrder can be used.
  static bool HasOrder(const Column& column);

 private:
  RowMapper(const Table& table, ResourcePattern pattern)
      : table_(&table), pattern_(std::move(pattern)) {}

  absl::Status BindColumn(const ColumnFact& fact);
  absl::Status BindReference(Column& column) const;
  absl::Status BindFields();
  absl::Status Error(absl::string_view column, absl::string_view what) const;
  absl::Status CheckText(const Column& column, absl::string_view value, const Segments& key) const;
  bool IsNull(const Column& column, const Message& row) const;
  void ReadValue(const Column& column, absl::string_view text, const Segments& key,
                 Message& message) const;

  const Table* table_;
  ResourcePattern pattern_;
  const google::protobuf::FieldDescriptor* name_ = nullptr;
  std::vector<Column> columns_;
  std::vector<WireType> wire_types_;
  std::vector<size_t> primary_key_;
  std::vector<const google::protobuf::FieldDescriptor*> unstored_;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_ROW_MAPPER_H_
