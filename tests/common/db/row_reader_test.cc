#include "common/db/row_reader.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/common/db/engine_fixture.h"

namespace pingan::db {
namespace {

using errors::v1::CANCELLED;
using errors::v1::DEADLINE_EXCEEDED;
using errors::v1::NOT_FOUND;
using errors::v1::OVERLOADED;
using errors::v1::UNAVAILABLE;
using testing::ElementsAre;
using testing::IsEmpty;
using volunteer::v1::WAITLISTED;

template <class T>
base::Task<void> Keep(base::Task<T> task, std::optional<T>& result, absl::Notification& done) {
  result.emplace(co_await std::move(task));
  done.Notify();
}

// Runs a task to its end.
template <class T>
T Wait(base::Task<T> task) {
  std::optional<T> result;
  absl::Notification done;
  base::Detach(Keep(std::move(task), result, done));
  done.WaitForNotification();
  return *std::move(result);
}

class RowReaderTest : public EngineTest {
 protected:
  ~RowReaderTest() override { files().SetAvailable(true); }

  RowReader& reader() {
    if (reader_ == nullptr) reader_ = std::make_unique<RowReader>(*database_, reader_options_);
    return *reader_;
  }
  void AddTeams(int from, int to) {
    ASSERT_TRUE(Run([&](UnitOfWork& work) {
                  for (int i = from; i < to; ++i) work.Insert(kTeams, NewTeam(i), "created");
                  return absl::OkStatus();
                }).ok());
  }
  void AddSignUp(int roster, int person, int rank, int start, int end) {
    ASSERT_TRUE(Run([&](UnitOfWork& work) {
                  SignUp row;
                  row.set_name(SignUpName(roster, person));
                  row.set_state(WAITLISTED);
                  row.set_rank(rank);
                  row.mutable_start_time()->set_seconds(start);
                  row.mutable_end_time()->set_seconds(end);
                  work.Insert(kSignUps, row, "created");
                  return absl::OkStatus();
                }).ok());
  }

  RowReaderOptions reader_options_;

