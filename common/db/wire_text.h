// The text forms in which PostgreSQL takes parameters and gives results, for a session in UTC with
// ISO dates.
#ifndef PINGAN_COMMON_DB_WIRE_TEXT_H_
#define PINGAN_COMMON_DB_WIRE_TEXT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"

namespace pingan::db {

// "2026-12-01 01:00:00.123456+00"; rounds down to the microsecond. Years 1 to 9999.
void AppendTimestamp(const google::protobuf::Timestamp& time, std::string& out);
// "2026-12-01 01:00:00[.123456]+00" as PostgreSQL writes it in UTC.
void ParseTimestamp(absl::string_view text, google::protobuf::Timestamp& time);

// "2026-12-01"
void AppendDate(const google::type::Date& date, std::string& out);
void ParseDate(absl::string_view text, google::type::Date& date);

// "\x0aff"
void AppendBytea(absl::string_view bytes, std::string& out);
std::string ParseBytea(absl::string_view text);

// Digits that read back as the same number; "NaN", "Infinity".
std::string DoubleText(double number);

// "{a,"b c",NULL}" into its elements; NULL elements are dropped. One dimension.
std::vector<std::string> ParseArray(absl::string_view text);

// Builds an array literal, element by element.
class ArrayLiteral {
 public:
  ArrayLiteral() : text_("{") {}

  void Reserve(size_t bytes) { text_.reserve(bytes); }
  void Null() { Next() += "NULL"; }
  // Any text; quoted.
  void Text(absl::string_view text);
  // A number, true, false: text that needs no quotes.
  void Bare(absl::string_view text) { Next().append(text.data(), text.size()); }
  void Number(int64_t number);
  void Bytes(absl::string_view bytes);
  // A text without quotes or backslashes inside, such as a time or a uuid, written by
  // `append(std::string&)`.
  template <class Append>
  void Plain(Append append) {
    std::string& text = Next();
    text += '"';
    append(text);
    text += '"';
  }

  // Ends the literal.
  std::string Take() && {
    text_ += '}';
    return std::move(text_);
  }

 private:
  std::string& Next() {
    if (text_.size() > 1) text_ += ',';
    return text_;
  }

  std::string text_;
};

// Array literals side by side, one per column, filled row by row: the parameters of `unnest($1, $2,
// ...)`.
class ArrayParameters {
 public:
  explicit ArrayParameters(size_t columns, size_t bytes_each = 1024) : columns_(columns) {
    for (ArrayLiteral& column : columns_) column.Reserve(bytes_each);
  }

  // The column after the one given last; wraps round.
  ArrayLiteral& Next() {
    ArrayLiteral& column = columns_[next_];
    if (++next_ == columns_.size()) next_ = 0, ++rows_;
    return column;
  }
  size_t rows() const { return rows_; }
  std::vector<std::string> Take() &&;

 private:
  std::vector<ArrayLiteral> columns_;
  size_t next_ = 0;
  size_t rows_ = 0;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_WIRE_TEXT_H_
