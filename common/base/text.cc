#include "common/base/text.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace pingan::base {
namespace {

bool IsContinuation(unsigned char c) { return (c & 0xC0) == 0x80; }

// Length of the well-formed sequence at the beginning of `text` (not empty), 0 when there is none:
// table 3-7 of the Unicode standard.
size_t SequenceLength(absl::string_view text) {
  const auto byte = [text](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || !IsContinuation(byte(1))) return 0;
  if (first < 0xE0) return 2;
  const unsigned char second = byte(1);
  if (!IsContinuation(byte(2))) return 0;
  if (first < 0xF0)
    return (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ? 0 : 3;
  if (!IsContinuation(byte(3))) return 0;
  return (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F) ? 0 : 4;
}

size_t AsciiPrefix(absl::string_view text) {
  size_t at = 0;
  for (uint64_t word; at + sizeof(word) <= text.size(); at += sizeof(word)) {
    std::memcpy(&word, text.data() + at, sizeof(word));
    if ((word & 0x8080808080808080) != 0) break;
  }
  while (at < text.size() && absl::ascii_isascii(text[at])) ++at;
  return at;
}

// C1 controls are C2 80 to C2 9F in UTF-8.
bool HasControl(absl::string_view text, absl::string_view let_in) {
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = text[i];
    if ((c < 0x20 || c == 0x7F) && let_in.find(text[i]) == let_in.npos) return true;
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return true;
  }
  return false;
}

}  // namespace

size_t ValidUtf8Prefix(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    at += AsciiPrefix(text.substr(at));
    if (at == text.size()) break;
    const size_t length = SequenceLength(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

bool IsUtf8(absl::string_view text) { return ValidUtf8Prefix(text) == text.size(); }

size_t CountCodePoints(absl::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return !IsContinuation(static_cast<unsigned char>(c)); });
}

bool IsPlainText(absl::string_view text) { return IsUtf8(text) && !HasControl(text, ""); }

bool IsMultilineText(absl::string_view text) { return IsUtf8(text) && !HasControl(text, "\t\n\r"); }

absl::string_view TrimSpace(absl::string_view text) {
  constexpr absl::string_view kIdeographicSpace = "\u3000";
  size_t before;
  do {
    before = text.size();
    text = absl::StripAsciiWhitespace(text);
    while (absl::ConsumePrefix(&text, kIdeographicSpace)) {
    }
    while (absl::ConsumeSuffix(&text, kIdeographicSpace)) {
    }
  } while (text.size() != before);
  return text;
}

}  // namespace pingan::base
