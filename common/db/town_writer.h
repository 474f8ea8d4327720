// The writer of towns: runs commands, many in one transaction, each as if it were alone.
//
// A tenant belongs to one worker, a worker has one connection. A worker takes all commands that
// wait, locks the heads of their tenants, answers replays, fetches the rows they want, runs the
// rules in order of arrival, writes what they changed, and commits; while it commits, the next ones
// gather. What holds:
//   - a command's effects are committed before it is answered OK, and are there exactly once, also
//   when the connection or
//     the database was lost on the way;
//   - rules of one tenant run one after the other, over all processes that write to the schema;
//   - a refusal, or a database error that one command causes, fails that command alone;
//   - every change has a row in `changes` (unless its table says otherwise), numbered without gaps
//   per tenant.
//
// Answers other than OK and the rules' own refusals:
//   OVERLOADED (with RetryInfo)  the queue is full, or too long for the caller's patience
//   DEADLINE_EXCEEDED, CANCELLED the caller's patience ended before the command reached the
//   database UNAVAILABLE                  the database was away until shortly before the deadline;
//   the command has no effect,
//                                unless it ends in the middle of a commit: then the same request_id
//                                tells
//   REQUEST_ID_REUSED            same tenant, actor and request_id, other request
//   ALREADY_EXISTS               an inserted row broke a unique key
//   INTERNAL                     anything else; the cause is logged, not told
#ifndef PINGAN_COMMON_DB_TOWN_WRITER_H_
#define PINGAN_COMMON_DB_TOWN_WRITER_H_

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/clock.h"
#include "common/db/command.h"
#include "common/db/database.h"

namespace pingan::db {

// A tenant's log after a commit.
struct Committed {
  std::string tenant;
  int64_t seq;
};

// What one transaction was, for metrics.
struct BatchReport {
  size_t commands;
  size_t tenants;
  size_t changes;  // change rows written
  size_t refused;
  size_t replayed;
  size_t late_reads;      // statements for rows that neither wants nor dry runs foresaw
  bool alone;             // run by itself after its batch failed
  absl::Duration waited;  // the longest a command of it was queued
  absl::Duration took;    // from taking the commands to the commit
};

struct TownWriterOptions {
  int workers = 2;
  size_t max_batch = 512;                   // commands in one transaction
  size_t max_queue = 4096;                  // commands waiting per worker
  bool one_tenant_per_transaction = false;  // for a database sharded by town
  // How long a command whose patience has no end waits for a database that is away.
  absl::Duration longest_wait = absl::Seconds(30);
  // Both are called on the writer's threads and must be quick; either may be empty.
  std::function<void(absl::Span<const Committed>)> on_commit;
  std::function<void(const BatchReport&)> on_batch;
};

// Thread safe.
class TownWriter {
 public:
  // `database` and `clock` outlive the writer.
  TownWriter(const Database& database, base::Clock& clock, TownWriterOptions options = {});
  // Stops.
  ~TownWriter();
  TownWriter(const TownWriter&) = delete;
  TownWriter& operator=(const TownWriter&) = delete;

  class Running;
  template <class Request, class Caller, class Answer>
  class RunningOf;

  // co_await writer.Run(command): the status, or StatusOr of the answer. Resumes on a thread of the
  // writer that does nothing but finish answers; the command must live until then.
  Running Run(Command& command);
  template <class Request, class Caller, class Answer>
  RunningOf<Request, Caller, Answer> Run(CommandOf<Request, Caller, Answer>& command);

  // The same for threads that may block: followers, tools, tests.
  absl::Status RunAndWait(Command& command);
  template <class Request, class Caller, class Answer>
  absl::StatusOr<Answer> RunAndWait(CommandOf<Request, Caller, Answer>& command) {
    if (absl::Status status = RunAndWait(static_cast<Command&>(command)); !status.ok())
      return status;
    return std::move(command.answer());
  }

  // Calls `done` on a thread of the writer with the command's status.
  void Start(Command& command, std::function<void(absl::Status)> done);

  // Of the worker whose queue is the longest.
  QueueLoad load() const;

  // Runs what is queued, answers it, ends the threads. Commands that come later are refused as
  // UNAVAILABLE. Idempotent.
  void Stop();

 private:
  class Worker;

  Worker& WorkerOf(const std::string& tenant);

  const TownWriterOptions options_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

class [[nodiscard]] TownWriter::Running {
 public:
  Running(TownWriter& writer, Command& command) : writer_(writer), command_(command) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    writer_.Start(command_, [this, waiting](absl::Status status) {
      status_ = std::move(status);
      waiting.resume();
    });
  }
  absl::Status await_resume() { return std::move(status_); }

 private:
  TownWriter& writer_;
  Command& command_;
  absl::Status status_;
};

template <class Request, class Caller, class Answer>
class [[nodiscard]] TownWriter::RunningOf {
 public:
  RunningOf(TownWriter& writer, CommandOf<Request, Caller, Answer>& command)
      : running_(writer, command), command_(command) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) { running_.await_suspend(waiting); }
  absl::StatusOr<Answer> await_resume() {
    if (absl::Status status = running_.await_resume(); !status.ok()) return status;
    return std::move(command_.answer());
  }

 private:
  Running running_;
  CommandOf<Request, Caller, Answer>& command_;
};

inline TownWriter::Running TownWriter::Run(Command& command) { return Running(*this, command); }

template <class Request, class Caller, class Answer>
TownWriter::RunningOf<Request, Caller, Answer> TownWriter::Run(
    CommandOf<Request, Caller, Answer>& command) {
  return RunningOf<Request, Caller, Answer>(*this, command);
}

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_TOWN_WRITER_H_
