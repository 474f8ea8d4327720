#include "common/service/chore.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "common/obs/log.h"

namespace pingan::service {
namespace {

// A town is left for the next round after so many steps: others wait, too.
constexpr int kMostSteps = 1000;

class Step final : public db::Command {
 public:
  explicit Step(const ChoreOptions& options) : options_(options) {}

  bool has_more() const { return has_more_; }

  absl::Status Decide(db::UnitOfWork& work) override {
    absl::StatusOr<bool> more = options_.step(work);
    if (more.ok()) has_more_ = *more;
    return more.status();
  }
  std::string Hash() const override { return options_.name; }
  std::string SerializeAnswer() const override { return ""; }
  bool ParseAnswer(absl::string_view) override { return true; }

 private:
  const ChoreOptions& options_;
  bool has_more_ = false;
};

}  // namespace

Chore::Chore(ChoreOptions options, std::string service, changes::LeaseKeeper& leases,
             db::TownWriter& writer, db::RowReader& reader, base::Clock& clock)
    : options_(std::move(options)),
      service_(std::move(service)),
      leases_(leases),
      writer_(writer),
      reader_(reader),
      clock_(clock) {}

void Chore::Start() {
  leases_.Join(work(), [this](changes::Buckets buckets) {
    absl::MutexLock lock(&mutex_);
    buckets_ = buckets;
  });
  thread_ = std::thread([this] { Loop(); });
}

void Chore::Stop() {
  if (!thread_.joinable()) return;
  stopping_.Notify();
  thread_.join();
  leases_.Leave(work());
}

void Chore::Loop() {
  while (!stopping_.WaitForNotificationWithTimeout(options_.every)) {
    changes::Buckets buckets;
    {
      absl::MutexLock lock(&mutex_);
      buckets = buckets_;
    }
    if (buckets.none()) continue;
    if (const absl::Status status = Run(buckets); !status.ok()) {
      obs::LogLine(obs::Severity::kWarning)
          .Str("message", "a chore failed")
          .Str("chore", options_.name)
          .Str("error", base::ReasonOf(status))
          .Emit();
    }
  }
}

absl::Status Chore::Run(changes::Buckets buckets) {
  using Towns = std::vector<std::string>;
  ASSIGN_OR_RETURN(const Towns towns, reader_.ReadAndWait<Towns>([&](db::ReadSession& session)
                                                                     -> absl::StatusOr<Towns> {
    Towns due;
    RETURN_IF_ERROR(session.Records(options_.due_towns, {base::ToTimestamp(clock_.Now())},
                                    [&](const db::Record& row) { due.emplace_back(row.Text(0)); }));
    return due;
  }));
  absl::Status first;
  for (const std::string& town : towns) {
    if (!buckets.test(changes::BucketOf(town))) continue;
    if (stopping_.HasBeenNotified()) break;
    first.Update(RunIn(town));
  }
  return first;
}

absl::Status Chore::RunIn(const std::string& town) {
  for (int steps = 0; steps < kMostSteps; ++steps) {
    Step step(options_);
    step.tenant = town;
    step.actor = service_;
    step.method = absl::StrCat("chore/", options_.name);
    step.patience.abandoned = [this] { return stopping_.HasBeenNotified(); };
    RETURN_IF_ERROR(writer_.RunAndWait(step));
    if (!step.has_more()) break;
  }
  return absl::OkStatus();
}

}  // namespace pingan::service
