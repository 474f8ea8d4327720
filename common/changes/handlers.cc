#include "common/changes/handlers.h"

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/obs/log.h"

namespace pingan::changes {

absl::string_view RowOf(absl::string_view type) {
  const size_t dot = type.rfind('.');
  return dot == absl::string_view::npos ? absl::string_view() : type.substr(0, dot);
}

bool IsDeletion(absl::string_view type) { return absl::EndsWith(type, ".deleted"); }

void Handlers::Put(Entry entry) {
  const std::string& row = entry.prototype->GetDescriptor()->full_name();
  if (!entries_.emplace(row, std::move(entry)).second) {
    obs::LogMessage(obs::Severity::kError, absl::StrCat("two handlers follow ", row));
    std::abort();
  }
}

const Handlers::Entry* Handlers::Find(absl::string_view row) const {
  const auto found = entries_.find(row);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::string> Handlers::Rows() const {
  std::vector<std::string> rows;
  for (const auto& [row, entry] : entries_) rows.push_back(row);
  return rows;
}

}  // namespace pingan::changes
