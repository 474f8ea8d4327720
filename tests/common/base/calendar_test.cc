#include "common/base/calendar.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace pingan::base {
namespace {

absl::Time Utc(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(CalendarTest, DaysChangeAtMidnightInShanghai) {
  const struct {
    const char* time;
    absl::CivilDay day;
    absl::CivilMonth month;
  } cases[] = {
      {"2026-11-30T15:59:59.999999Z", absl::CivilDay(2026, 11, 30), absl::CivilMonth(2026, 11)},
      {"2026-11-30T16:00:00Z", absl::CivilDay(2026, 12, 1), absl::CivilMonth(2026, 12)},
      {"2026-12-31T16:00:00Z", absl::CivilDay(2027, 1, 1), absl::CivilMonth(2027, 1)},
      {"2028-02-28T16:00:00Z", absl::CivilDay(2028, 2, 29), absl::CivilMonth(2028, 2)},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(DayOf(Utc(c.time)), c.day) << c.time;
    EXPECT_EQ(MonthOf(Utc(c.time)), c.month) << c.time;
  }
}

TEST(CalendarTest, EndsAreTheNextBeginnings) {
  EXPECT_EQ(StartOf(absl::CivilDay(2026, 11, 23)), Utc("2026-11-22T16:00:00Z"));
  EXPECT_EQ(EndOf(absl::CivilDay(2026, 11, 23)), Utc("2026-11-23T16:00:00Z"));
  EXPECT_EQ(StartOfMonth(absl::CivilMonth(2026, 12)), Utc("2026-11-30T16:00:00Z"));
  EXPECT_EQ(EndOfMonth(absl::CivilMonth(2026, 12)), Utc("2026-12-31T16:00:00Z"));
  EXPECT_EQ(EndOfMonth(absl::CivilMonth(2028, 2)), Utc("2028-02-29T16:00:00Z"));
}

TEST(CalendarTest, AgreesWithTheTimeZoneDatabaseSinceSummerTimeEnded) {
  absl::TimeZone shanghai;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &shanghai)) << "install tzdata";
  for (absl::CivilDay day(1991, 9, 16); day < absl::CivilDay(2100, 1, 1); ++day) {
    ASSERT_EQ(StartOf(day), absl::FromCivil(day, shanghai)) << day;
  }
}

TEST(CalendarTest, DoesNotDependOnTheProcessesTimeZone) {
  const char* const before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  setenv("TZ", "America/New_York", 1);
  EXPECT_EQ(DayOf(Utc("2026-11-30T16:00:00Z")), absl::CivilDay(2026, 12, 1));
  before == nullptr ? unsetenv("TZ") : setenv("TZ", kept.c_str(), 1);
}

google::type::Date Date(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

TEST(CalendarTest, OnlyDaysOfTheCalendarAreDates) {
  const struct {
    google::type::Date date;
    bool is;
  } cases[] = {
      {Date(2026, 11, 23), true},  {Date(2028, 2, 29), true},  {Date(2026, 2, 29), false},
      {Date(2026, 11, 31), false}, {Date(2026, 11, 0), false}, {Date(2026, 0, 1), false},
      {Date(0, 11, 23), false},    {Date(2026, 13, 1), false}, {Date(2026, -1, 1), false},
      {Date(10000, 1, 1), false},  {Date(9999, 12, 31), true}, {Date(1, 1, 1), true},
  };
  for (const auto& c : cases) EXPECT_EQ(IsDate(c.date), c.is) << c.date.ShortDebugString();
  EXPECT_EQ(FromDate(Date(2026, 11, 23)), absl::CivilDay(2026, 11, 23));
  EXPECT_EQ(ToDate(absl::CivilDay(2026, 11, 23)).ShortDebugString(),
            "year: 2026 month: 11 day: 23");
}

TEST(CalendarTest, DatesCompareByYearThenMonthThenDay) {
  const google::type::Date ordered[] = {Date(2025, 12, 31), Date(2026, 0, 0), Date(2026, 1, 2),
                                        Date(2026, 1, 10), Date(2026, 2, 1)};
  for (size_t i = 0; i < std::size(ordered); ++i) {
    for (size_t j = 0; j < std::size(ordered); ++j)
      EXPECT_EQ(CompareDates(ordered[i], ordered[j]), i <=> j);
  }
}

TEST(CalendarTest, YearsHaveAFirstAndALast) {
  EXPECT_TRUE(IsWithinYears(absl::CivilDay(1900, 1, 1)));
  EXPECT_TRUE(IsWithinYears(absl::CivilDay(2200, 12, 31)));
  EXPECT_FALSE(IsWithinYears(absl::CivilDay(1899, 12, 31)));
  EXPECT_FALSE(IsWithinYears(absl::CivilDay(2201, 1, 1)));
  const absl::Time first = absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone());
  const absl::Time end = absl::FromCivil(absl::CivilYear(2201), absl::UTCTimeZone());
  EXPECT_TRUE(IsWithinYears(first));
  EXPECT_TRUE(IsWithinYears(end - absl::Nanoseconds(1)));
  EXPECT_FALSE(IsWithinYears(first - absl::Nanoseconds(1)));
  EXPECT_FALSE(IsWithinYears(end));
  EXPECT_FALSE(IsWithinYears(absl::InfiniteFuture()));
}

TEST(CalendarTest, MonthsAndDaysReadWhatTheyWrite) {
  EXPECT_EQ(FormatMonth(absl::CivilMonth(2026, 3)), "2026-03");
  EXPECT_EQ(ParseMonth("2026-03"), absl::CivilMonth(2026, 3));
  EXPECT_EQ(FormatDay(absl::CivilDay(2026, 3, 4)), "2026-03-04");
  EXPECT_EQ(ParseDay("2026-03-04"), absl::CivilDay(2026, 3, 4));
}

TEST(CalendarTest, OtherTextsAreNoMonthsAndNoDays) {
  for (const char* text : {"", "2026", "2026-3", "2026-13", "2026-00", "0000-01", "2026/03",
                           "2026-03-01", "+026-03", " 2026-03"}) {
    EXPECT_EQ(ParseMonth(text), std::nullopt) << text;
  }
  for (const char* text :
       {"", "2026-03", "2026-02-29", "2026-3-04", "2026-03-4 ", "2026-03-0a", "2026-03-04T"}) {
    EXPECT_EQ(ParseDay(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace pingan::base
