// W3C Trace Context (https://www.w3.org/TR/trace-context/, version 00): ids that join the log lines
// of one request over services. There are no spans to export: the ids stand in log lines and go
// along to peers.
#ifndef PINGAN_COMMON_OBS_TRACE_H_
#define PINGAN_COMMON_OBS_TRACE_H_

#include <array>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace pingan::obs {

// Lower-case hex, never all zeros. Cheap to copy, allocates nothing.
struct TraceContext {
  std::array<char, 32> trace{};
  std::array<char, 16> span{};
  std::array<char, 16> parent{};  // the caller's span; all '0' when the trace began here
  bool sampled = true;

  absl::string_view trace_id() const { return {trace.data(), trace.size()}; }
  absl::string_view span_id() const { return {span.data(), span.size()}; }
  absl::string_view parent_span_id() const { return {parent.data(), parent.size()}; }
};

// The trace and span of the caller in a `traceparent` header; nothing when the header is not valid,
// as the standard asks (a later version is read as far as version 00 goes).
std::optional<TraceContext> ParseTraceparent(absl::string_view header);

// A new span: of the caller's trace when `header` is valid, else of a new one.
TraceContext BeginSpan(absl::string_view header = {});

// A new span below `parent`, for a call to a peer.
TraceContext ChildOf(const TraceContext& parent);

// The header for a peer: "00-<trace>-<span>-01".
std::string ToTraceparent(const TraceContext& context);

}  // namespace pingan::obs

#endif  // PINGAN_COMMON_OBS_TRACE_H_
