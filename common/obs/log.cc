#include "common/obs/log.h"

#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/text.h"

namespace pingan::obs {
namespace {

constexpr size_t kMaxValueBytes = 4096;
constexpr size_t kUsualLineBytes = 512;

std::atomic<Severity> minimum{Severity::kInfo};

absl::string_view NameOf(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "DEBUG";
    case Severity::kInfo:
      return "INFO";
    case Severity::kWarning:
      return "WARNING";
    case Severity::kError:
      return "ERROR";
  }
  return "DEFAULT";
}

void Append(std::string& out, absl::string_view text) { out.append(text.data(), text.size()); }

void AppendInt(std::string& out, int64_t value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

// "2026-11-23T00:17:31.123456Z". Splitting a time into its calendar parts costs more than the rest
// of a line, and a thread that logs much logs many lines in one second: each thread keeps the last
// second it wrote.
void AppendTime(std::string& out, absl::Time time) {
  thread_local int64_t last_second = -1;
  thread_local std::string last_text;
  const int64_t micros = absl::ToUnixMicros(time);
  const int64_t second = micros / 1'000'000;
  if (second != last_second) {
    last_text =
        absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::FromUnixSeconds(second), absl::UTCTimeZone());
    last_second = second;
  }
  out.append(last_text);
  std::array<char, 8> fraction = {'.', '0', '0', '0', '0', '0', '0', 'Z'};
  int64_t rest = micros % 1'000'000;
  for (size_t i = 6; i >= 1; --i, rest /= 10) fraction[i] = static_cast<char>('0' + rest % 10);
  out.append(fraction.data(), fraction.size());
}

// Whether a byte of UTF-8 stands for itself in a JSON string.
constexpr std::array<bool, 256> PlainBytes() {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 256; ++c) plain[c] = c != '"' && c != '\\' && c != 0x7F;
  return plain;
}

void AppendEscapedByte(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      out.append("\\u00");
      out.push_back("0123456789abcdef"[c >> 4]);
      out.push_back("0123456789abcdef"[c & 15]);
  }
}

// `text` is valid UTF-8.
void AppendEscaped(std::string& out, absl::string_view text) {
  static constexpr std::array<bool, 256> kPlain = PlainBytes();
  size_t from = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (kPlain[c]) continue;
    out.append(text.data() + from, at - from);
    AppendEscapedByte(out, c);
    from = at + 1;
  }
  out.append(text.data() + from, text.size() - from);
}

absl::string_view CutBetweenCharacters(absl::string_view text, size_t at) {
  for (int i = 0; i < 3 && (text[at] & 0xC0) == 0x80; ++i) --at;
  return text.substr(0, at);
}

void AppendJsonString(std::string& out, absl::string_view text) {
  const bool cut = text.size() > kMaxValueBytes;
  if (cut) text = CutBetweenCharacters(text, kMaxValueBytes);
  out.push_back('"');
  while (true) {
    const size_t valid = base::ValidUtf8Prefix(text);
    AppendEscaped(out, text.substr(0, valid));
    if (valid == text.size()) break;
    Append(out, "\uFFFD");
    text.remove_prefix(valid + 1);
  }
  Append(out, cut ? "…\"" : "\"");
}

}  // namespace

void SetMinimumSeverity(Severity severity) { minimum.store(severity, std::memory_order_relaxed); }

LogLine::LogLine(Severity severity, LogWriter& writer)
    : severity_(severity),
      wanted_(severity >= minimum.load(std::memory_order_relaxed)),
      writer_(writer) {
  if (!wanted_) return;
  line_.reserve(kUsualLineBytes);
  line_.append("{\"time\":\"");
  AppendTime(line_, absl::Now());
  line_.append("\",\"severity\":\"");
  Append(line_, NameOf(severity));
  line_.push_back('"');
}

void LogLine::Key(absl::string_view key) {
  line_.append(",\"");
  Append(line_, key);
  line_.append("\":");
}

LogLine& LogLine::Str(absl::string_view key, absl::string_view value) {
  if (!wanted_) return *this;
  Key(key);
  AppendJsonString(line_, value);
  return *this;
}

LogLine& LogLine::Int(absl::string_view key, int64_t value) {
  if (!wanted_) return *this;
  Key(key);
  AppendInt(line_, value);
  return *this;
}

LogLine& LogLine::Bool(absl::string_view key, bool value) {
  if (!wanted_) return *this;
  Key(key);
  Append(line_, value ? "true" : "false");
  return *this;
}

LogLine& LogLine::Double(absl::string_view key, double value) {
  if (!wanted_) return *this;
  Key(key);
  if (std::isfinite(value)) {
    absl::StrAppend(&line_, value);
  } else {
    line_.append("null");
  }
  return *this;
}

LogLine& LogLine::Micros(absl::string_view key, absl::Duration value) {
  return Int(key, absl::ToInt64Microseconds(value));
}

LogLine& LogLine::Trace(const TraceContext& context) {
  if (!wanted_) return *this;
  Str("trace_id", context.trace_id()).Str("span_id", context.span_id());
  if (context.parent_span_id().find_first_not_of('0') != absl::string_view::npos) {
    Str("parent_span_id", context.parent_span_id());
  }
  return *this;
}

std::string LogLine::Text() {
  if (!wanted_) return "";
  line_.append("}\n");
  return std::move(line_);
}

void LogLine::Emit() {
  if (!wanted_) return;
  line_.append("}\n");
  writer_.Write(line_, severity_ == Severity::kError);
}

void LogMessage(Severity severity, absl::string_view message) {
  LogLine(severity).Str("message", message).Emit();
}

}  // namespace pingan::obs
