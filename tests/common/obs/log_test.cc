#include "common/obs/log.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/time/clock.h"
#include "common/base/text.h"

namespace pingan::obs {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

// The line as a JSON reader sees it.
google::protobuf::Struct Parsed(const std::string& line) {
  google::protobuf::Struct json;
  const auto status = google::protobuf::util::JsonStringToMessage(line, &json);
  EXPECT_TRUE(status.ok()) << status.ToString() << line;
  return json;
}

std::string ReadBack(const std::string& value) {
  const auto json = Parsed(LogLine(Severity::kInfo).Str("value", value).Text());
  return json.fields().at("value").string_value();
}

TEST(LogLineTest, IsOneJsonObjectOnOneLine) {
  const std::string line = LogLine(Severity::kWarning)
                               .Str("method", "pingan.event.v1.EventService/GetEvent")
                               .Int("code", -5)
                               .Bool("replayed", true)
                               .Double("ratio", 0.25)
                               .Micros("took_us", absl::Milliseconds(12))
                               .Text();
  EXPECT_THAT(line,
              MatchesRegex("\\{\"time\":\"20[0-9-]{8}T[0-9:]{8}\\.[0-9]{6}Z\",\"severity\":"
                           "\"WARNING\",\"method\":\"pingan.event.v1.EventService/GetEvent\","
                           "\"code\":-5,\"replayed\":true,\"ratio\":0.25,\"took_us\":12000\\}\n"));
  EXPECT_EQ(Parsed(line).fields_size(), 7);
}

TEST(LogLineTest, HasTheTimeOfItsMaking) {
  const absl::Time before = absl::Now() - absl::Microseconds(1);
  const auto json = Parsed(LogLine(Severity::kInfo).Text());
  absl::Time time;
  std::string error;
  ASSERT_TRUE(
      absl::ParseTime(absl::RFC3339_full, json.fields().at("time").string_value(), &time, &error))
      << error;
  EXPECT_GE(time, before);
  EXPECT_LE(time, absl::Now());
}

TEST(LogLineTest, AnyTextIsReadBackAsItWas) {
  using namespace std::string_literals;
  for (const std::string& text : {""s, "平安共建"s, "𠮷"s, "\"quoted\" \\ back"s, "a\nb\tc\rd"s,
                                  "\0\x01\x1F\x7F"s, "\u2028</script>"s, std::string(4096, 'x')}) {
    EXPECT_EQ(ReadBack(text), text);
  }
}

TEST(LogLineTest, LineEndsOfAValueDoNotEndTheLine) {
  const std::string line =
      LogLine(Severity::kInfo).Str("value", "a\n{\"severity\":\"ERROR\"}\n").Text();
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(LogLineTest, BrokenUtf8BecomesReplacementCharacters) {
  EXPECT_EQ(ReadBack("a\xFF\xE7\x8E"
                     "b王"),
            "a\uFFFD\uFFFD\uFFFD"
            "b王");
}

TEST(LogLineTest, LongTextIsCutBetweenCharacters) {
  for (int ascii = 0; ascii < 3; ++ascii) {
    std::string text(ascii, 'x');
    while (text.size() < 6000) text += "王";
    const std::string read = ReadBack(text);
    EXPECT_LE(read.size(), 4096u + 3);
    EXPECT_THAT(read, EndsWith("王…"));
    EXPECT_THAT(read, Not(HasSubstr("\uFFFD")));
  }
  EXPECT_TRUE(base::IsUtf8(ReadBack(std::string(6000, '\x80'))));
}

TEST(LogLineTest, WhatJsonCannotSayIsNull) {
  for (double value :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const auto json = Parsed(LogLine(Severity::kInfo).Double("value", value).Text());
    EXPECT_TRUE(json.fields().at("value").has_null_value());
  }
}

TEST(LogLineTest, TraceIsNamedWithItsParentIfThereIsOne) {
  const TraceContext root = BeginSpan();
  const std::string line = LogLine(Severity::kInfo).Trace(root).Text();
  EXPECT_EQ(Parsed(line).fields().at("trace_id").string_value(), root.trace_id());
  EXPECT_EQ(Parsed(line).fields().at("span_id").string_value(), root.span_id());
  EXPECT_THAT(line, Not(HasSubstr("parent")));
  const auto child = Parsed(LogLine(Severity::kInfo).Trace(ChildOf(root)).Text());
  EXPECT_EQ(child.fields().at("parent_span_id").string_value(), root.span_id());
}

TEST(LogLineTest, BelowTheMinimumThereIsNothing) {
  EXPECT_EQ(LogLine(Severity::kDebug).Str("a", "b").Int("c", 1).Trace(BeginSpan()).Text(), "");
  SetMinimumSeverity(Severity::kDebug);
  EXPECT_THAT(LogLine(Severity::kDebug).Text(), HasSubstr("DEBUG"));
  SetMinimumSeverity(Severity::kError);
  EXPECT_EQ(LogLine(Severity::kWarning).Text(), "");
  SetMinimumSeverity(Severity::kInfo);
}

TEST(LogMessageTest, GoesToStderr) {
  ::testing::internal::CaptureStderr();
  LogMessage(Severity::kError, "数据库连不上");
  EXPECT_TRUE(LogWriter::Process().Flush());
  const std::string written = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(written, AllOf(StartsWith("{\"time\":"), HasSubstr("\"severity\":\"ERROR\""),
                             EndsWith("\"message\":\"数据库连不上\"}\n")));
}

}  // namespace
}  // namespace pingan::obs
