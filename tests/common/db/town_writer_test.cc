#include "common/db/town_writer.h"

#include <atomic>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/task.h"
#include "common/db/request_sweep.h"
#include "common/db/session.h"
#include "tests/common/db/engine_fixture.h"

namespace pingan::db {
namespace {

using errors::v1::ALREADY_EXISTS;
using errors::v1::CANCELLED;
using errors::v1::DEADLINE_EXCEEDED;
using errors::v1::FULL;
using errors::v1::INTERNAL;
using errors::v1::INVALID_FIELD;
using errors::v1::OVERLOADED;
using errors::v1::REQUEST_ID_REUSED;
using errors::v1::UNAVAILABLE;
using testing::IsEmpty;
using testing::SizeIs;
using volunteer::v1::CONFIRMED;
using volunteer::v1::WAITLISTED;

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
absl::Status TakeSeat(UnitOfWork& work, const std::string& roster_name, int person) {
  ASSIGN_OR_RETURN(const Roster& roster, work.Find(kRosters, roster_name));
  Roster& counted = work.Change(roster, "counted");
  SignUp sign_up;
  sign_up.set_name(absl::StrCat(roster_name, "/signUps/", Id(person)));
  counted.set_last_rank(counted.last_rank() + 1);
  sign_up.set_rank(counted.last_rank());
  const bool free = counted.confirmed() < counted.capacity();
  sign_up.set_state(free ? CONFIRMED : WAITLISTED);
  if (free) {
    counted.set_confirmed(counted.confirmed() + 1);
  } else {
    counted.set_waiting(counted.waiting() + 1);
  }
  work.Insert(kSignUps, sign_up, "created");
  return absl::OkStatus();
}

// Gives a seat back; the first in line takes it.
absl::Status GiveSeatBack(UnitOfWork& work, const std::string& roster_name, int person) {
  ASSIGN_OR_RETURN(const Roster& roster, work.Find(kRosters, roster_name));
  ASSIGN_OR_RETURN(const SignUp& sign_up,
                   work.Find(kSignUps, absl::StrCat(roster_name, "/signUps/", Id(person))));
  Roster& counted = work.Change(roster, "counted");
  if (sign_up.state() == CONFIRMED) {
    counted.set_confirmed(counted.confirmed() - 1);
  } else {
    counted.set_waiting(counted.waiting() - 1);
  }
  work.Delete(sign_up);
  if (counted.confirmed() == counted.capacity()) return absl::OkStatus();
  for (const SignUp* first : work.List(kInState, work.tenant(), 1, roster_name, WAITLISTED)) {
    work.Change(*first, "promoted").set_state(CONFIRMED);
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

TEST_F(TownWriterTest, SeatsAreNeverTakenTwiceHoweverManyRace) {
  AddRoster(1, 50);
  Crowd crowd;
  for (int i = 0; i < 600; ++i)
    crowd.Add([i](UnitOfWork& work) { return TakeSeat(work, RosterName(1), i); });
  crowd.Start(writer());
  for (const absl::Status& status : crowd.Wait()) EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Sql("SELECT count(*) FROM sign_ups WHERE state = 1"), "50");
  EXPECT_EQ(Sql("SELECT confirmed || ',' || waiting || ',' || last_rank FROM rosters"),
            "50,550,600");
  EXPECT_EQ(Sql("SELECT count(DISTINCT rank) FROM sign_ups"), "600");
  size_t most = 0;
  for (const BatchReport& report : reports()) {
    most = std::max(most, report.commands);
    EXPECT_EQ(report.late_reads, 0u);
  }
  EXPECT_GT(most, 1u);
  ExpectReplayable();
}

TEST_F(TownWriterTest, FreedSeatsGoToTheLineInItsOrder) {
  AddRoster(1, 10);
  Crowd in;
  for (int i = 0; i < 100; ++i)
    in.Add([i](UnitOfWork& work) { return TakeSeat(work, RosterName(1), i); });
  in.Start(writer());
  in.Wait();
  const std::string seated =
      "SELECT string_agg(rank::text, ',' ORDER BY rank) FROM sign_ups WHERE state = 1";
  EXPECT_EQ(Sql(seated), "1,2,3,4,5,6,7,8,9,10");
  Crowd out;
  for (int i = 0; i < 100; i += 2)
    out.Add([i](UnitOfWork& work) { return GiveSeatBack(work, RosterName(1), i); });
  out.Start(writer());
  for (const absl::Status& status : out.Wait()) EXPECT_TRUE(status.ok()) << status;
  // Persons 0, 2, 4 ... left; those who stay moved up without passing one another.
  EXPECT_EQ(Sql(seated), "2,4,6,8,10,12,14,16,18,20");
  EXPECT_EQ(Sql("SELECT confirmed || ',' || waiting FROM rosters"), "10,40");
  ExpectReplayable();
}

TEST_F(TownWriterTest, ManyTownsShareTransactions) {
  options_.workers = 3;
  constexpr int kTowns = 100;
  Crowd crowd;
  for (int i = 0; i < 1000; ++i) {
    const std::string town = absl::StrCat(330481000 + i % kTowns);
    crowd.Add(std::make_unique<TestCommand>(town, [town, i](UnitOfWork& work, std::string&) {
      work.Insert(kTeams, NewTeam(i, town), "created");
      return absl::OkStatus();
    }));
  }
  crowd.Start(writer());
  for (const absl::Status& status : crowd.Wait()) EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Sql("SELECT count(*) || ',' || min(seq) || ',' || max(seq) FROM heads"), "100,10,10");
  size_t most = 0;
  for (const BatchReport& report : reports()) most = std::max(most, report.tenants);
  EXPECT_GT(most, 1u);
  ExpectReplayable();
}

TEST_F(TownWriterTest, OneTownPerTransactionWhenSharded) {
  options_.one_tenant_per_transaction = true;
  Crowd crowd;
  Gate gate(writer());
  for (int i = 0; i < 40; ++i) {
    const std::string town = absl::StrCat(330481000 + i % 4);
    crowd.Add(std::make_unique<TestCommand>(town, [town, i](UnitOfWork& work, std::string&) {
      work.Insert(kTeams, NewTeam(i, town), "created");
      return absl::OkStatus();
    }));
  }
  crowd.Start(writer());
  gate.Open();
  for (const absl::Status& status : crowd.Wait()) EXPECT_TRUE(status.ok()) << status;
  for (const BatchReport& report : reports()) EXPECT_EQ(report.tenants, 1u);
  EXPECT_THAT(reports(), SizeIs(5));  // the gate and four towns
}

TEST_F(TownWriterTest, AReplayIsAnsweredAsTheFirstTime) {
  int runs = 0;
  const auto make = [&] {
    auto command = std::make_unique<TestCommand>(kTown, [&](UnitOfWork& work, std::string& answer) {
      ++runs;
      Team team = NewTeam(0);
      team.set_name(absl::StrCat("towns/", kTown, "/teams/", work.NewId()));
      answer = work.Insert(kTeams, team, "created").name();
      return absl::OkStatus();
    });
    command->request_id = "0199AAAA-0000-7000-8000-000000000001";  // any case is one id
    return command;
  };
  const auto first = make();
  ASSERT_TRUE(writer().RunAndWait(*first).ok());
  const int ran = runs;
  const auto again = make();
  ASSERT_TRUE(writer().RunAndWait(*again).ok());
  EXPECT_EQ(again->answer, first->answer);
  EXPECT_EQ(runs, ran);

  const auto other = make();
  other->body = "something else";
  EXPECT_THAT(writer().RunAndWait(*other), RefusedFor(REQUEST_ID_REUSED));
  const auto somebody = make();
  somebody->actor = "towns/330481003/people/somebody";
  somebody->body = "something else";
  EXPECT_THAT(writer().RunAndWait(*somebody),
              RefusedFor(ALREADY_EXISTS));  // its own request; the team's name is taken
  EXPECT_EQ(Sql("SELECT count(*) FROM teams"), "1");
}

TEST_F(TownWriterTest, ReplaysInOneBatchActOnce) {
  Crowd crowd;
  Gate gate(writer());
  for (int i = 0; i < 5; ++i) {
    crowd
        .Add([](UnitOfWork& work) {
          work.Insert(kTeams, NewTeam(1), "created");
          return absl::OkStatus();
        })
        .request_id = Id(1);
  }
  crowd.Start(writer());
  gate.Open();
  for (const absl::Status& status : crowd.Wait()) EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Sql("SELECT count(*) FROM changes"), "1");
}

TEST_F(TownWriterTest, ARefusedRequestMayBeTriedAgain) {
  bool full = true;
  const auto run = [&] {
    TestCommand command([&](UnitOfWork&) { return full ? base::Refuse(FULL) : absl::OkStatus(); });
    command.request_id = Id(1);
    return writer().RunAndWait(command);
  };
  EXPECT_THAT(run(), RefusedFor(FULL));
  full = false;
  EXPECT_TRUE(run().ok());
}

TEST_F(TownWriterTest, SecretAnswersAreNotStoredButMayBeMadeAgain) {
  const auto make = [] {
    auto command = std::make_unique<TestCommand>(kTown, [](UnitOfWork& work, std::string& answer) {
      work.Insert(kTeams, NewTeam(1), "created");
      answer = "secret";
      return absl::OkStatus();
    });
    command->secret_answer = true;
    command->request_id = Id(1);
    return command;
  };
  const auto first = make();
  ASSERT_TRUE(writer().RunAndWait(*first).ok());
  EXPECT_EQ(Sql("SELECT octet_length(answer) || ',' || octet_length(hash) FROM requests"), "0,12");
  const auto without = make();
  EXPECT_THAT(writer().RunAndWait(*without), RefusedFor(REQUEST_ID_REUSED));
  const auto with = make();
  with->again = [](UnitOfWork& work, std::string& answer) {
    work.Change(*work.FindOrNull(kTeams, TeamName(1)), "replayed").set_size(9);  // dropped
    answer = "the same secret";
    return absl::OkStatus();
  };
  EXPECT_TRUE(writer().RunAndWait(*with).ok());
  EXPECT_EQ(with->answer, "the same secret");
  EXPECT_EQ(Sql("SELECT size FROM teams"), "0");
  EXPECT_EQ(Sql("SELECT count(*) FROM changes"), "1");
}

TEST_F(TownWriterTest, RequestIdsAreUuids) {
  TestCommand command([](UnitOfWork&) { return absl::OkStatus(); });
  command.request_id = "1";
  EXPECT_THAT(writer().RunAndWait(command), RefusedFor(INVALID_FIELD));
}

TEST_F(TownWriterTest, ARefusalInABatchUndoesOnlyItself) {
  AddRoster(1, 5);
  Crowd crowd;
  Gate gate(writer());
  for (int i = 0; i < 30; ++i) {
    crowd.Add([i](UnitOfWork& work) {
      RETURN_IF_ERROR(TakeSeat(work, RosterName(1), i));
      return i % 3 == 0 ? base::Refuse(FULL) : absl::OkStatus();
    });
  }
  crowd.Start(writer());
  gate.Open();
  const auto& statuses = crowd.Wait();
  for (int i = 0; i < 30; ++i) EXPECT_EQ(statuses[i].ok(), i % 3 != 0) << i;
  EXPECT_EQ(Sql("SELECT count(*) FROM sign_ups"), "20");
  EXPECT_EQ(Sql("SELECT confirmed || ',' || waiting || ',' || last_rank FROM rosters"), "5,15,20");
  EXPECT_EQ(reports().back().commands, 30u);
  EXPECT_EQ(reports().back().refused, 10u);
  ExpectReplayable();
}

TEST_F(TownWriterTest, ADatabaseErrorFailsItsCommandAlone) {
  AddRoster(1, 5);
  Crowd crowd;
  Gate gate(writer());
  for (int i = 0; i < 20; ++i) {
    crowd.Add([i](UnitOfWork& work) -> absl::Status {
      RETURN_IF_ERROR(TakeSeat(work, RosterName(1), i));
      if (i == 7)
        work.Change(*work.FindOrNull(kRosters, RosterName(1)), "counted")
            .set_confirmed(1000000);  // CHECK
      if (i == 11) throw std::logic_error("a mistake");
      return absl::OkStatus();
    });
  }
  crowd.Start(writer());
  gate.Open();
  const auto& statuses = crowd.Wait();
  for (int i = 0; i < 20; ++i) {
    if (i == 7 || i == 11) {
      EXPECT_THAT(statuses[i], RefusedFor(INTERNAL)) << i;
    } else {
      EXPECT_TRUE(statuses[i].ok()) << i << statuses[i];
    }
  }
  EXPECT_EQ(Sql("SELECT confirmed || ',' || waiting FROM rosters"), "5,13");
  ExpectReplayable();
}

TEST_F(TownWriterTest, ATownWhoseCommandsAllFailHasNoHead) {
  EXPECT_THAT(RunIn(kOtherTown, [](UnitOfWork&) { return base::Refuse(FULL); }), RefusedFor(FULL));
  EXPECT_EQ(Sql("SELECT count(*) FROM heads"), "0");
  // The same beside a town that writes, in one transaction.
  Crowd crowd;
  Gate gate(writer());
  crowd.Add(std::make_unique<TestCommand>(
      kOtherTown, [](UnitOfWork&, std::string&) { return base::Refuse(FULL); }));
  crowd.Add([](UnitOfWork& work) {
    work.Insert(kTeams, NewTeam(1), "created");
    return absl::OkStatus();
  });
  crowd.Start(writer());
  gate.Open();
  crowd.Wait();
  EXPECT_EQ(Sql("SELECT string_agg(tenant || '@' || seq, ',') FROM heads"), "330481003@1");
}

TEST_F(TownWriterTest, TellsWhoseLogGrew) {
  AddRoster(1, 5);
  AddRoster(2, 5);
  EXPECT_THAT(Run([](UnitOfWork&) { return base::Refuse(FULL); }), RefusedFor(FULL));
  absl::MutexLock lock(&mutex_);
  EXPECT_THAT(committed_, testing::ElementsAre("330481003@1", "330481003@2"));
}

TEST_F(TownWriterTest, DeclaredWantsAreAllThatIsReadAndMissesAreReadLate) {
  AddRoster(1, 1);
  int runs = 0;
  const auto run = [&](std::vector<Want> wants) {
    TestCommand command([&](UnitOfWork& work) {
      ++runs;
      EXPECT_NE(work.FindOrNull(kRosters, RosterName(1)), nullptr);
      EXPECT_THAT(work.List(kInState, kTown, 1, RosterName(1), WAITLISTED), IsEmpty());
      work.Insert(kTeams, NewTeam(runs), "created");
      return absl::OkStatus();
    });
    command.wants = std::move(wants);
    EXPECT_TRUE(writer().RunAndWait(command).ok());
  };
  run({Want::ForRow(kRosters, RosterName(1)),
       Want::ForList(kInState, kTown, 1, RosterName(1), WAITLISTED)});
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(reports().back().late_reads, 0u);
  run({Want::ForRow(kRosters, RosterName(1))});
  EXPECT_EQ(reports().back().late_reads, 1u);
}

TEST_F(TownWriterTest, AFullQueueRefusesAtOnceAndSaysWhenToComeBack) {
  options_.max_queue = 2;
  Gate gate(writer());
  Crowd crowd;
  for (int i = 0; i < 3; ++i) crowd.Add([](UnitOfWork&) { return absl::OkStatus(); });
  crowd.Start(writer());
  gate.Open();
  const auto& statuses = crowd.Wait();
  EXPECT_TRUE(statuses[0].ok() && statuses[1].ok());
  EXPECT_THAT(statuses[2], RefusedFor(OVERLOADED));
}

TEST_F(TownWriterTest, WhoDoesNotWaitAnyMoreIsNotRun) {
  Gate gate(writer());
  Crowd crowd;
  std::atomic<int> runs{0};
  const auto rule = [&](UnitOfWork&) {
    ++runs;
    return absl::OkStatus();
  };
  crowd.Add(rule).patience.deadline = absl::Now();
  crowd.Add(rule).patience.abandoned = [] { return true; };
  crowd.Start(writer());
  gate.Open();
  const auto& statuses = crowd.Wait();
  EXPECT_THAT(statuses[0], RefusedFor(DEADLINE_EXCEEDED));
  EXPECT_THAT(statuses[1], RefusedFor(CANCELLED));
  EXPECT_EQ(runs, 0);
}

TEST_F(TownWriterTest, StopRunsWhatWaits) {
  auto gate = std::make_unique<Gate>(writer());
  Crowd crowd;
  for (int i = 0; i < 10; ++i) {
    crowd.Add([i](UnitOfWork& work) {
      work.Insert(kTeams, NewTeam(i), "created");
      return absl::OkStatus();
    });
  }
  crowd.Start(writer());
  gate->Open();
  writer().Stop();
  for (const absl::Status& status : crowd.Wait()) EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Sql("SELECT count(*) FROM teams"), "10");
  EXPECT_THAT(Run([](UnitOfWork&) { return absl::OkStatus(); }), RefusedFor(UNAVAILABLE));
}

