// Names that our patterns admit are read by what looks into names as the patterns mean it.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "buf/validate/validate.pb.h"
#include "common/base/ids.h"
#include "re2/re2.h"
#include "tests/fuzz/api_types.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/pattern_sample.h"
#include "tests/fuzz/property.h"

namespace pingan::fuzz {
namespace {

// The patterns of names in requests, each once.
std::vector<std::unique_ptr<RE2>> ReadPatterns() {
  std::set<std::string> texts;
  for (const auto* type : RequestTypes()) {
    for (int i = 0; i < type->field_count(); ++i) {
      const auto& rules = type->field(i)->options().GetExtension(buf::validate::field);
      if (absl::StartsWith(rules.string().pattern(), "^towns/"))
        texts.insert(rules.string().pattern());
    }
  }
  std::vector<std::unique_ptr<RE2>> patterns;
  for (const std::string& text : texts) patterns.push_back(std::make_unique<RE2>(text));
  return patterns;
}

void RequireReadsAsMeant(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  Require(parts.size() % 2 == 0 && base::IsTownCode(parts[1]), "a name has pairs, a town first",
          name);
  Require(base::TownOf(name) == parts[1], "its town is the first", name);
  Require(base::LastSegment(name) == parts.back(), "its last segment is the last", name);
  for (size_t i = 0; i < parts.size(); i += 2) {
    Require(base::Segment(name, parts[i]) == parts[i + 1], "a collection is followed by its id",
            name);
    Require(parts[i] != "units" || base::IsUnitCode(parts[i + 1].substr(0, parts[i + 1].find('-'))),
            "a unit has a code", name);
  }
  // Unless the same id stands in the middle, too.
  Require(base::Segment(name, parts.back()).empty() || absl::c_count(parts, parts.back()) > 1,
          "behind the last segment is nothing", name);
}

}  // namespace

void TryInput(absl::string_view input) {
  static const auto& patterns = *new std::vector<std::unique_ptr<RE2>>(ReadPatterns());
  // What only looks must take anything.
  for (const char* collection : {"towns", "units", ""}) {
    const absl::string_view segment = base::Segment(input, collection);
    Require(!absl::StrContains(segment, '/'), "a segment has no slash", input);
  }
  Require(!absl::StrContains(base::TownOf(input), '/') &&
              !absl::StrContains(base::LastSegment(input), '/'),
          "a segment has no slash", input);

  Choices choices(input);
  const RE2& pattern = *patterns[choices.Below(patterns.size())];
  std::string name = SampleOf(pattern.pattern(), choices);
  Require(RE2::PartialMatch(name, pattern), absl::StrCat("a sample fits ", pattern.pattern()),
          name);
  RequireReadsAsMeant(name);
  name = Edited(name, choices);
  if (RE2::PartialMatch(name, pattern)) RequireReadsAsMeant(name);
}

}  // namespace pingan::fuzz
