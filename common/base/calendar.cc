#include "common/base/calendar.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace pingan::base {
namespace {

// The number written in exactly `text`, all of it digits; -1 for anything else.
int Digits(absl::string_view text) {
  for (char c : text) {
    if (!absl::ascii_isdigit(c)) return -1;
  }
  int number = -1;
  return absl::SimpleAtoi(text, &number) ? number : -1;
}

std::optional<absl::CivilDay> DayFromParts(int64_t year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
    return std::nullopt;
  const absl::CivilDay result(year, month, day);
  if (result.day() != day) return std::nullopt;  // absl carries February 30th over into March
  return result;
}

}  // namespace

absl::TimeZone Shanghai() {
  static const absl::TimeZone kZone = absl::FixedTimeZone(8 * 60 * 60);
  return kZone;
}

absl::CivilDay DayOf(absl::Time time) { return absl::ToCivilDay(time, Shanghai()); }
absl::CivilMonth MonthOf(absl::Time time) { return absl::ToCivilMonth(time, Shanghai()); }

absl::Time StartOf(absl::CivilDay day) { return absl::FromCivil(day, Shanghai()); }
absl::Time EndOf(absl::CivilDay day) { return StartOf(day + 1); }
absl::Time StartOfMonth(absl::CivilMonth month) { return absl::FromCivil(month, Shanghai()); }
absl::Time EndOfMonth(absl::CivilMonth month) { return StartOfMonth(month + 1); }

bool IsWithinYears(absl::CivilDay day) {
  return day.year() >= kFirstYear && day.year() <= kLastYear;
}

bool IsWithinYears(absl::Time time) {
  static const absl::Time kFirst =
      absl::FromCivil(absl::CivilYear(kFirstYear), absl::UTCTimeZone());
  static const absl::Time kEnd =
      absl::FromCivil(absl::CivilYear(kLastYear + 1), absl::UTCTimeZone());
  return time >= kFirst && time < kEnd;
}

google::type::Date ToDate(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

bool IsDate(const google::type::Date& date) { return FromDate(date).has_value(); }

std::optional<absl::CivilDay> FromDate(const google::type::Date& date) {
  return DayFromParts(date.year(), date.month(), date.day());
}

std::strong_ordering CompareDates(const google::type::Date& a, const google::type::Date& b) {
  if (const auto by_year = a.year() <=> b.year(); by_year != 0) return by_year;
  if (const auto by_month = a.month() <=> b.month(); by_month != 0) return by_month;
  return a.day() <=> b.day();
}

std::string FormatMonth(absl::CivilMonth month) {
  return absl::StrFormat("%04d-%02d", month.year(), month.month());
}

std::optional<absl::CivilMonth> ParseMonth(absl::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const auto first = DayFromParts(Digits(text.substr(0, 4)), Digits(text.substr(5)), 1);
  if (!first) return std::nullopt;
  return absl::CivilMonth(*first);
}

std::string FormatDay(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

std::string FormatDay(const google::type::Date& date) {
  const std::optional<absl::CivilDay> day = FromDate(date);
  return day.has_value() ? FormatDay(*day) : "";
}

std::optional<absl::CivilDay> ParseDay(absl::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  return DayFromParts(Digits(text.substr(0, 4)), Digits(text.substr(5, 2)), Digits(text.substr(8)));
}

}  // namespace pingan::base
