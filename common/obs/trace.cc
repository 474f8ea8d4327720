#include "common/obs/trace.h"

#include <algorithm>
#include <cstdint>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace pingan::obs {
namespace {

// version "-" trace "-" span "-" flags
constexpr size_t kTraceAt = 3;
constexpr size_t kSpanAt = 36;
constexpr size_t kFlagsAt = 53;
constexpr size_t kLength = 55;

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

bool IsId(absl::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != text.npos;
}

// Random, never all zeros.
template <size_t N>
void Fill(std::array<char, N>& id) {
  thread_local absl::BitGen generator;  // seeded from the operating system, one per thread
  for (size_t at = 0; at < N; at += 16) {
    auto random = absl::Uniform<uint64_t>(absl::IntervalClosed, generator, 1, UINT64_MAX);
    for (size_t i = at; i < at + 16; ++i, random >>= 4) id[i] = "0123456789abcdef"[random & 15];
  }
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(absl::string_view header) {
  if (header.size() < kLength || !IsHex(header.substr(0, 2)) || header.substr(0, 2) == "ff")
    return std::nullopt;
  const bool known_version = header.substr(0, 2) == "00";
  if (header.size() > kLength && (known_version || header[kLength] != '-')) return std::nullopt;
  if (header[kTraceAt - 1] != '-' || header[kSpanAt - 1] != '-' || header[kFlagsAt - 1] != '-')
    return std::nullopt;
  TraceContext context;
  std::copy_n(header.begin() + kTraceAt, context.trace.size(), context.trace.begin());
  std::copy_n(header.begin() + kSpanAt, context.span.size(), context.span.begin());
  context.parent.fill('0');
  if (!IsId(context.trace_id()) || !IsId(context.span_id()) || !IsHex(header.substr(kFlagsAt, 2)))
    return std::nullopt;
  const char low = header[kFlagsAt + 1];
  context.sampled = (absl::ascii_isdigit(low) ? low - '0' : low - 'a' + 10) % 2 == 1;
  return context;
}

TraceContext ChildOf(const TraceContext& parent) {
  TraceContext child = parent;
  child.parent = parent.span;
  Fill(child.span);
  return child;
}

TraceContext BeginSpan(absl::string_view header) {
  if (const std::optional<TraceContext> caller = ParseTraceparent(header)) return ChildOf(*caller);
  TraceContext context;
  Fill(context.trace);
  Fill(context.span);
  context.parent.fill('0');
  return context;
}

std::string ToTraceparent(const TraceContext& context) {
  return absl::StrCat("00-", context.trace_id(), "-", context.span_id(),
                      context.sampled ? "-01" : "-00");
}

}  // namespace pingan::obs
