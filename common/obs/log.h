// Log lines: one JSON object per line on stderr.
//
//   LogLine(Severity::kInfo).Str("method", method).Int("code", 0).Micros("took_us", took).Emit();
//   {"time":"2026-11-23T00:17:31.123456Z","severity":"INFO","method":"...","code":0,"took_us":812}
//
// A line is built on the caller's thread and handed to the thread of a LogWriter, so that a slow
// reader of stderr never holds up a call. Personal data and secrets are never logged: nothing here
// can tell them from the rest.
#ifndef PINGAN_COMMON_OBS_LOG_H_
#define PINGAN_COMMON_OBS_LOG_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/obs/log_writer.h"
#include "common/obs/trace.h"

namespace pingan::obs {

enum class Severity { kDebug, kInfo, kWarning, kError };

// Lines below `severity` cost nothing and write nothing. Begins as kInfo. Thread safe.
void SetMinimumSeverity(Severity severity);

// One line, with the time of its making. For one thread; without Emit() nothing is written. Keys
// are literals of [a-z0-9_] and are not escaped, nor checked for being there twice. Values are
// escaped: bytes that are not UTF-8 become U+FFFD, and a text over 4 KiB is cut and ends in "…".
// Never throws.
class LogLine {
 public:
  explicit LogLine(Severity severity, LogWriter& writer = LogWriter::Process());

  LogLine& Str(absl::string_view key, absl::string_view value);
  LogLine& Int(absl::string_view key, int64_t value);
  LogLine& Bool(absl::string_view key, bool value);
  // JSON has no NaN and no infinity: these become null.
  LogLine& Double(absl::string_view key, double value);
  // Whole microseconds: let the key end in `_us`.
  LogLine& Micros(absl::string_view key, absl::Duration value);
  // trace_id, span_id, and parent_span_id when there is one.
  LogLine& Trace(const TraceContext& context);

  // Hands the line to the writer. A line of severity ERROR is written at once, others after up to 2
  // ms; neither is waited for.
  void Emit();

  // The whole line instead, ended by '\n'; "" when its severity is not wanted.
  std::string Text();

 private:
  void Key(absl::string_view key);

  const Severity severity_;
  const bool wanted_;
  LogWriter& writer_;
  std::string line_;
};

// A line with a `message`: for what the process itself does, such as starting, stopping and failing
// in the background.
void LogMessage(Severity severity, absl::string_view message);

}  // namespace pingan::obs

#endif  // PINGAN_COMMON_OBS_LOG_H_
