#include "common/base/uscc.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace pingan::base {
namespace {

constexpr absl::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr size_t kLength = 18;
constexpr size_t kDivisionBegin = 2;
constexpr size_t kDivisionEnd = 8;

std::string CharacterProblem(size_t position, char c) {
  const std::string where = absl::StrCat("统一社会信用代码第", position + 1, "位");
  if (absl::ascii_islower(c)) return absl::StrCat(where, "“", std::string(1, c), "”应为大写字母");
  if (!absl::ascii_isgraph(c)) return absl::StrCat(where, "只能是数字或大写字母");
  return absl::StrCat(where, "不能是“", std::string(1, c), "”（不使用字母I、O、S、V、Z和符号）");
}

}  // namespace

std::optional<char> UsccCheckCharacter(absl::string_view first_17) {
  if (first_17.size() != kLength - 1) return std::nullopt;
  size_t sum = 0;
  size_t weight = 1;
  for (char c : first_17) {
    const size_t value = kAlphabet.find(c);
    if (value == kAlphabet.npos) return std::nullopt;
    sum += value * weight;
    weight = weight * 3 % 31;
  }
  return kAlphabet[(31 - sum % 31) % 31];
}

std::string UsccProblem(absl::string_view uscc) {
  const size_t length = CountCodePoints(uscc);
  if (length != kLength) return absl::StrCat("统一社会信用代码应为18位，现为", length, "位");
  for (size_t i = 0; i < uscc.size(); ++i) {
    if (kAlphabet.find(uscc[i]) != kAlphabet.npos) continue;
    if (!absl::ascii_isascii(uscc[i]))
      return absl::StrCat("统一社会信用代码第", i + 1, "位只能是半角数字或大写字母");
    return CharacterProblem(i, uscc[i]);
  }
  for (size_t i = kDivisionBegin; i < kDivisionEnd; ++i) {
    if (!absl::ascii_isdigit(uscc[i])) return "统一社会信用代码第3至8位（行政区划码）应为数字";
  }
  if (uscc.back() != *UsccCheckCharacter(uscc.substr(0, kLength - 1))) {
    return "统一社会信用代码校验位不正确，请核对是否有输错的字符";
  }
  return "";
}

}  // namespace pingan::base
