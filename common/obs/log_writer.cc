#include "common/obs/log_writer.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/obs/log.h"

namespace pingan::obs {
namespace {

// How long a descriptor in non-blocking mode may stay full before its lines are given up.
constexpr int kPatienceMillis = 1000;

bool WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd waiting{fd, POLLOUT, 0};
      if (poll(&waiting, 1, kPatienceMillis) <= 0) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

// The standard library adds a wait to the time it is: forever would overflow.
std::chrono::nanoseconds ToWait(absl::Duration duration) {
  return absl::ToChronoNanoseconds(std::min(duration, absl::Hours(1)));
}

// A closed pipe must not end the process, and signals are for other threads.
void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

LogWriter::LogWriter(int fd, size_t capacity, absl::Duration linger)
    : fd_(fd), capacity_(capacity), linger_(linger), thread_([this] { Run(); }) {}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

LogWriter& LogWriter::Process() {
  static LogWriter* const kWriter = [] {
    auto* made = new LogWriter(STDERR_FILENO);
    std::atexit([] { Process().Flush(); });
    return made;
  }();
  return *kWriter;
}

bool LogWriter::Write(absl::string_view line, bool urgent) {
  const std::lock_guard lock(mutex_);
  if (buffer_.size() + line.size() > capacity_) {
    ++dropped_;
    return false;
  }
  const bool was_half_full = buffer_.size() > capacity_ / 2;
  buffer_.append(line.data(), line.size());
  ++taken_;
  urgent_ = urgent_ || urgent;
  // Waking a thread costs more than all the rest: once per batch.
  if (idle_ || urgent || (!was_half_full && buffer_.size() > capacity_ / 2)) {
    idle_ = false;
    wake_.notify_one();
  }
  return true;
}

bool LogWriter::Flush(absl::Duration at_most) {
  std::unique_lock lock(mutex_);
  const int64_t wanted = taken_;
  urgent_ = true;
  wake_.notify_one();
  return written_.wait_for(lock, ToWait(at_most), [&] { return done_ >= wanted; });
}

int64_t LogWriter::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void LogWriter::ReportDrops() {
  if (dropped_ == reported_) return;
  LogLine line(Severity::kWarning, *this);
  buffer_.append(
      line.Str("message", "log lines dropped").Int("dropped", dropped_ - reported_).Text());
  ++taken_;
  reported_ = dropped_;
}

bool LogWriter::TakeBatch(std::string& batch, int64_t& lines) {
  std::unique_lock lock(mutex_);
  idle_ = true;
  wake_.wait(lock, [this] { return !buffer_.empty() || stopping_ || dropped_ != reported_; });
  idle_ = false;
  wake_.wait_for(lock, ToWait(linger_),
                 [this] { return urgent_ || stopping_ || buffer_.size() > capacity_ / 2; });
  ReportDrops();
  urgent_ = false;
  batch.clear();
  batch.swap(buffer_);
  lines = taken_ - done_;
  return !batch.empty() || !stopping_;
}

void LogWriter::Run() {
  BlockSignals();
  std::string batch;
  int64_t lines = 0;
  while (TakeBatch(batch, lines)) {
    const bool ok = WriteAll(fd_, batch);
    const std::lock_guard lock(mutex_);
    done_ += lines;
    if (!ok) {
      dropped_ += lines;
      reported_ = dropped_;  // a descriptor that takes nothing takes no report either
    }
    written_.notify_all();
  }
}

}  // namespace pingan::obs
