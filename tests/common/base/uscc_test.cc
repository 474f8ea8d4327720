#include "common/base/uscc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pingan::base {
namespace {

using ::testing::HasSubstr;

constexpr char kStandardsExample[] = "91350100M000100Y43";

TEST(UsccTest, ValidCodes) {
  for (const char* uscc : {
           kStandardsExample, "91999999MA1234567B",
           "N2999999MF12345675",  // a village collective
           "91999999MA00000040",  // sum divisible by 31: check character 0
           "N2999999MF00000060",  // both
       }) {
    EXPECT_EQ(UsccProblem(uscc), "") << uscc;
    EXPECT_EQ(UsccCheckCharacter(absl::string_view(uscc, 17)), uscc[17]) << uscc;
  }
}

TEST(UsccTest, ProblemIsSaidInWords) {
  const struct {
    const char* uscc;
    const char* problem;
  } cases[] = {
      {"", "应为18位，现为0位"},
      {"91350100M000100Y4", "应为18位，现为17位"},
      {"91350100M000100Y433", "应为18位，现为19位"},
      {"91350100m000100Y43", "第9位“m”应为大写字母"},
      {"91350100M000100Y4I", "第18位不能是“I”"},
      {"9135O100M000100Y43", "第5位不能是“O”"},
      {"9135０100M000100Y43", "第5位只能是半角数字或大写字母"},
      {"91350100M000100Y4 ", "第18位只能是数字或大写字母"},
      {"9135A100M000100Y43", "第3至8位（行政区划码）应为数字"},
      {"91350100M000100Y44", "校验位不正确"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(UsccProblem(c.uscc), HasSubstr(c.problem)) << c.uscc;
    EXPECT_FALSE(IsUscc(c.uscc));
  }
}

// Weights 3^(i-1) mod 31 are never 0, so changing one character always changes the sum.
TEST(UsccTest, AnyOneWrongCharacterIsNoticed) {
  const std::string right = kStandardsExample;
  for (size_t at = 0; at < right.size(); ++at) {
    for (char c : std::string("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
      std::string wrong = right;
      wrong[at] = c;
      EXPECT_EQ(IsUscc(wrong), wrong == right) << wrong;
    }
  }
}

TEST(UsccTest, CheckCharacterNeedsSeventeenOfTheAlphabet) {
  EXPECT_EQ(UsccCheckCharacter("91350100M000100Y4"), '3');
  EXPECT_EQ(UsccCheckCharacter("91350100M000100Y"), std::nullopt);
  EXPECT_EQ(UsccCheckCharacter("91350100I000100Y4"), std::nullopt);
}

}  // namespace
}  // namespace pingan::base
