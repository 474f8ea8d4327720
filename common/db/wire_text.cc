#include "common/db/wire_text.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace pingan::db {
namespace {

constexpr int64_t kSecondsPerDay = 24 * 60 * 60;

void AppendDigits(int64_t value, int digits, std::string& out) {
  const size_t start = out.size();
  out.append(digits, '0');
  for (size_t at = start + digits; at-- > start; value /= 10)
    out[at] = static_cast<char>('0' + value % 10);
}

int ReadDigits(absl::string_view text, size_t from, size_t count) {
  int value = 0;
  for (size_t at = from; at < from + count && at < text.size(); ++at)
    value = value * 10 + (text[at] - '0');
  return value;
}

void AppendDay(absl::CivilDay day, std::string& out) {
  AppendDigits(day.year(), 4, out);
  out += '-';
  AppendDigits(day.month(), 2, out);
  out += '-';
  AppendDigits(day.day(), 2, out);
}

void AppendQuoted(absl::string_view text, std::string& out) {
  out += '"';
  if (text.find_first_of("\"\\") == text.npos) {
    out.append(text.data(), text.size());
  } else {
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

}  // namespace

void AppendTimestamp(const google::protobuf::Timestamp& time, std::string& out) {
  int64_t days = time.seconds() / kSecondsPerDay;
  int64_t second = time.seconds() % kSecondsPerDay;
  if (second < 0) second += kSecondsPerDay, --days;
  AppendDay(absl::CivilDay(1970, 1, 1) + days, out);
  out += ' ';
  AppendDigits(second / 3600, 2, out);
  out += ':';
  AppendDigits(second / 60 % 60, 2, out);
  out += ':';
  AppendDigits(second % 60, 2, out);
  out += '.';
  AppendDigits(time.nanos() / 1000, 6, out);
  out += "+00";
}

void ParseTimestamp(absl::string_view text, google::protobuf::Timestamp& time) {
  const absl::CivilDay day(ReadDigits(text, 0, 4), ReadDigits(text, 5, 2), ReadDigits(text, 8, 2));
  time.set_seconds((day - absl::CivilDay(1970, 1, 1)) * kSecondsPerDay +
                   ReadDigits(text, 11, 2) * 3600 + ReadDigits(text, 14, 2) * 60 +
                   ReadDigits(text, 17, 2));
  int nanos = 0;
  if (text.size() > 19 && text[19] == '.') {
    int unit = 100'000'000;
    for (size_t at = 20; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
      nanos += (text[at] - '0') * unit;
    }
  }
  time.set_nanos(nanos);
}

void AppendDate(const google::type::Date& date, std::string& out) {
  AppendDay(absl::CivilDay(date.year(), date.month(), date.day()), out);
}

void ParseDate(absl::string_view text, google::type::Date& date) {
  date.set_year(ReadDigits(text, 0, 4));
  date.set_month(ReadDigits(text, 5, 2));
  date.set_day(ReadDigits(text, 8, 2));
}

std::string ParseBytea(absl::string_view text) {
  return text.size() < 2 ? std::string() : absl::HexStringToBytes(text.substr(2));
}

std::vector<std::string> ParseArray(absl::string_view text) {
  std::vector<std::string> elements;
  if (text.size() < 2) return elements;
  const absl::string_view inside = text.substr(1, text.size() - 2);
  for (size_t at = 0; at < inside.size();) {
    std::string element;
    const bool quoted = inside[at] == '"';
    if (quoted) {
      for (++at; at < inside.size() && inside[at] != '"'; ++at) {
        if (inside[at] == '\\') ++at;
        element += inside[at];
      }
      ++at;
    } else {
      for (; at < inside.size() && inside[at] != ','; ++at) element += inside[at];
    }
    ++at;  // the comma
    if (quoted || element != "NULL") elements.push_back(std::move(element));
  }
  return elements;
}

void ArrayLiteral::Text(absl::string_view text) { AppendQuoted(text, Next()); }

void ArrayLiteral::Number(int64_t number) { absl::StrAppend(&Next(), number); }

}  // namespace pingan::db
