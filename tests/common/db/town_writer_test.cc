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
#include "tests/common/db/town_writer_fixture.h"

namespace pingan::db {
namespace {

using errors::v1::CANCELLED;
using errors::v1::DEADLINE_EXCEEDED;
using errors::v1::FULL;
using errors::v1::INTERNAL;
using errors::v1::OVERLOADED;
using errors::v1::UNAVAILABLE;
using testing::IsEmpty;
using testing::SizeIs;
using volunteer::v1::WAITLISTED;

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

}  // namespace
}  // namespace pingan::db
