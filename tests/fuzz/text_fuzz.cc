// What people type: names, phones, codes, days.
#include <string>

#include "common/base/calendar.h"
#include "common/base/ids.h"
#include "common/base/mask.h"
#include "common/base/text.h"
#include "common/base/uscc.h"
#include "google/protobuf/stubs/common.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/property.h"

namespace google::protobuf::internal {
// Protobuf's own check, which decides for what comes over the wire.
bool IsStructurallyValidUTF8(const char* text, int size);
}  // namespace google::protobuf::internal

namespace pingan::fuzz {
namespace {

void TryUtf8(absl::string_view text) {
  const bool is_utf8 = base::IsUtf8(text);
  Require(is_utf8 == google::protobuf::internal::IsStructurallyValidUTF8(
                         text.data(), static_cast<int>(text.size())),
          "UTF-8 is the same for us and for protobuf", text);
  Require(base::IsUtf8(text.substr(0, base::ValidUtf8Prefix(text))), "the valid prefix is valid",
          text);
  Require(base::CountCodePoints(text) <= text.size(), "no more code points than bytes", text);
  Require(!base::IsPlainText(text) || base::IsMultilineText(text), "plain text is text", text);
  const absl::string_view trimmed = base::TrimSpace(text);
  Require(base::TrimSpace(trimmed) == trimmed, "nothing is left to trim", text);
}

void TryPhone(absl::string_view text) {
  const std::string masked = base::MaskPhone(text);
  const std::optional<std::string> phone = base::NormalizePhone(text);
  if (!phone.has_value()) return Require(masked == "****", "what is no phone is hidden", text);
  Require(phone->size() == 11 && base::NormalizePhone(*phone) == phone, "a phone stays one", text);
  Require(masked == absl::StrCat(phone->substr(0, 3), "****", phone->substr(7)),
          "the middle of a phone is hidden", text);
}

void TryName(absl::string_view text) {
  const std::string masked = base::MaskName(text);
  Require(base::IsUtf8(masked), "a masked name is UTF-8", text);
  Require(base::CountCodePoints(masked) <= 3, "a masked name does not tell its length", text);
  Require(masked.empty() || masked.back() == '*', "a masked name ends in a star", text);
}

void TryCode(absl::string_view text) {
  const std::string problem = base::UsccProblem(text);
  Require(base::IsUtf8(problem), "a problem is UTF-8", text);
  Require(!problem.empty() || text.size() == 18, "a code has 18 characters", text);
  Require(!base::IsTownCode(text) || text.size() == 9, "a town has nine digits", text);
  Require(!base::IsUnitCode(text) || base::IsTownCode(text.substr(0, 9)), "a unit lies in a town",
          text);
}

void TryDay(absl::string_view text) {
  if (const auto month = base::ParseMonth(text); month.has_value())
    Require(base::FormatMonth(*month) == text, "a month has one spelling", text);
  if (const auto day = base::ParseDay(text); day.has_value())
    Require(base::FormatDay(*day) == text, "a day has one spelling", text);
}

}  // namespace

void TryInput(absl::string_view input) {
  TryUtf8(input);
  TryPhone(input);
  TryName(input);
  TryCode(input);
  TryDay(input);
}

}  // namespace pingan::fuzz
