// The writer while connections break and the database goes away.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/db/batch.h"
#include "common/db/session.h"
#include "common/db/sql_errors.h"
#include "tests/common/db/engine_fixture.h"

namespace pingan::db {
namespace {

using errors::v1::UNAVAILABLE;

class TownWriterFaultsTest : public EngineTest {
 protected:
  ~TownWriterFaultsTest() override { files().SetAvailable(true); }

  static std::unique_ptr<TestCommand> CountUp(int team) {
    return std::make_unique<TestCommand>([team](UnitOfWork& work) -> absl::Status {
      ASSIGN_OR_RETURN(const Roster& roster, work.Find(kRosters, RosterName(1)));
      Roster& counted = work.Change(roster, "counted");
      counted.set_confirmed(counted.confirmed() + 1);
      work.Insert(kTeams, NewTeam(team), "created");
      return absl::OkStatus();
    });
  }
  void AddRoster() {
    ASSERT_TRUE(Run([](UnitOfWork& work) {
                  work.Insert(kRosters, NewRoster(1, 5), "created");
                  return absl::OkStatus();
                }).ok());
  }
};

// Counts, and lets a thread wait until there is more.
class Progress {
 public:
  void Add() {
    absl::MutexLock lock(&mutex_);
    ++count_;
  }
  int count() const {
    absl::MutexLock lock(&mutex_);
    return count_;
  }
  void WaitFor(int count) const {
    absl::MutexLock lock(&mutex_);
    const auto reached = [&] { return count_ >= count; };
    mutex_.Await(absl::Condition(&reached));
  }

 private:
  mutable absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST_F(TownWriterFaultsTest, KilledBackendsLoseAndDoubleNothing) {
  AddRoster();
  constexpr int kClients = 16;
  constexpr int kEach = 60;
  Progress acknowledged;
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; i < kEach; ++i) {
        // Every other command has a request id and is sent again when it fails; the rest must not
        // need one.
        const auto command = CountUp(client * 1000 + i);
        if (i % 2 == 0) command->request_id = Id(client * 1000 + i);
        absl::Status status = writer().RunAndWait(*command);
        while (!status.ok() && i % 2 == 0) status = writer().RunAndWait(*command);
        EXPECT_TRUE(status.ok()) << status;
        acknowledged.Add();
      }
    });
  }
  for (int kills = 1; kills <= 30; ++kills) {
    acknowledged.WaitFor(kills * kClients * kEach / 31);
    files().EndConnections();
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(acknowledged.count(), kClients * kEach);
  EXPECT_EQ(Sql("SELECT confirmed FROM rosters"), absl::StrCat(kClients * kEach));
  EXPECT_EQ(Sql("SELECT count(*) FROM teams"), absl::StrCat(kClients * kEach));
  ExpectReplayable();
}

TEST_F(TownWriterFaultsTest, ACommitWhoseAnswerWasLostIsSettledByTheLog) {
  Session session(*database_);
  const auto run = [&](int team) {
    TestCommand command([team](UnitOfWork& work) {
      work.Insert(kTeams, NewTeam(team), "created");
      return absl::OkStatus();
    });
    Batch batch(session, database_->catalogue(), kStart, {&command});
    batch.Run();
    return batch.mark();
  };
  const CommitMark first = run(1);
  const CommitMark second = run(2);
  EXPECT_TRUE(Batch::TookPlace(session, first));
  EXPECT_TRUE(Batch::TookPlace(session, second));
  EXPECT_FALSE(Batch::TookPlace(session, {.tenant = kTown, .seq = 3, .change_id = Id(1)}));
  EXPECT_FALSE(Batch::TookPlace(
      session, {.tenant = kTown, .seq = 2, .change_id = Id(1)}));  // somebody else's
  EXPECT_FALSE(Batch::TookPlace(session, {.tenant = kOtherTown, .seq = 1, .change_id = Id(1)}));
  EXPECT_EQ(Sql("SELECT count(*) FROM heads"), "1");
}

TEST_F(TownWriterFaultsTest, WhoStandsStillInATransactionDoesNotHoldUpOthers) {
  AddRoster();
  Session still({.conninfo = database_->options().conninfo,
                 .schema = database_->options().schema,
                 .idle_in_transaction_timeout = absl::Milliseconds(100)});
  still.Begin();
  still.Run("SELECT * FROM heads FOR UPDATE");
  const auto command = CountUp(1);
  EXPECT_TRUE(writer().RunAndWait(*command).ok());
  try {
    still.Run("SELECT 1");
    ADD_FAILURE() << "its transaction goes on";
  } catch (const std::exception& error) {
    still.Rollback();
    EXPECT_EQ(Classify(error, /*connected=*/true), SqlFailure::kLost) << error.what();
  }
}

TEST_F(TownWriterFaultsTest, AFullDiskIsAReasonToComeBackLater) {
  const SqlFailure failure = Classify(pqxx::disk_full("no space left on device"), true);
  EXPECT_EQ(failure, SqlFailure::kNoRoom);
  EXPECT_EQ(base::ReasonOf(ToStatus(failure)), "UNAVAILABLE");
  EXPECT_EQ(Classify(pqxx::too_many_connections("sorry"), true), SqlFailure::kLost);
}

TEST_F(TownWriterFaultsTest, WithoutADatabaseCallersAreToldBeforeTheirDeadline) {
  AddRoster();
  files().SetAvailable(false);
  const auto command = CountUp(1);
  const absl::Time deadline = absl::Now() + absl::Milliseconds(400);
  command->patience.deadline = deadline;
  EXPECT_THAT(writer().RunAndWait(*command), RefusedFor(UNAVAILABLE));
  EXPECT_LT(absl::Now(), deadline);
}

TEST_F(TownWriterFaultsTest, WhoWaitsLongEnoughSeesTheDatabaseComeBack) {
  AddRoster();
  files().SetAvailable(false);
  const auto impatient = CountUp(1);
  impatient->patience.deadline = absl::Now() + absl::Milliseconds(200);
  const auto patient = CountUp(2);
  absl::Status patient_status;
  std::thread waiting([&] { patient_status = writer().RunAndWait(*patient); });
  EXPECT_THAT(writer().RunAndWait(*impatient), RefusedFor(UNAVAILABLE));
  files().SetAvailable(true);
  waiting.join();
  EXPECT_TRUE(patient_status.ok()) << patient_status;
  EXPECT_EQ(Sql("SELECT string_agg(display_name, ',') FROM teams"), "team 2");
}

TEST_F(TownWriterFaultsTest, StopDoesNotWaitForADatabaseThatIsAway) {
  AddRoster();
  files().SetAvailable(false);
  const auto command = CountUp(1);
  absl::Status status;
  std::thread waiting([&] { status = writer().RunAndWait(*command); });
  writer().Stop();
  waiting.join();
  EXPECT_THAT(status, RefusedFor(UNAVAILABLE));
}

TEST_F(TownWriterFaultsTest, TwoWritersOfOneSchemaStaySerial) {
  AddRoster();
  TownWriter other(*database_, clock_, {.workers = 1});
  std::vector<std::thread> clients;
  for (int client = 0; client < 8; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; i < 25; ++i) {
        const auto command = CountUp(client * 100 + i);
        EXPECT_TRUE((client % 2 == 0 ? writer() : other).RunAndWait(*command).ok());
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(Sql("SELECT confirmed FROM rosters"), "200");
  ExpectReplayable();
}

}  // namespace
}  // namespace pingan::db
