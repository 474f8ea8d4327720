// Commands that run at once, seats to race for, and a writer that tells of its batches.
#ifndef PINGAN_TESTS_COMMON_DB_TOWN_WRITER_FIXTURE_H_
#define PINGAN_TESTS_COMMON_DB_TOWN_WRITER_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "tests/common/db/engine_fixture.h"

namespace pingan::db {

// A rule that blocks its worker until it is let go, so that the commands started meanwhile make one
// batch.
class Gate {
 public:
  explicit Gate(TownWriter& writer, absl::string_view town = kTown)
      : command_(town, [this](UnitOfWork&, std::string&) {
          if (!entered_.HasBeenNotified()) entered_.Notify();
          opened_.WaitForNotification();
          return absl::OkStatus();
        }) {
    writer.Start(command_, [this](absl::Status) { left_.Notify(); });
    entered_.WaitForNotification();
  }
  ~Gate() { Open(); }
  void Open() {
    if (!opened_.HasBeenNotified()) opened_.Notify();
    left_.WaitForNotification();
  }

 private:
  absl::Notification entered_;
  absl::Notification opened_;
  absl::Notification left_;
  TestCommand command_;
};

// Commands that run at the same time, and how they ended.
class Crowd {
 public:
  TestCommand& Add(std::unique_ptr<TestCommand> command) {
    commands_.push_back(std::move(command));
    return *commands_.back();
  }
  TestCommand& Add(std::function<absl::Status(UnitOfWork&)> rule) {
    return Add(std::make_unique<TestCommand>(std::move(rule)));
  }
  void Start(TownWriter& writer) {
    statuses_.resize(commands_.size());
    left_ = std::make_unique<absl::BlockingCounter>(static_cast<int>(commands_.size()));
    for (size_t i = 0; i < commands_.size(); ++i) {
      writer.Start(*commands_[i], [this, i](absl::Status status) {
        statuses_[i] = std::move(status);
        left_->DecrementCount();
      });
    }
  }
  const std::vector<absl::Status>& Wait() {
    left_->Wait();
    return statuses_;
  }

 private:
  std::vector<std::unique_ptr<TestCommand>> commands_;
  std::vector<absl::Status> statuses_;
  std::unique_ptr<absl::BlockingCounter> left_;
};

// Seats a person or lines them up.
inline absl::Status TakeSeat(UnitOfWork& work, const std::string& roster_name, int person) {
  ASSIGN_OR_RETURN(const Roster& roster, work.Find(kRosters, roster_name));
  Roster& counted = work.Change(roster, "counted");
  SignUp sign_up;
  sign_up.set_name(absl::StrCat(roster_name, "/signUps/", Id(person)));
  counted.set_last_rank(counted.last_rank() + 1);
  sign_up.set_rank(counted.last_rank());
  const bool free = counted.confirmed() < counted.capacity();
  sign_up.set_state(free ? volunteer::v1::CONFIRMED : volunteer::v1::WAITLISTED);
  if (free) {
    counted.set_confirmed(counted.confirmed() + 1);
  } else {
    counted.set_waiting(counted.waiting() + 1);
  }
  work.Insert(kSignUps, sign_up, "created");
  return absl::OkStatus();
}

// Gives a seat back; the first in line takes it.
inline absl::Status GiveSeatBack(UnitOfWork& work, const std::string& roster_name, int person) {
  ASSIGN_OR_RETURN(const Roster& roster, work.Find(kRosters, roster_name));
  ASSIGN_OR_RETURN(const SignUp& sign_up,
                   work.Find(kSignUps, absl::StrCat(roster_name, "/signUps/", Id(person))));
  Roster& counted = work.Change(roster, "counted");
  if (sign_up.state() == volunteer::v1::CONFIRMED) {
    counted.set_confirmed(counted.confirmed() - 1);
  } else {
    counted.set_waiting(counted.waiting() - 1);
  }
  work.Delete(sign_up);
  if (counted.confirmed() == counted.capacity()) return absl::OkStatus();
  for (const SignUp* first :
       work.List(kInState, work.tenant(), 1, roster_name, volunteer::v1::WAITLISTED)) {
    work.Change(*first, "promoted").set_state(volunteer::v1::CONFIRMED);
    counted.set_waiting(counted.waiting() - 1);
    counted.set_confirmed(counted.confirmed() + 1);
  }
  return absl::OkStatus();
}

class TownWriterTest : public EngineTest {
 protected:
  TownWriterTest() {
    options_.workers = 1;
    options_.on_batch = [this](const BatchReport& report) {
      absl::MutexLock lock(&mutex_);
      reports_.push_back(report);
    };
    options_.on_commit = [this](absl::Span<const Committed> commits) {
      absl::MutexLock lock(&mutex_);
      for (const Committed& commit : commits)
        committed_.push_back(absl::StrCat(commit.tenant, "@", commit.seq));
    };
  }

  std::vector<BatchReport> reports() {
    absl::MutexLock lock(&mutex_);
    return reports_;
  }

  void AddRoster(int number, int capacity, absl::string_view town = kTown) {
    ASSERT_TRUE(RunIn(town, [&](UnitOfWork& work) {
                  work.Insert(kRosters, NewRoster(number, capacity, town), "created");
                  return absl::OkStatus();
                }).ok());
  }

  absl::Mutex mutex_;
  std::vector<BatchReport> reports_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> committed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pingan::db

#endif  // PINGAN_TESTS_COMMON_DB_TOWN_WRITER_FIXTURE_H_
