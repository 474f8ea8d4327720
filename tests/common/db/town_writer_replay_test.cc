// The same request twice: what it is answered, and what it does.
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
#include "common/db/town_writer.h"
#include "tests/common/db/town_writer_fixture.h"

namespace pingan::db {
namespace {

using errors::v1::ALREADY_EXISTS;
using errors::v1::FULL;
using errors::v1::INVALID_FIELD;
using errors::v1::REQUEST_ID_REUSED;

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

}  // namespace
}  // namespace pingan::db
