#include "common/base/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pingan::base {
namespace {

using ::testing::HasSubstr;

TEST(DecodeTextTest, KnowsTheEncodingsOfSpreadsheets) {
  using namespace std::string_literals;
  const struct {
    std::string bytes;
    const char* encoding;
    const char* text;
  } cases[] = {
      {"", "UTF-8", ""},
      {"code,name", "UTF-8", "code,name"},
      {"村社", "UTF-8", "村社"},
      {"\xEF\xBB\xBF村社", "UTF-8", "村社"},
      {"\xB4\xE5\xC9\xE7", "GB18030", "村社"},
      {"\x84\x31\x95\x33\xB4\xE5\xC9\xE7", "GB18030", "村社"},
      {"\x95\x34\xB2\x35\xD2\xB0", "GB18030", "𠮷野"},  // four bytes: not in GBK
      {"\xFF\xFE\x51\x67\x3E\x79"s, "UTF-16LE", "村社"},
      {"\xFE\xFF\x67\x51\x79\x3E"s, "UTF-16BE", "村社"},
      {"\xFF\xFE\x42\xD8\xB7\xDF"s, "UTF-16LE", "𠮷"},
      {"\xD2\xBB", "GB18030", "一"},        // also U+04BB in UTF-8
      {"\xD2\xBB 村", "UTF-8", "һ 村"},     // with Chinese in UTF-8 beside it, it is that
      {"caf\xC3\xA9", "GB18030", "caf茅"},  // the price of the line before the last
  };
  for (const auto& c : cases) {
    const DecodedText decoded = DecodeText(c.bytes);
    EXPECT_EQ(decoded.utf8, c.text);
    EXPECT_EQ(decoded.encoding, c.encoding) << c.text;
    EXPECT_EQ(decoded.problem_zh, "") << c.text;
  }
}

TEST(DecodeTextTest, LongTextComesOverWhole) {
  std::string gb;
  std::string utf8;
  for (int i = 0; i < 50'000; ++i) {
    gb += "a\xB4\xE5\n";
    utf8 += "a村\n";
  }
  EXPECT_EQ(DecodeText(gb).utf8, utf8);
}

TEST(DecodeTextTest, BrokenBytesAreReportedWithTheirLine) {
  using namespace std::string_literals;
  const struct {
    std::string bytes;
    const char* encoding;
    const char* problem;
  } cases[] = {
      {"村社代码\n隆兴\xE7\xA4社区\n", "UTF-8", "第2行"},
      {"\xEF\xBB\xBF"
       "a\r\nb\r\n\xFF",
       "UTF-8", "第3行"},
      {"\xB4\xE5\n\xB4\xE5\n\xFF\xB4", "GB18030", "第3行"},
      {"\xB4\xE5\n\xB4", "GB18030", "第2行"},
      {"\xFF\xFE\x51\x67\x0A\x00\x00\xD8\x0A\x00"s, "UTF-16LE", "第2行"},
      {"\xFF\xFE\x51\x67\x3E"s, "UTF-16LE", "第1行"},
      {"a\nb\0c"s, "UTF-8", "第2行含有空字符"},
  };
  for (const auto& c : cases) {
    const DecodedText decoded = DecodeText(c.bytes);
    EXPECT_EQ(decoded.encoding, c.encoding) << c.problem;
    EXPECT_THAT(decoded.problem_zh, HasSubstr(c.problem)) << decoded.encoding;
  }
}

TEST(CountLineEndsTest, CountsEachKindOnce) {
  EXPECT_EQ(CountLineEnds(""), 0);
  EXPECT_EQ(CountLineEnds("a\nb\r\nc\rd"), 3);
  EXPECT_EQ(CountLineEnds("\r\r\n\n"), 3);
}

}  // namespace
}  // namespace pingan::base
