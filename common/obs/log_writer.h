// Takes log lines from any thread and writes them to a file descriptor from its own.
#ifndef PINGAN_COMMON_OBS_LOG_WRITER_H_
#define PINGAN_COMMON_OBS_LOG_WRITER_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace pingan::obs {

// Lines are written in the order in which they were taken, many per write(2), none split over
// another. Write() copies the line and never waits for the descriptor: when the buffer is full the
// line is dropped and counted, and a line of severity WARNING tells how many were lost as soon as
// there is room. Thread safe.
class LogWriter {
 public:
  // Does not own `fd`. Holds at most `capacity` bytes, and waits at most `linger` for more lines
  // before it writes.
  explicit LogWriter(int fd, size_t capacity = 4 << 20,
                     absl::Duration linger = absl::Milliseconds(20));
  // Writes what is left.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // The writer of stderr: made on first use, never destroyed, flushed when the process exits.
  static LogWriter& Process();

  // Takes one line, which ends with '\n'. `urgent` does not linger. False when the line was
  // dropped.
  bool Write(absl::string_view line, bool urgent = false);

  // Waits until every line taken before is written, or could not be (its lines then count as
  // dropped). False when that took longer than `at_most`: whoever reads the descriptor may have
  // stopped reading.
  bool Flush(absl::Duration at_most = absl::Seconds(1));

  // Lines lost since the start.
  int64_t dropped() const;

 private:
  void Run();
  // Waits for something to write; false at the end.
  bool TakeBatch(std::string& batch, int64_t& lines);
  void ReportDrops();  // with mutex_ held

  const int fd_;
  const size_t capacity_;
  const absl::Duration linger_;
  // Guards what follows, up to the thread.
  mutable std::mutex mutex_;
  std::condition_variable wake_;     // the writing thread: something to write, or to write now
  std::condition_variable written_;  // those who flush
  std::string buffer_;
  bool idle_ = false;  // the writing thread waits for a first line
  bool urgent_ = false;
  bool stopping_ = false;
  int64_t taken_ = 0;  // lines
  int64_t done_ = 0;   // of these, written or lost in writing
  int64_t dropped_ = 0;
  int64_t reported_ = 0;  // of dropped_, those told of
  std::thread thread_;
};

}  // namespace pingan::obs

#endif  // PINGAN_COMMON_OBS_LOG_WRITER_H_
