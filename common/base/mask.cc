#include "common/base/mask.h"

#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/text.h"

namespace pingan::base {
namespace {

constexpr size_t kMobileDigits = 11;

// Digits, and a leading plus, with full-width forms made ASCII and spaces and hyphens left out.
// Nothing when there is anything else.
std::optional<std::string> DialledDigits(absl::string_view text) {
  std::string digits;
  while (!text.empty()) {
    if (absl::ConsumePrefix(&text, " ") || absl::ConsumePrefix(&text, "-") ||
        absl::ConsumePrefix(&text, "\u3000")) {
      continue;
    }
    if (absl::ConsumePrefix(&text, "\uFF0B") || absl::ConsumePrefix(&text, "+")) {
      if (!digits.empty()) return std::nullopt;
      digits.push_back('+');
      continue;
    }
    if (absl::ascii_isdigit(text[0])) {
      digits.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    // Full-width digits U+FF10 to U+FF19 are EF BC 90 to EF BC 99.
    if (!absl::StartsWith(text, "\xEF\xBC") || text.size() < 3 || text[2] < '\x90' ||
        text[2] > '\x99') {
      return std::nullopt;
    }
    digits.push_back(static_cast<char>('0' + (text[2] - '\x90')));
    text.remove_prefix(3);
  }
  return digits;
}

}  // namespace

std::optional<std::string> NormalizePhone(absl::string_view text) {
  const std::optional<std::string> dialled = DialledDigits(text);
  if (!dialled) return std::nullopt;
  absl::string_view digits = *dialled;
  for (absl::string_view prefix : {"+86", "0086", "86"}) {
    if (digits.size() == prefix.size() + kMobileDigits && absl::ConsumePrefix(&digits, prefix))
      break;
  }
  if (digits.size() != kMobileDigits || digits[0] != '1' || digits[1] < '3') return std::nullopt;
  return std::string(digits);
}

std::string MaskPhone(absl::string_view phone) {
  const std::optional<std::string> digits = NormalizePhone(phone);
  if (!digits) return "****";
  return absl::StrCat(digits->substr(0, 3), "****", digits->substr(7));
}

std::string MaskName(absl::string_view name) {
  name = TrimSpace(name);
  if (!IsUtf8(name)) return "**";
  const size_t characters = CountCodePoints(name);
  if (characters == 0) return "";
  if (characters == 1) return "*";
  size_t first = 1;
  while (!IsUtf8(name.substr(0, first))) ++first;
  return absl::StrCat(name.substr(0, first), characters == 2 ? "*" : "**");
}

}  // namespace pingan::base
