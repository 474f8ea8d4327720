#include <optional>
#include <string>

#include "common/obs/trace.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/property.h"

namespace pingan::fuzz {

void TryInput(absl::string_view input) {
  const std::optional<obs::TraceContext> caller = obs::ParseTraceparent(input);
  const obs::TraceContext span = obs::BeginSpan(input);
  Require(obs::ParseTraceparent(obs::ToTraceparent(span)).has_value(), "what we send on is valid",
          input);
  if (!caller.has_value()) return;
  Require(span.trace == caller->trace && span.parent == caller->span && span.span != caller->span,
          "a span stands below its caller's", input);
  const auto again = obs::ParseTraceparent(obs::ToTraceparent(*caller));
  Require(again.has_value() && again->trace == caller->trace && again->span == caller->span &&
              again->sampled == caller->sampled,
          "what was read is written as it was", input);
}

}  // namespace pingan::fuzz
