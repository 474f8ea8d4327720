#include "common/rpc/validation_text.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "re2/re2.h"

namespace pingan::rpc {
namespace {

using ValueRulesOr = absl::StatusOr<std::unique_ptr<ValueRules>>;

// The bytes of a string or bytes field, without a copy; `scratch` is used by types that keep them
// otherwise.
absl::string_view Read(const Place& at, std::string* scratch) {
  const auto& reflection = *at.message->GetReflection();
  return at.index < 0
             ? reflection.GetStringReference(*at.message, at.field, scratch)
             : reflection.GetRepeatedStringReference(*at.message, at.field, at.index, scratch);
}

// ASCII without NUL, eight bytes at a time: (word - 0x01..) has a high bit where a byte was 0.
bool IsAsciiWithoutNul(absl::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    if (((word | (word - kOnes)) & kHigh) != 0) return false;
  }
  for (; left > 0; ++at, --left) {
    if (static_cast<signed char>(*at) <= 0) return false;
  }
  return true;
}

// 8-4-4-4-12 hexadecimal digits of either case.
bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

// A number of characters, bytes or the like: exactly, or from, to.
struct Length {
  std::optional<uint64_t> exactly, at_least, at_most;

  bool empty() const {
    return !exactly.has_value() && !at_least.has_value() && !at_most.has_value();
  }
  bool Admits(uint64_t length) const {
    return (!exactly.has_value() || length == *exactly) &&
           (!at_least.has_value() || length >= *at_least) &&
           (!at_most.has_value() || length <= *at_most);
  }
  std::string Wanted(absl::string_view unit) const {
    if (exactly.has_value()) return absl::StrCat("长度须为 ", *exactly, " ", unit);
    if (!at_most.has_value()) return absl::StrCat("至少 ", *at_least, " ", unit);
    if (!at_least.has_value()) return absl::StrCat("最多 ", *at_most, " ", unit);
    return absl::StrCat("长度须为 ", *at_least, " 到 ", *at_most, " ", unit);
  }
};

std::string List(const std::vector<std::string>& values) { return absl::StrJoin(values, "、"); }

class StringRules final : public ValueRules {
 public:
  std::optional<std::string> equal;
  Length characters, bytes;
  std::unique_ptr<RE2> pattern;
  std::string example;  // of what fits the pattern
  std::string prefix, suffix, contains;
  std::optional<std::string> not_contains;
  std::vector<std::string> in, not_in;
  bool uuid = false;

  void Check(const Place& place, Strictness strictness, Report& report) const override {
    std::string scratch;
    const absl::string_view value = Read(place, &scratch);
    const bool is_ascii = IsAsciiWithoutNul(value);
    if (!is_ascii &&
        (std::memchr(value.data(), 0, value.size()) != nullptr || !base::IsUtf8(value))) {
      return report.Violate(place, "须为有效的 UTF-8 文字，且不含空字符");
    }
    if (strictness == Strictness::kSafe) return;
    CheckLength(value, is_ascii, place, report);
    CheckContent(value, place, report);
  }

  bool IsZero(const Place& place) const override {
    std::string scratch;
    return Read(place, &scratch).empty();
  }

 private:
  void CheckLength(absl::string_view value, bool is_ascii, const Place& place,
                   Report& report) const {
    if (!characters.empty() &&
        !characters.Admits(is_ascii ? value.size() : base::CountCodePoints(value))) {
      report.Violate(place, characters.Wanted("个字符"));
    }
    if (!bytes.empty() && !bytes.Admits(value.size())) report.Violate(place, bytes.Wanted("字节"));
  }

