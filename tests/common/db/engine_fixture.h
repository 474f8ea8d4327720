// A small schema over the messages of volunteer, with one table of each way of logging.
#ifndef PINGAN_TESTS_COMMON_DB_ENGINE_FIXTURE_H_
#define PINGAN_TESTS_COMMON_DB_ENGINE_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/db/command.h"
#include "common/db/database.h"
#include "common/db/replay.h"
#include "common/db/town_writer.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"
#include "pingan/volunteer/v1/volunteer.pb.h"
#include "tests/support/database.h"

namespace pingan::db {

using volunteer::v1::Member;
using volunteer::v1::Roster;
using volunteer::v1::SignUp;
using volunteer::v1::Team;

inline const TableOf<Roster> kRosters({.name = "rosters",
                                       .resource = "towns/{town}/rosters/{roster}",
                                       .logged = Logged::kLast,
                                       .unstored = {"event", "organisers", "sign_up_open_time",
                                                    "sign_up_close_time", "audience", "state",
                                                    "event_revision", "own_sign_up"}});
inline const TableOf<SignUp> kSignUps(
    {.name = "sign_ups",
     .resource = "towns/{town}/rosters/{roster}/signUps/{person}",
     .unstored = {"check_in_time", "position", "title", "masked_name", "signed_up_by_masked_name"},
     .references = {{"person", "towns/{town}/people/{person}"},
                    {"signed_up_by", "towns/{town}/people/{person}"}}});
inline const QueryOf<SignUp> kInState(kSignUps, {.equal = {"roster", "state"}, .order = {"rank"}});
inline const QueryOf<SignUp> kLastInState(kSignUps, {.equal = {"roster", "state"},
                                                     .order = {"rank"},
                                                     .descending = true});
inline const QueryOf<SignUp> kEndingAfter(kSignUps, {.equal = {"person"},
                                                     .order = {"start_time"},
                                                     .floor = "end_time"});
inline const QueryOf<SignUp> kOverlapping(kSignUps, {.equal = {"roster"},
                                                     .order = {"rank"},
                                                     .only = "has_overlap"});
inline const TableOf<Team> kTeams({.name = "teams",
                                   .resource = "towns/{town}/teams/{team}",
                                   .unstored = {"party", "state"},
                                   .references = {{"leader", "towns/{town}/people/{person}"}}});
inline const TableOf<Member> kMembers({.name = "members",
                                       .resource = "towns/{town}/teams/{team}/members/{person}",
                                       .logged = Logged::kEphemeral,
                                       .unstored = {"masked_name"},
                                       .kept = Kept{"create_time", absl::Hours(24 * 3650)}});

inline constexpr EmbeddedMigration kMigrations[] = {{1, "rows", R"sql(
  CREATE TABLE rosters (
    town text COLLATE "C" NOT NULL, roster uuid NOT NULL, title text NOT NULL, capacity int NOT NULL,
    confirmed int NOT NULL CHECK (confirmed < 1000000), waiting int NOT NULL, last_rank bigint NOT NULL,
    start_time timestamptz, end_time timestamptz, PRIMARY KEY (town, roster));
  CREATE TABLE sign_ups (
    town text COLLATE "C" NOT NULL, person uuid NOT NULL, roster uuid NOT NULL, state smallint NOT NULL,
    rank bigint NOT NULL, has_overlap boolean NOT NULL, signed_up_by uuid, start_time timestamptz, end_time timestamptz,
    create_time timestamptz NOT NULL, PRIMARY KEY (town, person, roster));
  CREATE INDEX sign_ups_in_line ON sign_ups (town, roster, state, rank, person) WHERE state IS NOT NULL;
  CREATE INDEX sign_ups_overlapping ON sign_ups (town, roster, rank, person) WHERE has_overlap;
  CREATE TABLE teams (
    town text COLLATE "C" NOT NULL, team uuid NOT NULL, display_name text NOT NULL, kind smallint NOT NULL,
    leader uuid, size int NOT NULL, create_time timestamptz NOT NULL, update_time timestamptz NOT NULL,
    etag bigint NOT NULL, PRIMARY KEY (town, team));
  CREATE UNIQUE INDEX teams_names ON teams (town, display_name);
  CREATE TABLE members (
    town text COLLATE "C" NOT NULL, team uuid NOT NULL, person uuid NOT NULL, state smallint NOT NULL,
    create_time timestamptz NOT NULL, update_time timestamptz NOT NULL, PRIMARY KEY (town, team, person));
)sql"}};

inline Tables AllTables() { return {&kRosters, &kSignUps, &kTeams, &kMembers}; }

inline constexpr char kTown[] = "330481003";
inline constexpr char kOtherTown[] = "330481004";

// A uuid that says its number.
inline std::string Id(int number) {
  return absl::StrFormat("00000000-0000-7000-8000-%012d", number);
}
inline std::string TeamName(int number, absl::string_view town = kTown) {
  return absl::StrCat("towns/", town, "/teams/", Id(number));
}
inline std::string RosterName(int number, absl::string_view town = kTown) {
  return absl::StrCat("towns/", town, "/rosters/", Id(number));
}
inline std::string PersonName(int number, absl::string_view town = kTown) {
  return absl::StrCat("towns/", town, "/people/", Id(number));
}
inline std::string SignUpName(int roster, int person, absl::string_view town = kTown) {
  return absl::StrCat(RosterName(roster, town), "/signUps/", Id(person));
}

inline Team NewTeam(int number, absl::string_view town = kTown) {
  Team team;
  team.set_name(TeamName(number, town));
  team.set_display_name(absl::StrCat("team ", number));
  return team;
}
inline Roster NewRoster(int number, int capacity, absl::string_view town = kTown) {
  Roster roster;
  roster.set_name(RosterName(number, town));
  roster.set_title("平安共建日");
  roster.set_capacity(capacity);
  return roster;
}

// Whatever a test wants to be decided, as a command.
class TestCommand final : public Command {
 public:
  using Rule = std::function<absl::Status(UnitOfWork&, std::string& answer)>;

  TestCommand(absl::string_view town, Rule rule) : rule_(std::move(rule)) {
    tenant = std::string(town);
    actor = "towns/330481003/people/actor";
    method = "test.Act";
  }
  explicit TestCommand(std::function<absl::Status(UnitOfWork&)> rule)
      : TestCommand(kTown, [rule = std::move(rule)](UnitOfWork& work, std::string&) {
          return rule(work);
        }) {}

  std::string body = "body";  // what tells this request from another
  std::string answer;
  Rule again;

  absl::Status Decide(UnitOfWork& work) override {
    answer.clear();
    return rule_(work, answer);
  }
  absl::Status DecideAgain(UnitOfWork& work) override {
    return again ? again(work, answer) : Command::DecideAgain(work);
  }
  std::string Hash() const override { return absl::StrCat("hash of ", body); }
  std::string SerializeAnswer() const override { return answer; }
  bool ParseAnswer(absl::string_view text) override {
    answer = std::string(text);
    return true;
  }

 private:
  const Rule rule_;
};

MATCHER_P(RefusedFor, reason, "") {
  const std::string got = arg.ok() ? "OK" : base::ReasonOf(absl::Status(arg));
  *result_listener << "which is " << got;
  return got == errors::v1::Reason_Name(reason);
}

inline const absl::Time kStart = absl::FromUnixMicros(1'795'395'600'123'456);  // 2026-11-23

// One database per suite, empty before each test.
class EngineTest : public testing::Test {
 public:
  static void SetUpTestSuite() {
    suite_database() = std::make_unique<test::TestDatabase>("engine", kMigrations);
  }
  static void TearDownTestSuite() { suite_database().reset(); }

 protected:
  EngineTest() : database_(files().Open(AllTables())), clock_(kStart) {
    Sql("TRUNCATE heads, requests, changes, rosters, sign_ups, teams, members");
  }

  static const test::TestDatabase& files() { return *suite_database(); }

  TownWriter& writer() {
    if (writer_ == nullptr) writer_ = std::make_unique<TownWriter>(*database_, clock_, options_);
    return *writer_;
  }

  // Runs a rule as a command of kTown.
  absl::Status Run(std::function<absl::Status(UnitOfWork&)> rule) {
    TestCommand command(std::move(rule));
    return writer().RunAndWait(command);
  }
  absl::Status RunIn(absl::string_view town, std::function<absl::Status(UnitOfWork&)> rule) {
    TestCommand command(
        town, [rule = std::move(rule)](UnitOfWork& work, std::string&) { return rule(work); });
    return writer().RunAndWait(command);
  }

  std::string Sql(absl::string_view sql) const { return files().Sql(sql); }

  // Every tenant's log is dense up to its head, and replaying it gives the same tables.
  void ExpectReplayable() {
    EXPECT_EQ(Sql("SELECT count(*) FROM heads h WHERE h.seq <> (SELECT count(*) FROM changes c "
                  "WHERE c.tenant = "
                  "h.tenant) OR h.seq <> coalesce((SELECT max(c.seq) FROM changes c WHERE c.tenant "
                  "= h.tenant), 0)"),
              "0");
    const test::TestDatabase copy("engine", kMigrations);
    const auto target = copy.Open(AllTables());
    const auto replayed = Replay(*database_, *target);
    ASSERT_TRUE(replayed.ok()) << replayed.status();
    EXPECT_EQ(absl::StrCat(*replayed), Sql("SELECT count(*) FROM changes"));
    const absl::Status same = CompareTables(*database_, *target);
    EXPECT_TRUE(same.ok()) << same;
  }

  std::unique_ptr<Database> database_;
  base::FakeClock clock_;
  TownWriterOptions options_;  // to be changed before writer() is first called

 private:
  static std::unique_ptr<test::TestDatabase>& suite_database() {
    static std::unique_ptr<test::TestDatabase> database;
    return database;
  }

  std::unique_ptr<TownWriter> writer_;
};

}  // namespace pingan::db

#endif  // PINGAN_TESTS_COMMON_DB_ENGINE_FIXTURE_H_
