// A log line is one line of JSON, whatever callers send: their bytes stand in values.
#include <string>

#include "absl/strings/match.h"
#include "common/base/text.h"
#include "common/obs/log.h"
#include "nlohmann/json.hpp"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/property.h"

namespace pingan::fuzz {

void TryInput(absl::string_view input) {
  const std::string line =
      obs::LogLine(obs::Severity::kInfo).Str("first", input).Str("last", "end").Text();
  Require(absl::EndsWith(line, "\n") && line.find('\n') + 1 == line.size(), "it is one line",
          input);
  const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  Require(json.is_object() && json.value("last", "") == "end", "it is one JSON object", input);
  if (base::IsUtf8(input) && input.size() <= 4096)
    Require(json.value("first", "") == input, "text comes through as it is", input);
}

}  // namespace pingan::fuzz
