#include "common/base/encoding.h"

#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <array>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/text.h"

namespace pingan::base {
namespace {

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

// Stops at the first bytes that `encoding` does not know. A step is small so that what was decoded
// before them is known.
DecodedText DecodeWithIcu(absl::string_view bytes, const char* encoding) {
  DecodedText result{"", encoding, ""};
  UErrorCode error = U_ZERO_ERROR;
  const Converter converter(ucnv_open(encoding, &error));
  if (U_SUCCESS(error)) {
    ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                        &error);
  }
  icu::UnicodeString decoded;
  std::array<UChar, 4096> step;
  const char* from = bytes.data();
  const char* const end = bytes.data() + bytes.size();
  for (bool more = U_SUCCESS(error); more;) {
    error = U_ZERO_ERROR;
    UChar* to = step.data();
    ucnv_toUnicode(converter.get(), &to, to + step.size(), &from, end, nullptr, /*flush=*/true,
                   &error);
    decoded.append(step.data(), static_cast<int32_t>(to - step.data()));
    more = error == U_BUFFER_OVERFLOW_ERROR;
  }
  decoded.toUTF8String(result.utf8);
  if (U_FAILURE(error)) {
    const int line = CountLineEnds(result.utf8) + 1;
    result.problem_zh = absl::StrCat("第", line, "行有无法识别的字符（按", encoding, "编码读取）");
  }
  return result;
}

struct Utf8Look {
  size_t broken = 0;  // bytes that belong to no sequence
  size_t first_broken = 0;
  size_t twos = 0;  // sequences of two bytes
  size_t threes_and_fours = 0;
};

Utf8Look LookAt(absl::string_view bytes) {
  Utf8Look look;
  size_t at = 0;
  while (at < bytes.size()) {
    const size_t valid = ValidUtf8Prefix(bytes.substr(at));
    for (char c : bytes.substr(at, valid)) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0xC0 && byte < 0xE0) ++look.twos;
      if (byte >= 0xE0) ++look.threes_and_fours;
    }
    at += valid;
    if (at == bytes.size()) break;
    if (look.broken++ == 0) look.first_broken = at;
    ++at;
  }
  return look;
}

DecodedText BrokenUtf8(absl::string_view bytes, size_t at) {
  const int line = CountLineEnds(bytes.substr(0, at)) + 1;
  return {std::string(bytes.substr(0, at)), "UTF-8",
          absl::StrCat("第", line, "行有无法识别的字符（按UTF-8编码读取）")};
}

DecodedText DecodeUnmarked(absl::string_view bytes) {
  const Utf8Look look = LookAt(bytes);
  if (look.broken == 0 && (look.twos == 0 || look.threes_and_fours > 0))
    return {std::string(bytes), "UTF-8", ""};
  if (look.broken > 0 && look.threes_and_fours > look.broken)
    return BrokenUtf8(bytes, look.first_broken);
  DecodedText gb = DecodeWithIcu(bytes, "GB18030");
  if (!gb.problem_zh.empty() && look.broken == 0) return {std::string(bytes), "UTF-8", ""};
  return gb;
}

DecodedText DecodeByMark(absl::string_view bytes) {
  if (absl::ConsumePrefix(&bytes, "\xFF\xFE")) return DecodeWithIcu(bytes, "UTF-16LE");
  if (absl::ConsumePrefix(&bytes, "\xFE\xFF")) return DecodeWithIcu(bytes, "UTF-16BE");
  if (absl::ConsumePrefix(&bytes, "\x84\x31\x95\x33")) return DecodeWithIcu(bytes, "GB18030");
  if (absl::ConsumePrefix(&bytes, "\xEF\xBB\xBF")) {
    const size_t valid = ValidUtf8Prefix(bytes);
    return valid == bytes.size() ? DecodedText{std::string(bytes), "UTF-8", ""}
                                 : BrokenUtf8(bytes, valid);
  }
  return DecodeUnmarked(bytes);
}

}  // namespace

DecodedText DecodeText(absl::string_view bytes) {
  DecodedText text = DecodeByMark(bytes);
  const size_t nul = text.utf8.find('\0');
  if (nul != std::string::npos) {
    const int line = CountLineEnds(absl::string_view(text.utf8).substr(0, nul)) + 1;
    text.problem_zh = absl::StrCat("第", line, "行含有空字符，文件可能不是文本文件");
  }
  return text;
}

int CountLineEnds(absl::string_view text) {
  int lines = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') ++lines;
    if (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) ++lines;
  }
  return lines;
}

}  // namespace pingan::base