  void CheckContent(absl::string_view value, const Place& place, Report& report) const {
    auto want = [&](bool holds, absl::string_view wanted, absl::string_view what) {
      if (!holds) report.Violate(place, absl::StrCat(wanted, what));
    };
    if (equal.has_value()) want(value == *equal, "须为 ", *equal);
    if (pattern != nullptr) {
      // People are told by an example, programs by the pattern.
      want(RE2::PartialMatch({value.data(), value.size()}, *pattern),
           example.empty() ? "格式须符合 " : "格式不对，例如 ",
           example.empty() ? absl::string_view(pattern->pattern()) : example);
    }
    want(absl::StartsWith(value, prefix), "开头须为 ", prefix);
    want(absl::EndsWith(value, suffix), "结尾须为 ", suffix);
    want(absl::StrContains(value, contains), "须包含 ", contains);
    if (not_contains.has_value())
      want(!absl::StrContains(value, *not_contains), "不得包含 ", *not_contains);
    if (!in.empty() && !absl::c_linear_search(in, value)) want(false, "须为以下之一：", List(in));
    if (!not_in.empty() && absl::c_linear_search(not_in, value))
      want(false, "不得为以下之一：", List(not_in));
    if (uuid) want(IsUuid(value), "须为 UUID", "");
  }
};

class BytesRules final : public ValueRules {
 public:
  Length length;

  void Check(const Place& place, Strictness strictness, Report& report) const override {
    std::string scratch;
    if (strictness == Strictness::kSafe || length.Admits(Read(place, &scratch).size())) return;
    report.Violate(place, length.Wanted("字节"));
  }
  bool IsZero(const Place& place) const override {
    std::string scratch;
    return Read(place, &scratch).empty();
  }
};

absl::StatusOr<std::unique_ptr<RE2>> CompilePattern(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_unique<RE2>(pattern, options);
  if (!compiled->ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("pattern ", pattern, ": ", compiled->error()));
  }
  return compiled;
}

}  // namespace

ValueRulesOr CompileStringRules(const buf::validate::StringRules& rules) {
  RETURN_IF_ERROR(SupportsOnly(
      rules,
      {"const", "len", "min_len", "max_len", "len_bytes", "min_bytes", "max_bytes", "pattern",
       "prefix", "suffix", "contains", "not_contains", "in", "not_in", "uuid", "example"}));
  auto compiled = std::make_unique<StringRules>();
  if (rules.has_const_()) compiled->equal = rules.const_();
  if (rules.has_len()) compiled->characters.exactly = rules.len();
  if (rules.has_min_len()) compiled->characters.at_least = rules.min_len();
  if (rules.has_max_len()) compiled->characters.at_most = rules.max_len();
  if (rules.has_len_bytes()) compiled->bytes.exactly = rules.len_bytes();
  if (rules.has_min_bytes()) compiled->bytes.at_least = rules.min_bytes();
  if (rules.has_max_bytes()) compiled->bytes.at_most = rules.max_bytes();
  if (rules.has_pattern()) {
    ASSIGN_OR_RETURN(compiled->pattern, CompilePattern(rules.pattern()));
    if (rules.example_size() > 0) compiled->example = rules.example(0);
  }
  compiled->prefix = rules.prefix();
  compiled->suffix = rules.suffix();
  compiled->contains = rules.contains();
  if (rules.has_not_contains()) compiled->not_contains = rules.not_contains();
  compiled->in.assign(rules.in().begin(), rules.in().end());
  compiled->not_in.assign(rules.not_in().begin(), rules.not_in().end());
  compiled->uuid = rules.uuid();
  return compiled;
}

ValueRulesOr CompileBytesRules(const buf::validate::BytesRules& rules) {
  RETURN_IF_ERROR(SupportsOnly(rules, {"len", "min_len", "max_len", "example"}));
  auto compiled = std::make_unique<BytesRules>();
  if (rules.has_len()) compiled->length.exactly = rules.len();
  if (rules.has_min_len()) compiled->length.at_least = rules.min_len();
  if (rules.has_max_len()) compiled->length.at_most = rules.max_len();
  if (compiled->length.empty()) return nullptr;
  return compiled;
}

}  // namespace pingan::rpc
