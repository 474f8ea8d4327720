// The binary forms in which PostgreSQL takes parameters: what the receive function of a type reads
// (https://www.postgresql.org/docs/15/protocol-overview.html#PROTOCOL-FORMAT-CODES; the forms
// themselves are those of the types' *_recv functions). Half the bytes of the text forms, and
// nothing to quote, to escape or to parse.
#ifndef PINGAN_COMMON_DB_WIRE_BINARY_H_
#define PINGAN_COMMON_DB_WIRE_BINARY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "pqxx/binarystring"

namespace pingan::db {

// The types of columns whose values travel in binary form.
enum class WireType {
  kText,
  kVarchar,
  kUuid,
  kSmallint,
  kInteger,
  kBigint,
  kBool,
  kDouble,
  kTime,  // timestamp with time zone
  kDate,
  kBytes,
};

// Of a type as format_type() writes it; nothing for one that is not above.
std::optional<WireType> WireTypeOf(absl::string_view type);

// Parameters of a statement, in their order.
using BinaryParameters = std::vector<pqxx::binarystring>;

// A timestamptz that is no array; rounds down to the microsecond.
pqxx::binarystring BinaryTime(const google::protobuf::Timestamp& time);

// An array of one dimension, built element by element. An element is given as the array's type or
// as text. Throws std::invalid_argument for what is no uuid, no number, or too large for the type.
class BinaryArray {
 public:
  explicit BinaryArray(WireType type, size_t bytes = 0);

  void Null();
  // As PostgreSQL writes the type: a uuid, digits, "t" or "f", "2026-12-01", "2026-12-01
  // 01:00:00.123456+00".
  void Text(absl::string_view text);
  void Number(int64_t number);
  void Bool(bool flag);
  void Double(double number);
  void Time(const google::protobuf::Timestamp& time);
  void Date(const google::type::Date& date);
  void Bytes(absl::string_view bytes);

  // Ends the array.
  pqxx::binarystring Take() &&;

  friend bool operator==(const BinaryArray& a, const BinaryArray& b) {
    return a.type_ == b.type_ && a.bytes_ == b.bytes_;
  }

 private:
  template <class Integer>
  void Element(Integer value);
  void Uuid(absl::string_view text);

  WireType type_;
  int32_t size_ = 0;
  bool has_null_ = false;
  std::string bytes_;  // room for the head, then the elements
};

// Arrays side by side, one per column, filled row by row: the parameters of `unnest($1, $2, ...)`.
class ArrayParameters {
 public:
  explicit ArrayParameters(absl::Span<const WireType> columns, size_t bytes_each = 1024);

  // The column after the one given last; wraps round.
  BinaryArray& Next() {
    BinaryArray& column = columns_[next_];
    if (++next_ == columns_.size()) next_ = 0, ++rows_;
    return column;
  }
  size_t rows() const { return rows_; }
  BinaryParameters Take() &&;

 private:
  std::vector<BinaryArray> columns_;
  size_t next_ = 0;
  size_t rows_ = 0;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_WIRE_BINARY_H_
