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
std::string ParseBytea(absl::string_view text);

// "{a,"b c",NULL}" into its elements; NULL elements are dropped. One dimension.
std::vector<std::string> ParseArray(absl::string_view text);

// Builds an array literal, element by element.
class ArrayLiteral {
 public:
  ArrayLiteral() : text_("{") {}

  // Any text; quoted.
  void Text(absl::string_view text);
  void Number(int64_t number);
  bool empty() const { return text_.size() == 1; }

  // Ends the literal.
  std::string Take() && {
    text_ += '}';
    return std::move(text_);
  }

 private:
  std::string& Next() {
    if (!empty()) text_ += ',';
    return text_;
  }

  std::string text_;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_WIRE_TEXT_H_
