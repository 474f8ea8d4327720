#include "common/db/wire_text.h"

#include <string>

#include "common/db/resource_pattern.h"
#include "common/db/table.h"
#include "common/db/value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pingan::db {
namespace {

using testing::ElementsAre;

enum Colour { kRed = 3 };

TEST(ArrayLiteralTest, QuotesWhatNeedsIt) {
  ArrayLiteral literal;
  literal.Text("a");
  literal.Text("b\"c\\");
  literal.Number(-5);
  EXPECT_FALSE(literal.empty());
  EXPECT_EQ(std::move(literal).Take(), R"({"a","b\"c\\",-5})");
  EXPECT_TRUE(ArrayLiteral().empty());
}

TEST(ParseArrayTest, TakesWhatPostgresWrites) {
  EXPECT_THAT(ParseArray("{}"), ElementsAre());
  EXPECT_THAT(ParseArray(R"({a,"b c","d\"\\","",NULL,"NULL"})"),
              ElementsAre("a", "b c", "d\"\\", "", "NULL"));
}

TEST(ValueTest, IsWhatPostgresReads) {
  EXPECT_EQ(Value("text").ToParameter(), "text");
  EXPECT_EQ(Value(-7).ToParameter(), "-7");
  EXPECT_EQ(Value(kRed).ToParameter(), "3");
  EXPECT_EQ(Value(true).ToParameter(), "t");
  EXPECT_EQ(Value(absl::FromUnixMicros(1'500'000)).ToParameter(), "1970-01-01 00:00:01.500000+00");
  EXPECT_EQ(Value(std::vector<std::string>{"a", "b"}).ToParameter(), R"({"a","b"})");
  EXPECT_TRUE(Value(std::nullopt).is_null());
}

TEST(ResourcePatternTest, MatchesWholeNames) {
  const auto pattern = ResourcePattern::Parse("towns/{town}/events/{event}");
  ASSERT_TRUE(pattern.ok());
  Segments segments;
  EXPECT_TRUE(pattern->Match("towns/1/events/2", segments));
  EXPECT_THAT(segments, ElementsAre("1", "2"));
  EXPECT_EQ(pattern->Build(segments), "towns/1/events/2");
  for (const char* name : {"", "towns/1", "towns//events/2", "towns/1/events/", "towns/1/events/2/",
                           "town/1/events/2"}) {
    EXPECT_FALSE(pattern->Match(name, segments)) << name;
  }
  for (const char* wrong :
       {"", "{town}", "towns/town", "towns/{}", "towns/{town", "towns/{town}/events"}) {
    EXPECT_FALSE(ResourcePattern::Parse(wrong).ok()) << wrong;
  }
}

TEST(TenantOfTest, IsTheSecondSegment) {
  EXPECT_EQ(TenantOf("towns/330481003/events/1"), "330481003");
  EXPECT_EQ(TenantOf("towns/330481003"), "330481003");
  EXPECT_EQ(TenantOf("330481003"), "330481003");
  EXPECT_EQ(TenantOf(""), "");
}

}  // namespace
}  // namespace pingan::db
