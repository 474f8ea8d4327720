#include "common/db/value.h"

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/timestamps.h"
#include "common/db/wire_text.h"

namespace pingan::db {
namespace {

struct ToText {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(int64_t number) const { return absl::StrCat(number); }
  std::string operator()(bool flag) const { return flag ? "t" : "f"; }
  std::string operator()(absl::Time time) const {
    std::string text;
    AppendTimestamp(base::ToTimestamp(time), text);
    return text;
  }
  std::string operator()(const Value::Texts& texts) const {
    ArrayLiteral literal;
    for (const std::string& text : texts) literal.Text(text);
    return std::move(literal).Take();
  }
};

}  // namespace

Value::Value(const google::protobuf::Timestamp& time) : held_(base::FromTimestamp(time)) {}

Value::Value(const google::type::Date& date) {
  std::string text;
  AppendDate(date, text);
  held_ = std::move(text);
}

std::string Value::ToParameter() const { return std::visit(ToText(), held_); }

Value IdOrNull(absl::string_view name) {
  return name.empty() ? Value(std::nullopt) : Value(base::LastSegment(name));
}

}  // namespace pingan::db
