#include "common/db/town_writer.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/db/batch.h"
#include "common/db/finisher.h"
#include "common/db/patient_queue.h"
#include "common/db/reconnecting.h"
#include "common/db/sql_errors.h"
#include "common/db/sweep.h"

namespace pingan::db {
namespace {

// A deadlock with another replica that makes the same heads is settled by the second try.
constexpr int kMostConflicts = 3;

// Commands with which the connection was lost so often run alone, and then are given up: one may be
// what breaks it.
constexpr int kSuspectAfter = 3;
constexpr int kMostLosses = 6;

constexpr absl::Duration kSweepEvery = absl::Minutes(10);
constexpr int kSweepStep = 1000;

struct Pending {
  Command* command;
  std::function<void(absl::Status)> done;
  bool alone = false;  // its batch failed: it runs by itself
  int conflicts = 0;
  int losses = 0;
  bool doubtful = false;  // a COMMIT with it was sent and not answered
  absl::Status decided;   // what it is answered if that took place

  const Patience& patience() const { return command->patience; }
};

using Queue = PatientQueue<Pending>;

}  // namespace

class TownWriter::Worker {
 public:
  // `sweeps`: whether it is the one that forgets old requests.
  Worker(const Database& database, base::Clock& clock, const TownWriterOptions& options,
         bool sweeps)
      : database_(database),
        clock_(clock),
        options_(options),
        sweeps_(sweeps),
        queue_(options.max_queue, options.longest_wait),
        session_(database, /*read_only=*/false),
        finisher_([this] { TellAway(); }),
        thread_([this] { Loop(); }) {}

  ~Worker() { Stop(); }

  void Start(Command& command, std::function<void(absl::Status)> done) {
    Pending pending{.command = &command, .done = std::move(done), .decided = {}};
    const absl::Status status = queue_.Push(pending);
    if (!status.ok()) pending.done(status);
  }

  QueueLoad load() const { return queue_.load(); }

  void Stop() {
    queue_.Stop();
    if (thread_.joinable()) thread_.join();
    finisher_.Stop();
  }

 private:
  void Loop() {
    while (true) {
      if (!queue_.Wait(kSweepEvery)) {
        if (queue_.stopped()) return;
        Sweep();
        continue;
      }
      Session* session = session_.Get();
      if (session == nullptr) {
        WaitAway();
        continue;
      }
      finisher_.SetTicking(false);
      if (doubt_.has_value() && !SettleDoubt(*session)) continue;
      RunBatch(*session);
      if (absl::Now() > next_sweep_) Sweep();
    }
  }

  // --- while the database is away

  void WaitAway() {
    finisher_.SetTicking(true);
    if (queue_.stopped()) return TellAway();
    queue_.Pause(session_.NextPause());
  }

  // Also on the finisher's thread.
  void TellAway() {
    for (Queue::Waiting& waiting : queue_.TakeEnding())
      waiting.item.done(base::Refuse(errors::v1::UNAVAILABLE));
  }

  // --- batches

  Joining Join(const Pending& first, const Pending& next) const {
    const bool same_tenant = first.command->tenant == next.command->tenant;
    if (options_.one_tenant_per_transaction && !same_tenant) return Joining::kSkip;
    return first.alone || next.alone ? Joining::kStop : Joining::kTake;
  }

  void RunBatch(Session& session) {
    const absl::Time start = absl::Now();
    std::vector<Queue::Ended> ended;
    std::vector<Queue::Waiting> taken = queue_.Take(
        options_.max_batch,
        [this](const Pending& first, const Pending& next) { return Join(first, next); }, ended);
    if (!ended.empty()) {
      finisher_.Post([ended = std::move(ended)]() mutable {
        for (Queue::Ended& one : ended) one.item.done(std::move(one.status));
      });
    }
    if (taken.empty()) return;

    std::vector<Command*> commands;
    for (const Queue::Waiting& waiting : taken) commands.push_back(waiting.item.command);
    auto batch =
        std::make_unique<Batch>(session, database_.catalogue(), clock_.Now(), std::move(commands));
    try {
      batch->Run();
    } catch (const std::exception& error) {
      return Recover(session, *batch, error, std::move(taken));
    }
    if (taken.size() == options_.max_batch) queue_.ServedFull(taken.size(), absl::Now() - start);
    if (options_.on_commit) {
      if (const std::vector<Committed> committed = batch->committed(); !committed.empty())
        options_.on_commit(committed);
    }
    if (options_.on_batch) Report(*batch, taken, start);
    finisher_.Post([batch = std::move(batch), taken = std::move(taken)]() mutable {
      for (size_t i = 0; i < taken.size(); ++i) taken[i].item.done(batch->statuses()[i]);
    });
  }

  void Report(const Batch& batch, const std::vector<Queue::Waiting>& taken,
              absl::Time start) const {
    BatchReport report{};
    batch.Report(report);
    report.alone = taken.front().item.alone;
    report.waited = start - taken.front().since;
    report.took = absl::Now() - start;
    options_.on_batch(report);
  }

