// Days and months as people in China count them: Asia/Shanghai, whatever the TZ of the process.
// "End" is always exclusive: the start of what comes next. All functions are thread safe.
#ifndef PINGAN_COMMON_BASE_CALENDAR_H_
#define PINGAN_COMMON_BASE_CALENDAR_H_

#include <compare>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"

namespace pingan::base {

// Asia/Shanghai: UTC+8 without summer time, which is what it has been since 1991-09-15. Instants
// before that (summers of 1986 to 1991, and before 1949) may be an hour off; the system knows none.
absl::TimeZone Shanghai();

absl::CivilDay DayOf(absl::Time time);
absl::CivilMonth MonthOf(absl::Time time);

absl::Time StartOf(absl::CivilDay day);
absl::Time EndOf(absl::CivilDay day);
absl::Time StartOfMonth(absl::CivilMonth month);
absl::Time EndOfMonth(absl::CivilMonth month);

// The years that days and moments from outside may lie in; of a moment, its year in UTC.
inline constexpr int kFirstYear = 1900;
inline constexpr int kLastYear = 2200;
bool IsWithinYears(absl::CivilDay day);
bool IsWithinYears(absl::Time time);

// A google.type.Date names a whole day here: year 1 to 9999, month and day not zero.
google::type::Date ToDate(absl::CivilDay day);
bool IsDate(const google::type::Date& date);
// Nothing when the date is not a day of the calendar (February 30th) or leaves a part out.
std::optional<absl::CivilDay> FromDate(const google::type::Date& date);
// Year, then month, then day; also orders dates that leave parts out.
std::strong_ordering CompareDates(const google::type::Date& a, const google::type::Date& b);

// "2026-11", four and two digits. Parsing gives nothing for anything else.
std::string FormatMonth(absl::CivilMonth month);
std::optional<absl::CivilMonth> ParseMonth(absl::string_view text);
// "2026-11-23".
std::string FormatDay(absl::CivilDay day);
std::string FormatDay(const google::type::Date& date);  // "" when it is no day
std::optional<absl::CivilDay> ParseDay(absl::string_view text);

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_CALENDAR_H_
