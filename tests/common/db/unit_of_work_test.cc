#include "common/db/unit_of_work.h"

#include <string>

#include "common/base/timestamps.h"
#include "tests/common/db/engine_fixture.h"

namespace pingan::db {
namespace {

using errors::v1::ALREADY_EXISTS;
using errors::v1::INTERNAL;
using errors::v1::NOT_FOUND;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class UnitOfWorkTest : public EngineTest {
 protected:
  void Add(const Team& team) {
    ASSERT_TRUE(RunIn(TenantOf(team.name()), [&](UnitOfWork& work) {
                  work.Insert(kTeams, team, "created");
                  return absl::OkStatus();
                }).ok());
  }
};

TEST_F(UnitOfWorkTest, FindsWhatIsThereAndNamesWhatIsNot) {
  Add(NewTeam(1));
  const absl::Status found = Run([](UnitOfWork& work) -> absl::Status {
    ASSIGN_OR_RETURN(const Team& team, work.Find(kTeams, TeamName(1)));
    EXPECT_EQ(team.display_name(), "team 1");
    EXPECT_EQ(work.FindOrNull(kTeams, TeamName(2)), nullptr);
    return work.Find(kTeams, TeamName(2)).status();
  });
  EXPECT_THAT(found, RefusedFor(NOT_FOUND));
  EXPECT_THAT(std::string(found.ToString()), testing::HasSubstr(TeamName(2)));
}

TEST_F(UnitOfWorkTest, NamesThatNoRowCanHaveAreNotFound) {
  ASSERT_TRUE(Run([](UnitOfWork& work) {
                for (const char* name :
                     {"", "towns/330481003", "towns/330481003/teams/", "towns/330481003/teams/x",
                      "towns/330481003/teams/00000000-0000-7000-8000-00000000000A",
                      "towns/330481003/teams/00000000-0000-7000-8000-000000000001/x"}) {
                  EXPECT_EQ(work.FindOrNull(kTeams, name), nullptr) << name;
                }
                EXPECT_THAT(
                    work.List(kInState, work.tenant(), 5, "not a roster", volunteer::v1::CONFIRMED),
                    IsEmpty());
                return absl::OkStatus();
              }).ok());
}

TEST_F(UnitOfWorkTest, AChangedRowIsTheRowThatWasFound) {
  Add(NewTeam(1));
  ASSERT_TRUE(Run([](UnitOfWork& work) -> absl::Status {
                const Team* before = work.FindOrNull(kTeams, TeamName(1));
                Team& changed = work.Change(*before, "renamed");
                changed.set_size(7);
                EXPECT_EQ(before->size(), 7);
                EXPECT_EQ(&work.Change(*before, "renamed"), &changed);
                EXPECT_EQ(work.FindOrNull(kTeams, TeamName(1)), before);
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(Sql("SELECT size FROM teams"), "7");
}

TEST_F(UnitOfWorkTest, RefusedCommandsLeaveNothing) {
  Add(NewTeam(1));
  EXPECT_THAT(Run([](UnitOfWork& work) -> absl::Status {
                ASSIGN_OR_RETURN(const Team& team, work.Find(kTeams, TeamName(1)));
                work.Change(team, "renamed").set_size(7);
                work.Insert(kTeams, NewTeam(2), "created");
                work.Delete(team);
                return base::Refuse(errors::v1::FULL);
              }),
              RefusedFor(errors::v1::FULL));
  EXPECT_EQ(Sql("SELECT count(*) FROM teams"), "1");
  EXPECT_EQ(Sql("SELECT size FROM teams"), "0");
  ExpectReplayable();
}

TEST_F(UnitOfWorkTest, KeepsTimesAndRevision) {
  Add(NewTeam(1));
  clock_.Advance(absl::Seconds(5));
  ASSERT_TRUE(Run([&](UnitOfWork& work) -> absl::Status {
                ASSIGN_OR_RETURN(const Team& team, work.Find(kTeams, TeamName(1)));
                EXPECT_EQ(team.etag(), "1");
                Team& changed = work.Change(team, "renamed");
                EXPECT_EQ(changed.etag(), "2");
                EXPECT_EQ(base::FromTimestamp(changed.create_time()), kStart);
                EXPECT_EQ(base::FromTimestamp(changed.update_time()), kStart + absl::Seconds(5));
                changed.set_etag("99");  // not a rule's to decide
                work.Change(team, "renamed again");
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(Sql("SELECT etag FROM teams"), "2");
  EXPECT_EQ(Sql("SELECT update_time - create_time FROM teams"), "00:00:05");
}

TEST_F(UnitOfWorkTest, InsertedRowsAreRefusedWhenTheyAreThere) {
  Add(NewTeam(1));
  const auto insert = [](UnitOfWork& work) {
    work.Insert(kTeams, NewTeam(1), "created");
    return absl::OkStatus();
  };
  EXPECT_THAT(Run(insert), RefusedFor(ALREADY_EXISTS));  // the database says so
  EXPECT_THAT(Run([&](UnitOfWork& work) {
                (void)work.FindOrNull(kTeams, TeamName(1));
                return insert(work);  // now it is known
              }),
              RefusedFor(ALREADY_EXISTS));
}

TEST_F(UnitOfWorkTest, InsertedRowsKnowTheirKeyFields) {
  ASSERT_TRUE(Run([](UnitOfWork& work) {
                SignUp sign_up;
                sign_up.set_name(SignUpName(1, 2));
                sign_up.set_signed_up_by(PersonName(3));
                EXPECT_EQ(work.Insert(kSignUps, sign_up, "created").person(), PersonName(2));
                return absl::OkStatus();
              }).ok());
  ASSERT_TRUE(Run([](UnitOfWork& work) -> absl::Status {
                ASSIGN_OR_RETURN(const SignUp& sign_up, work.Find(kSignUps, SignUpName(1, 2)));
                EXPECT_EQ(sign_up.person(), PersonName(2));
                EXPECT_EQ(sign_up.signed_up_by(), PersonName(3));
                return absl::OkStatus();
              }).ok());
}

TEST_F(UnitOfWorkTest, RowsMayBeDeletedAndComeBackInOneTransaction) {
  Add(NewTeam(1));
  Team other = NewTeam(1);
  other.set_display_name("another");
  ASSERT_TRUE(Run([&](UnitOfWork& work) -> absl::Status {
                ASSIGN_OR_RETURN(const Team& team, work.Find(kTeams, TeamName(1)));
                work.Delete(team);
                EXPECT_EQ(work.FindOrNull(kTeams, TeamName(1)), nullptr);
                work.Insert(kTeams, other, "created");
                EXPECT_EQ(work.FindOrNull(kTeams, TeamName(1))->display_name(), "another");
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(Sql("SELECT display_name FROM teams"), "another");
  ASSERT_TRUE(Run([&](UnitOfWork& work) -> absl::Status {
                ASSIGN_OR_RETURN(const Team& team, work.Find(kTeams, TeamName(1)));
                work.Delete(team);
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(Sql("SELECT count(*) FROM teams"), "0");
  EXPECT_EQ(Sql("SELECT type FROM changes ORDER BY seq DESC LIMIT 1"),
            "pingan.volunteer.v1.Team.deleted");
  ExpectReplayable();
}

TEST_F(UnitOfWorkTest, OtherTenantsAreReadButNotWritten) {
  Add(NewTeam(1, kOtherTown));
  EXPECT_THAT(Run([](UnitOfWork& work) -> absl::Status {
                ASSIGN_OR_RETURN(const Team& team, work.Find(kTeams, TeamName(1, kOtherTown)));
                EXPECT_EQ(team.display_name(), "team 1");
                work.Change(team, "renamed").set_size(1);
                return absl::OkStatus();
              }),
              RefusedFor(INTERNAL));
  EXPECT_THAT(Run([](UnitOfWork& work) {
                work.Insert(kTeams, NewTeam(2, kOtherTown), "created");
                return absl::OkStatus();
              }),
              RefusedFor(INTERNAL));
  EXPECT_EQ(Sql("SELECT sum(size) || ',' || count(*) FROM teams"), "0,1");
}

TEST_F(UnitOfWorkTest, ReferencesThatCannotBeStoredFailTheirCommandAlone) {
  EXPECT_THAT(Run([](UnitOfWork& work) {
                Team team = NewTeam(1);
                team.set_leader(PersonName(1, kOtherTown));  // a uuid column cannot tell the town
                work.Insert(kTeams, team, "created");
                return absl::OkStatus();
              }),
              RefusedFor(INTERNAL));
}

TEST_F(UnitOfWorkTest, ChangeRowsTellWhatHappened) {
  TestCommand command([](UnitOfWork& work) {
    Team team = NewTeam(1);
    team.set_size(3);
    Team& live = work.Insert(kTeams, team, "created");
    work.Change(live, "counted").set_size(4);  // still its creation
    return absl::OkStatus();
  });
  command.principal = PersonName(9);
  ASSERT_TRUE(writer().RunAndWait(command).ok());
  EXPECT_EQ(
      Sql("SELECT concat_ws('|', tenant, seq, time AT TIME ZONE 'UTC', actor, principal, method, "
          "name, type, "
          "mechanism) FROM changes"),
      absl::StrCat("330481003|1|2026-11-23 01:00:00.123456|", command.actor, "|", PersonName(9),
                   "|test.Act|", TeamName(1), "|pingan.volunteer.v1.Team.created"));
  EXPECT_EQ(Sql("SELECT seq FROM heads"), "1");
  ExpectReplayable();
}

TEST_F(UnitOfWorkTest, FieldsThatAreNotStoredAreNotLogged) {
  ASSERT_TRUE(Run([](UnitOfWork& work) {
                SignUp sign_up;
                sign_up.set_name(SignUpName(1, 2));
                sign_up.set_masked_name("张*");
                work.Insert(kSignUps, sign_up, "created");
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(Sql("SELECT position(convert_to('张', 'UTF8') IN body) FROM changes"), "0");
}

TEST_F(UnitOfWorkTest, CountersLogTheirLastVersionOncePerTransaction) {
  ASSERT_TRUE(Run([](UnitOfWork& work) {
                Roster& roster = work.Insert(kRosters, NewRoster(1, 5), "created");
                for (int i = 0; i < 3; ++i) work.Change(roster, "counted").set_confirmed(i + 1);
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(Sql("SELECT count(*) FROM changes"), "1");
  EXPECT_EQ(Sql("SELECT confirmed FROM rosters"), "3");
  ExpectReplayable();
}

TEST_F(UnitOfWorkTest, EphemeralRowsStayOutsideTheLog) {
  ASSERT_TRUE(Run([](UnitOfWork& work) {
                Member member;
                member.set_name(absl::StrCat(TeamName(1), "/members/", Id(1)));
                work.Insert(kMembers, member, "created");
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(Sql("SELECT count(*) FROM members"), "1");
  EXPECT_EQ(Sql("SELECT count(*) FROM changes"), "0");
  ExpectReplayable();
}

TEST_F(UnitOfWorkTest, ListsShowTheCommandsOwnChangesInOrder) {
  const auto sign_up = [](UnitOfWork& work, int person, int rank,
                          volunteer::v1::SignUpState state) {
    SignUp row;
    row.set_name(SignUpName(1, person));
    row.set_rank(rank);
    row.set_state(state);
    work.Insert(kSignUps, row, "created");
  };
  ASSERT_TRUE(Run([&](UnitOfWork& work) {
                for (int i = 1; i <= 5; ++i) sign_up(work, i, i * 10, volunteer::v1::WAITLISTED);
                return absl::OkStatus();
              }).ok());
  ASSERT_TRUE(Run([&](UnitOfWork& work) {
                const auto ranks = [&](const QueryOf<SignUp>& query, int64_t limit) {
                  std::vector<int64_t> ranks;
                  for (const SignUp* row : work.List(query, RosterName(1), limit, RosterName(1),
                                                     volunteer::v1::WAITLISTED)) {
                    ranks.push_back(row->rank());
                  }
                  return ranks;
                };
                EXPECT_THAT(ranks(kInState, 2), ElementsAre(10, 20));
                const SignUp& first = *work.FindOrNull(kSignUps, SignUpName(1, 1));
                work.Change(first, "promoted").set_state(volunteer::v1::CONFIRMED);
                EXPECT_THAT(ranks(kInState, 2), ElementsAre(20, 30));
                work.Delete(*work.FindOrNull(kSignUps, SignUpName(1, 2)));
                sign_up(work, 6, 35, volunteer::v1::WAITLISTED);
                EXPECT_THAT(ranks(kInState, 3), ElementsAre(30, 35, 40));
                EXPECT_THAT(ranks(kInState, kAll), ElementsAre(30, 35, 40, 50));
                EXPECT_THAT(ranks(kLastInState, 2), ElementsAre(50, 40));
                EXPECT_THAT(ranks(kInState, 0), IsEmpty());
                return absl::OkStatus();
              }).ok());
}

TEST_F(UnitOfWorkTest, NewIdsAreUuidsOfTheTransactionsTime) {
  std::string id;
  ASSERT_TRUE(Run([&](UnitOfWork& work) {
                id = work.NewId();
                EXPECT_NE(id, work.NewId());
                EXPECT_EQ(work.now(), kStart);
                return absl::OkStatus();
              }).ok());
  EXPECT_THAT(id, SizeIs(36));
}

}  // namespace
}  // namespace pingan::db