  // Nothing of the batch happened, or nobody knows. Its commands go back to the head of the queue
  // in their order, unless one of them is at fault for certain.
  void Recover(Session& session, const Batch& batch, const std::exception& error,
               std::vector<Queue::Waiting> taken) {
    const std::string doing =
        absl::StrCat("a batch of ", taken.size(), ", first ", taken[0].item.command->method);
    LogSqlError(doing, error);
    session.Rollback();
    const SqlFailure failure = Classify(error, session.connected());
    if (failure == SqlFailure::kLost) {
      session_.Drop();
      if (batch.committing()) Doubt(batch, taken);
      for (Queue::Waiting& waiting : taken)
        waiting.item.alone = ++waiting.item.losses >= kSuspectAfter;
      if (taken.size() == 1 && taken[0].item.losses >= kMostLosses)
        return Answer(std::move(taken[0].item), failure);
    } else if (failure == SqlFailure::kConflict && taken[0].item.conflicts < kMostConflicts) {
      for (Queue::Waiting& waiting : taken) ++waiting.item.conflicts;
    } else if (taken.size() == 1) {
      return Answer(std::move(taken[0].item), failure);
    } else {
      for (Queue::Waiting& waiting : taken) waiting.item.alone = true;
    }
    queue_.PutBack(std::move(taken));
  }

  void Answer(Pending item, SqlFailure failure) {
    finisher_.Post([item = std::move(item), failure]() mutable { item.done(ToStatus(failure)); });
  }

  // --- a COMMIT whose answer was lost

  void Doubt(const Batch& batch, std::vector<Queue::Waiting>& taken) {
    doubt_ = {batch.mark(), batch.committed()};
    for (size_t i = 0; i < taken.size(); ++i) {
      taken[i].item.doubtful = true;
      taken[i].item.decided = batch.statuses()[i];
    }
  }

  // Finds out whether it took place: then its commands are answered as decided, else they run
  // again. False when the connection was lost again.
  bool SettleDoubt(Session& session) {
    bool took_place;
    try {
      took_place = Batch::TookPlace(session, doubt_->mark);
    } catch (const std::exception& error) {
      LogSqlError("settling a commit in doubt", error);
      session.Rollback();
      session_.Drop();
      return false;
    }
    std::vector<Queue::Waiting> doubtful =
        queue_.TakeFront([](const Pending& item) { return item.doubtful; });
    if (took_place) {
      if (options_.on_commit) options_.on_commit(doubt_->committed);
      finisher_.Post([doubtful = std::move(doubtful)]() mutable {
        for (Queue::Waiting& waiting : doubtful) waiting.item.done(std::move(waiting.item.decided));
      });
    } else {
      for (Queue::Waiting& waiting : doubtful) waiting.item.doubtful = false;
      queue_.PutBack(std::move(doubtful));
    }
    doubt_.reset();
    return true;
  }

  // --- what is old

  void Sweep() {
    next_sweep_ = absl::Now() + kSweepEvery;
    if (!sweeps_) return;
    Session* session = session_.Get();
    if (session == nullptr) return;
    try {
      const bool more = db::Sweep(*session, database_.catalogue(), clock_.Now(), kSweepStep);
      if (more) next_sweep_ = absl::Now();
    } catch (const std::exception& error) {
      LogSqlError("forgetting what is old", error);
      session_.Drop();
    }
  }

  struct DoubtfulCommit {
    CommitMark mark;
    std::vector<Committed> committed;
  };

  const Database& database_;
  base::Clock& clock_;
  const TownWriterOptions& options_;
  const bool sweeps_;
  Queue queue_;
  Reconnecting session_;                 // the loop's
  std::optional<DoubtfulCommit> doubt_;  // the loop's
  absl::Time next_sweep_ = absl::InfinitePast();
  Finisher finisher_;
  std::thread thread_;
};

TownWriter::TownWriter(const Database& database, base::Clock& clock, TownWriterOptions options)
    : options_(std::move(options)) {
  for (int i = 0; i < std::max(1, options_.workers); ++i) {
    workers_.push_back(std::make_unique<Worker>(database, clock, options_, /*sweeps=*/i == 0));
  }
}

TownWriter::~TownWriter() { Stop(); }

void TownWriter::Start(Command& command, std::function<void(absl::Status)> done) {
  if (!command.request_id.empty()) {
    absl::AsciiStrToLower(&command.request_id);
    if (!base::IsUuid(command.request_id)) {
      return done(base::RefuseField("requestId", "请求编号不是 UUID"));
    }
  }
  WorkerOf(command.tenant).Start(command, std::move(done));
}

absl::Status TownWriter::RunAndWait(Command& command) {
  absl::Notification done;
  absl::Status status;
  Start(command, [&](absl::Status ended) {
    status = std::move(ended);
    done.Notify();
  });
  done.WaitForNotification();
  return status;
}

QueueLoad TownWriter::load() const {
  QueueLoad fullest;
  for (const auto& worker : workers_) {
    const QueueLoad load = worker->load();
    if (fullest.limit == 0 || load.waiting > fullest.waiting) fullest = load;
  }
  return fullest;
}

void TownWriter::Stop() {
  for (const auto& worker : workers_) worker->Stop();
}

TownWriter::Worker& TownWriter::WorkerOf(const std::string& tenant) {
  return *workers_[absl::Hash<std::string>()(tenant) % workers_.size()];
}

}  // namespace pingan::db
