// Patterns of resource names: "towns/{town}/events/{event}".
#ifndef PINGAN_COMMON_DB_RESOURCE_PATTERN_H_
#define PINGAN_COMMON_DB_RESOURCE_PATTERN_H_

#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace pingan::db {

// The values of a pattern's variables in a name, in order. They view the name.
using Segments = absl::InlinedVector<absl::string_view, 4>;

class ResourcePattern {
 public:
  // INVALID_ARGUMENT unless the pattern alternates between collections and variables and ends with
  // a variable.
  static absl::StatusOr<ResourcePattern> Parse(absl::string_view pattern);

  const std::vector<std::string>& variables() const { return variables_; }
  // What stands before each variable: "towns/", "/events/".
  const std::vector<std::string>& literals() const { return literals_; }

  // Whether `name` has this pattern; then `segments` are its variables' values, none of them empty.
  bool Match(absl::string_view name, Segments& segments) const;

  std::string Build(const Segments& segments) const;

 private:
  std::vector<std::string> literals_;
  std::vector<std::string> variables_;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_RESOURCE_PATTERN_H_
