#include "common/db/resource_pattern.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace pingan::db {

absl::StatusOr<ResourcePattern> ResourcePattern::Parse(absl::string_view pattern) {
  ResourcePattern parsed;
  absl::string_view rest = pattern;
  while (!rest.empty()) {
    const size_t open = rest.find('{');
    const size_t close = rest.find('}');
    if (open == rest.npos || close == rest.npos || close < open + 2 || open == 0 ||
        rest[open - 1] != '/') {
      return absl::InvalidArgumentError(absl::StrCat("not a pattern of resource names: ", pattern));
    }
    parsed.literals_.emplace_back(rest.substr(0, open));
    parsed.variables_.emplace_back(rest.substr(open + 1, close - open - 1));
    rest.remove_prefix(close + 1);
  }
  if (parsed.variables_.empty())
    return absl::InvalidArgumentError("an empty pattern of resource names");
  return parsed;
}

bool ResourcePattern::Match(absl::string_view name, Segments& segments) const {
  segments.clear();
  for (const std::string& literal : literals_) {
    if (!absl::StartsWith(name, literal)) return false;
    name.remove_prefix(literal.size());
    const absl::string_view segment = name.substr(0, name.find('/'));
    if (segment.empty()) return false;
    segments.push_back(segment);
    name.remove_prefix(segment.size());
  }
  return name.empty();
}

std::string ResourcePattern::Build(const Segments& segments) const {
  std::string name;
  for (size_t i = 0; i < literals_.size(); ++i) absl::StrAppend(&name, literals_[i], segments[i]);
  return name;
}

}  // namespace pingan::db
