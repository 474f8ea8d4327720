// Values that queries are asked with: arguments of a declared query and parameters of a list's
// statement.
#ifndef PINGAN_COMMON_DB_VALUE_H_
#define PINGAN_COMMON_DB_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"

namespace pingan::db {

// A value of any column type; made implicitly where a query is asked. Owns what it holds.
// A resource name may be given wherever a column holds its last segment (a uuid column with a
// reference).
class Value {
 public:
  using Texts = std::vector<std::string>;

  Value(std::nullopt_t) {}  // NULL
  Value(absl::string_view text) : held_(std::string(text)) {}
  Value(const std::string& text) : held_(text) {}
  Value(std::string&& text) : held_(std::move(text)) {}
  Value(const char* text) : held_(std::string(text)) {}
  Value(bool flag) : held_(flag) {}
  template <class Number>
  requires((std::is_integral_v<Number> || std::is_enum_v<Number>)&&!std::is_same_v<Number, bool>)
      Value(Number number)
      : held_(static_cast<int64_t>(number)) {}
  Value(absl::Time time) : held_(time) {}
  Value(const google::protobuf::Timestamp& time);
  Value(const google::type::Date& date);
  // An array, for `column = ANY($n)`.
  Value(absl::Span<const std::string> texts) : held_(Texts(texts.begin(), texts.end())) {}
  Value(const Texts& texts) : held_(texts) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(held_); }
  // The text, or null when this is not a text.
  const std::string* text() const { return std::get_if<std::string>(&held_); }

  // As PostgreSQL reads it in a text parameter; meaningless for NULL. Times are UTC with
  // microseconds.
  std::string ToParameter() const;

 private:
  std::variant<std::monostate, std::string, int64_t, bool, absl::Time, Texts> held_;
};

using Values = absl::Span<const Value>;

// The id a resource name ends with, NULL for "": for filters that a request may leave out.
Value IdOrNull(absl::string_view name);

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_VALUE_H_
