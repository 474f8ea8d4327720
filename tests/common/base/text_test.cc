#include "common/base/text.h"

#include <gtest/gtest.h>

namespace pingan::base {
namespace {

using namespace std::string_literals;

TEST(TextTest, Utf8IsStrict) {
  const struct {
    std::string text;
    size_t valid_prefix;
  } cases[] = {
      {"", 0},
      {"plain text of more than one word", 32},
      {"a\0b"s, 3},
      {"王\u00E9\U00020BB7", 9},
      {"\xED\x9F\xBF\xEE\x80\x80", 6},  // around the surrogates
      {"\xF4\x8F\xBF\xBF", 4},          // U+10FFFF
      {"abcdefgh\x80", 8},              // a continuation alone
      {"a\xC0\x80", 1},                 // overlong NUL
      {"\xC1\xBF", 0},                  // overlong
      {"\xE0\x9F\xBF", 0},              // overlong
      {"\xF0\x8F\xBF\xBF", 0},          // overlong
      {"\xED\xA0\x80", 0},              // surrogate
      {"\xF4\x90\x80\x80", 0},          // over U+10FFFF
      {"\xF5\x80\x80\x80", 0},
      {"王\xE7\x8E", 3},  // cut
      {"\xE7\x8E"
       "a",
       0},
      {"\xC3", 0},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ValidUtf8Prefix(c.text), c.valid_prefix) << c.text;
    EXPECT_EQ(IsUtf8(c.text), c.valid_prefix == c.text.size()) << c.text;
  }
}

TEST(TextTest, CodePointsAreCountedNotBytes) {
  EXPECT_EQ(CountCodePoints(""), 0u);
  EXPECT_EQ(CountCodePoints("abc"), 3u);
  EXPECT_EQ(CountCodePoints("平安é𠮷"), 4u);
  EXPECT_EQ(CountCodePoints("👨‍👩‍👧"), 5u);  // three people and two joiners
}

TEST(TextTest, ControlCharactersAreNoText) {
  const struct {
    std::string text;
    bool plain;
    bool multiline;
  } cases[] = {
      {"平安共建 2026", true, true}, {"", true, true},          {"a\nb", false, true},
      {"a\r\n\tb", false, true},     {"a\0b"s, false, false},   {"a\x1B[0m", false, false},
      {"a\x7F", false, false},       {"a\u0085", false, false}, {"a\u009F", false, false},
      {"a\u00A0", true, true},       {"\xFF", false, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IsPlainText(c.text), c.plain) << c.text;
    EXPECT_EQ(IsMultilineText(c.text), c.multiline) << c.text;
  }
}

TEST(TextTest, TrimsAsciiAndIdeographicSpace) {
  EXPECT_EQ(TrimSpace(" 　\t平 安　 \r\n"), "平 安");
  EXPECT_EQ(TrimSpace("　"), "");
  EXPECT_EQ(TrimSpace(""), "");
}

}  // namespace
}  // namespace pingan::base
