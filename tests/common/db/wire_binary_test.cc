// What is sent in binary form is what PostgreSQL reads: every type, through the server and back as
// text.
#include "common/db/wire_binary.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/session.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/database.h"

namespace pingan::db {
namespace {

using testing::ElementsAre;

class WireBinaryTest : public testing::Test {
 protected:
  // The elements of an array of this type as PostgreSQL understood them.
  std::vector<std::string> Seen(const std::string& type, BinaryArray array) {
    BinaryParameters parameters;
    parameters.push_back(std::move(array).Take());
    std::vector<std::string> seen;
    const Statement statement{
        absl::StrCat("seen_", type),
        absl::StrCat("SELECT coalesce(e::text, 'NULL') FROM unnest($1::", type, "[]) AS k(e)")};
    for (const auto& row : session_.Run(statement, parameters)) seen.push_back(row[0].c_str());
    return seen;
  }

  // The same of texts, each in the form PostgreSQL writes.
  std::vector<std::string> SeenTexts(const std::string& type,
                                     const std::vector<std::string>& texts) {
    BinaryArray array(*WireTypeOf(type));
    for (const std::string& text : texts) array.Text(text);
    return Seen(type, std::move(array));
  }

  test::TestDatabase database_{"wire", {}};
  Session session_{SessionOptions{.conninfo = database_.conninfo(), .schema = "wire"}};
};

google::protobuf::Timestamp Timestamp(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  time.set_nanos(nanos);
  return time;
}

TEST_F(WireBinaryTest, TextsReadBackAsTheyWere) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> kinds = {
      {"text", {"", "NULL", "平安 \"共建\" \\ {a,b}", std::string(3000, 'x')}},
      {"character varying", {"", "共建"}},
      {"uuid", {"00000000-0000-0000-0000-000000000000", "0199f3a8-7c01-7abc-9def-fedcba987654"}},
      {"smallint", {"0", "-32768", "32767"}},
      {"integer", {"0", "-2147483648", "2147483647"}},
      {"bigint", {"0", "-9223372036854775808", "9223372036854775807"}},
      {"double precision", {"0", "0.1", "-1.5e+300", "NaN", "Infinity"}},
      {"date", {"0001-01-01", "1999-12-31", "2000-01-01", "2026-12-01", "9999-12-31"}},
      {"timestamp with time zone",
       {"0001-01-01 00:00:00+00", "1999-12-31 23:59:59.999999+00", "2026-12-01 01:00:00.123456+00",
        "9999-12-31 23:59:59.999999+00"}},
  };
  for (const auto& [type, texts] : kinds)
    EXPECT_THAT(SeenTexts(type, texts), testing::ElementsAreArray(texts)) << type;
  EXPECT_THAT(SeenTexts("boolean", {"t", "f"}), ElementsAre("true", "false"));
}

TEST_F(WireBinaryTest, ValuesAreWhatTheyAre) {
  BinaryArray numbers(WireType::kSmallint);
  numbers.Number(-5);
  numbers.Null();
  numbers.Number(7);
  EXPECT_THAT(Seen("smallint", std::move(numbers)), ElementsAre("-5", "NULL", "7"));

  BinaryArray digits(WireType::kText);
  digits.Number(-5);
  EXPECT_THAT(Seen("text", std::move(digits)), ElementsAre("-5"));

  BinaryArray flags(WireType::kBool);
  flags.Bool(true);
  flags.Bool(false);
  EXPECT_THAT(Seen("boolean", std::move(flags)), ElementsAre("true", "false"));

  BinaryArray reals(WireType::kDouble);
  reals.Double(-0.1);
  EXPECT_THAT(Seen("double precision", std::move(reals)), ElementsAre("-0.1"));

  BinaryArray times(WireType::kTime);
  times.Time(Timestamp(0, 999'999'999));
  times.Time(Timestamp(-1, 1'000));
  EXPECT_THAT(Seen("timestamp with time zone", std::move(times)),
              ElementsAre("1970-01-01 00:00:00.999999+00", "1969-12-31 23:59:59.000001+00"));

  google::type::Date date;
  date.set_year(2028);
  date.set_month(2);
  date.set_day(29);
  BinaryArray dates(WireType::kDate);
  dates.Date(date);
  EXPECT_THAT(Seen("date", std::move(dates)), ElementsAre("2028-02-29"));

  BinaryArray bytes(WireType::kBytes);
  bytes.Bytes(std::string("\x00\xff\\", 3));
  bytes.Bytes("");
  EXPECT_THAT(Seen("bytea", std::move(bytes)), ElementsAre("\\x00ff5c", "\\x"));
}

TEST_F(WireBinaryTest, AnArrayMayBeEmpty) {
  EXPECT_THAT(Seen("uuid", BinaryArray(WireType::kUuid)), ElementsAre());
}

TEST_F(WireBinaryTest, ATimeByItself) {
  BinaryParameters parameters;
  parameters.push_back(BinaryTime(Timestamp(1'796'086'800, 123'456'789)));
  const pqxx::result seen = session_.Run({"a_time", "SELECT $1::timestamptz::text"}, parameters);
  EXPECT_STREQ(seen[0][0].c_str(), "2026-12-01 01:00:00.123456+00");
}

TEST_F(WireBinaryTest, WhatIsNoValueOfTheTypeIsRefusedBeforeItIsSent) {
  EXPECT_THROW(BinaryArray(WireType::kUuid).Text("x"), std::invalid_argument);
  EXPECT_THROW(BinaryArray(WireType::kInteger).Text("x"), std::invalid_argument);
  EXPECT_THROW(BinaryArray(WireType::kSmallint).Number(32768), std::invalid_argument);
  EXPECT_THROW(BinaryArray(WireType::kInteger).Number(-2147483649), std::invalid_argument);
  EXPECT_THROW(BinaryArray(WireType::kDouble).Text("x"), std::invalid_argument);
}

TEST(WireTypeOfTest, KnowsTheTypesOfColumns) {
  EXPECT_EQ(WireTypeOf("bigint"), WireType::kBigint);
  EXPECT_EQ(WireTypeOf("bytea"), WireType::kBytes);
  EXPECT_EQ(WireTypeOf("json"), std::nullopt);
}

TEST(ArrayParametersTest, FillColumnsRowByRow) {
  ArrayParameters parameters({WireType::kBigint, WireType::kText});
  BinaryArray numbers(WireType::kBigint);
  BinaryArray texts(WireType::kText);
  for (int i = 0; i < 3; ++i) {
    parameters.Next().Number(i);
    parameters.Next().Text("x");
    numbers.Number(i);
    texts.Text("x");
  }
  EXPECT_EQ(parameters.rows(), 3u);
  const BinaryParameters taken = std::move(parameters).Take();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0], std::move(numbers).Take());
  EXPECT_EQ(taken[1], std::move(texts).Take());
}

TEST(BinaryArrayTest, EqualWhenTypeAndElementsAre) {
  BinaryArray a(WireType::kBigint);
  BinaryArray b(WireType::kBigint);
  a.Number(1);
  EXPECT_FALSE(a == b);
  b.Number(1);
  EXPECT_TRUE(a == b);
}

}  // namespace
}  // namespace pingan::db