base::Task<void> CallAsAHandlerDoes(TownWriter& writer, absl::StatusOr<Team>& result,
                                    absl::Notification& done) {
  struct Caller {
    std::string name;
  };
  const Team request = NewTeam(1);
  const Caller caller{PersonName(1)};
  CommandOf command(
      +[](const Team& request, const Caller& caller, UnitOfWork& work) -> absl::StatusOr<Team> {
        Team team = request;
        team.set_leader(caller.name);
        return work.Insert(kTeams, team, "created");
      },
      request, caller);
  command.tenant = kTown;
  command.actor = caller.name;
  command.method = "test.CreateTeam";
  command.request_id = Id(1);
  result = co_await writer.Run(command);
  done.Notify();
}

TEST_F(TownWriterTest, HandlersAwaitTheirAnswers) {
  for (int i = 0; i < 2; ++i) {  // and its replay
    absl::StatusOr<Team> result = absl::UnknownError("not run");
    absl::Notification done;
    base::Detach(CallAsAHandlerDoes(writer(), result, done));
    done.WaitForNotification();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->leader(), PersonName(1));
    EXPECT_EQ(result->etag(), "1");
  }
  EXPECT_EQ(Sql("SELECT count(*) FROM changes"), "1");
}

TEST_F(TownWriterTest, RequestsAreForgottenInSteps) {
  for (int i = 0; i < 5; ++i) {
    TestCommand command([](UnitOfWork&) { return absl::OkStatus(); });
    command.request_id = Id(i);
    ASSERT_TRUE(writer().RunAndWait(command).ok());
    clock_.Advance(absl::Hours(24));
  }
  Session session(*database_);
  const absl::Time before = kStart + absl::Hours(70);
  EXPECT_EQ(SweepRequests(session, before, 2), 2);
  EXPECT_EQ(SweepRequests(session, before, 2), 1);
  EXPECT_EQ(Sql("SELECT count(*) FROM requests"), "2");
}

}  // namespace
}  // namespace pingan::db