 private:
  std::unique_ptr<RowReader> reader_;
};

TEST_F(RowReaderTest, FindsRowsByName) {
  AddTeams(1, 3);
  const auto team = Wait(reader().Find(kTeams, TeamName(1)));
  ASSERT_TRUE(team.ok()) << team.status();
  EXPECT_EQ(team->display_name(), "team 1");
  EXPECT_THAT(Wait(reader().Find(kTeams, TeamName(9))).status(), RefusedFor(NOT_FOUND));
  EXPECT_THAT(Wait(reader().Find(kTeams, TeamName(1, kOtherTown))).status(), RefusedFor(NOT_FOUND));
  EXPECT_THAT(Wait(reader().Find(kTeams, "nonsense")).status(), RefusedFor(NOT_FOUND));
  const auto absent = Wait(reader().FindOrNull(kTeams, TeamName(9)));
  ASSERT_TRUE(absent.ok());
  EXPECT_FALSE(absent->has_value());
}

TEST_F(RowReaderTest, FindsManyInTheirOrder) {
  AddTeams(1, 4);
  const auto teams =
      Wait(reader().FindMany(kTeams, {TeamName(3), TeamName(9), TeamName(1), TeamName(3)}));
  ASSERT_TRUE(teams.ok());
  ASSERT_EQ(teams->size(), 4u);
  EXPECT_EQ((*teams)[0]->display_name(), "team 3");
  EXPECT_FALSE((*teams)[1].has_value());
  EXPECT_EQ((*teams)[2]->display_name(), "team 1");
  EXPECT_EQ((*teams)[3]->display_name(), "team 3");
}

TEST_F(RowReaderTest, ListsAreSortedCutAndFloored) {
  for (int i = 0; i < 6; ++i) AddSignUp(1, i, 60 - i * 10, i, 100 + i);
  AddSignUp(2, 3, 5, 1, 50);
  const auto names = [](const absl::StatusOr<std::vector<SignUp>>& rows) {
    std::vector<std::string> names;
    for (const SignUp& row : *rows) names.push_back(row.name());
    return names;
  };
  EXPECT_THAT(names(Wait(reader().List(kInState, kTown, 2, {RosterName(1), WAITLISTED}))),
              ElementsAre(SignUpName(1, 5), SignUpName(1, 4)));
  EXPECT_THAT(names(Wait(reader().List(kLastInState, kTown, 2, {RosterName(1), WAITLISTED}))),
              ElementsAre(SignUpName(1, 0), SignUpName(1, 1)));
  EXPECT_THAT(names(Wait(reader().List(kEndingAfter, kTown, kAll,
                                       {PersonName(3), absl::FromUnixSeconds(0)}))),
              ElementsAre(SignUpName(2, 3), SignUpName(1, 3)));
  EXPECT_THAT(names(Wait(reader().List(kEndingAfter, kTown, kAll,
                                       {PersonName(3), absl::FromUnixSeconds(50)}))),
              ElementsAre(SignUpName(1, 3)));
  EXPECT_THAT(names(Wait(reader().List(kInState, kOtherTown, 2, {RosterName(1), WAITLISTED}))),
              IsEmpty());
}

TEST_F(RowReaderTest, ManyCallersShareStatements) {
  AddTeams(0, 50);
  RowReader& shared = reader();
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 16; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 50; ++i) {
        const int number = (caller + i) % 60;
        const auto team = Wait(shared.Find(kTeams, TeamName(number)));
        if (number < 50 ? !team.ok() || team->display_name() != absl::StrCat("team ", number)
                        : team.ok())
          ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(RowReaderTest, ListsOfTheirOwnSql) {
  AddTeams(1, 5);
  struct Page {
    std::vector<Team> teams;
    int64_t all = 0;
  };
  const auto page = Wait(reader().Read<Page>([](ReadSession& session) -> absl::StatusOr<Page> {
    Page page;
    ASSIGN_OR_RETURN(
        page.teams,
        session.Rows(kTeams,
                     "SELECT {t.columns} FROM teams t WHERE t.town = $1 AND t.team > $2::uuid "
                     "AND t.team = ANY($3::uuid[]) ORDER BY t.team LIMIT $4::int",
                     {kTown, Id(1), std::vector<std::string>{Id(1), Id(2), Id(4)}, 10}));
    RETURN_IF_ERROR(session.Records(
        "SELECT count(*), min(create_time), max($2::text), array_agg(display_name ORDER BY team) "
        "FROM teams "
        "WHERE town = $1",
        {kTown, std::nullopt}, [&](const Record& record) {
          page.all = record.Integer(0);
          EXPECT_EQ(record.Time(1), kStart);
          EXPECT_TRUE(record.IsNull(2));
          EXPECT_THAT(record.Texts(3), ElementsAre("team 1", "team 2", "team 3", "team 4"));
        }));
    return page;
  }));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->all, 4);
  ASSERT_EQ(page->teams.size(), 2u);
  EXPECT_EQ(page->teams[1].name(), TeamName(4));
}

TEST_F(RowReaderTest, ReadsCannotWrite) {
  const auto written = reader().ReadAndWait<int>([](ReadSession& session) -> absl::StatusOr<int> {
    RETURN_IF_ERROR(session.Records("INSERT INTO heads VALUES ('x', 1)", {}, [](const Record&) {}));
    return 0;
  });
  EXPECT_FALSE(written.ok());
  EXPECT_EQ(Sql("SELECT count(*) FROM heads"), "0");
}

TEST_F(RowReaderTest, SlowListsEndWithTheirDeadline) {
  const absl::Time deadline = absl::Now() + absl::Milliseconds(200);
  const auto slow = Wait(reader().Read<int>(
      [](ReadSession& session) -> absl::StatusOr<int> {
        RETURN_IF_ERROR(session.Records("SELECT pg_sleep(60)", {}, [](const Record&) {}));
        return 0;
      },
      {.deadline = deadline}));
  EXPECT_THAT(slow.status(), RefusedFor(DEADLINE_EXCEEDED));
  EXPECT_LT(absl::Now(), deadline + absl::Seconds(20));
}

TEST_F(RowReaderTest, SlowListsDoNotHoldUpLookupsAndTheirQueueIsBounded) {
  AddTeams(1, 2);
  reader_options_.list_workers = 1;
  reader_options_.max_lists = 1;
  absl::Notification entered;
  absl::Notification release;
  absl::Notification ended;
  reader().StartRead(
      [&](ReadSession&) {
        entered.Notify();
        release.WaitForNotification();
        return absl::OkStatus();
      },
      {}, [&](absl::Status) { ended.Notify(); });
  entered.WaitForNotification();
  EXPECT_TRUE(Wait(reader().Find(kTeams, TeamName(1))).ok());
  absl::Notification queued_ended;
  reader().StartRead([](ReadSession&) { return absl::OkStatus(); }, {},
                     [&](absl::Status) { queued_ended.Notify(); });
  const auto refused =
      Wait(reader().Read<int>([](ReadSession&) -> absl::StatusOr<int> { return 0; }));
  EXPECT_THAT(refused.status(), RefusedFor(OVERLOADED));
  release.Notify();
  ended.WaitForNotification();
  queued_ended.WaitForNotification();
}

TEST_F(RowReaderTest, WhoDoesNotWaitAnyMoreIsNotRead) {
  EXPECT_THAT(Wait(reader().Find(kTeams, TeamName(1), {.deadline = absl::Now()})).status(),
              RefusedFor(DEADLINE_EXCEEDED));
  EXPECT_THAT(Wait(reader().Find(kTeams, TeamName(1), {.abandoned = [] { return true; }})).status(),
              RefusedFor(CANCELLED));
}

TEST_F(RowReaderTest, BrokenConnectionsAreMadeAgain) {
  AddTeams(1, 2);
  const auto count = [&] {
    return reader().ReadAndWait<int64_t>([](ReadSession& session) -> absl::StatusOr<int64_t> {
      int64_t teams = 0;
      RETURN_IF_ERROR(session.Records("SELECT count(*) FROM teams", {},
                                      [&](const Record& record) { teams = record.Integer(0); }));
      return teams;
    });
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Wait(reader().Find(kTeams, TeamName(1))).ok());
    const auto teams = count();
    ASSERT_TRUE(teams.ok()) << teams.status();
    EXPECT_EQ(*teams, 1);
    files().EndConnections();
  }
}

TEST_F(RowReaderTest, WithoutADatabaseCallersAreToldBeforeTheirDeadline) {
  AddTeams(1, 2);
  EXPECT_TRUE(Wait(reader().Find(kTeams, TeamName(1))).ok());
  files().SetAvailable(false);
  const absl::Time deadline = absl::Now() + absl::Milliseconds(400);
  EXPECT_THAT(Wait(reader().Find(kTeams, TeamName(1), {.deadline = deadline})).status(),
              RefusedFor(UNAVAILABLE));
  EXPECT_LT(absl::Now(), deadline);
  files().SetAvailable(true);
  EXPECT_TRUE(Wait(reader().Find(kTeams, TeamName(1))).ok());
}

}  // namespace
}  // namespace pingan::db
