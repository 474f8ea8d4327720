#include "common/base/ids.h"

#include <algorithm>
#include <cstdint>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"

namespace pingan::base {
namespace {

// Writes the lowest 4 * digits bits of `value`.
char* WriteHex(char* out, uint64_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4)
    *out++ = "0123456789abcdef"[(value >> shift) & 15];
  return out;
}

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

}  // namespace

std::string NewId(absl::Time now) {
  thread_local absl::BitGen generator;  // seeded from the operating system, one per thread
  const int64_t micros = absl::ToUnixMicros(now);
  const uint64_t fraction = static_cast<uint64_t>(micros % 1000) * 4096 / 1000;
  const auto random = absl::Uniform<uint64_t>(generator);
  std::string id(36, '-');
  const auto millis = static_cast<uint64_t>(micros / 1000);
  char* out = WriteHex(id.data(), millis >> 16, 8) + 1;
  out = WriteHex(out, millis, 4) + 1;
  out = WriteHex(out, 0x7000 | fraction, 4) + 1;
  out = WriteHex(out, 0x8000 | ((random >> 48) & 0x3fff), 4) + 1;
  WriteHex(out, random, 12);
  return id;
}

bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    if (hyphen ? c != '-' : !(absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

bool IsTownCode(absl::string_view text) { return text.size() == 9 && AllDigits(text); }

bool IsUnitCode(absl::string_view text) {
  if (text.size() != 12 || !IsTownCode(text.substr(0, 9))) return false;
  return AllDigits(text.substr(9)) || (text[9] == 'X' && AllDigits(text.substr(10)));
}

absl::string_view Segment(absl::string_view name, absl::string_view collection) {
  while (true) {
    const size_t slash = name.find('/');
    if (slash == name.npos) return {};
    const bool found = name.substr(0, slash) == collection;
    name.remove_prefix(slash + 1);
    if (found) return name.substr(0, name.find('/'));
  }
}

absl::string_view TownOf(absl::string_view name) {
  constexpr absl::string_view kTowns = "towns/";
  if (name.substr(0, kTowns.size()) != kTowns) return {};
  name.remove_prefix(kTowns.size());
  return name.substr(0, name.find('/'));
}

absl::string_view LastSegment(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == name.npos ? name : name.substr(slash + 1);
}

}  // namespace pingan::base
