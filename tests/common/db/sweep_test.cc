#include "common/db/sweep.h"

#include <memory>
#include <string>

#include "common/db/session.h"
#include "tests/common/db/engine_fixture.h"

namespace pingan::db {
namespace {

constexpr absl::Duration kYear = absl::Hours(24 * 365);
constexpr int kMany = 100;

class SweepTest : public EngineTest {
 protected:
  bool SweepAt(absl::Time now, int limit) {
    Session session(*database_);
    return Sweep(session, database_->catalogue(), now, limit);
  }

  // A row that is kept ten years, in a tenant that logs nothing.
  void AddMember(absl::string_view tenant, int number) {
    ASSERT_TRUE(RunIn(tenant, [&](UnitOfWork& work) {
                  Member member;
                  member.set_name(absl::StrCat(TeamName(1, tenant), "/members/", Id(number)));
                  work.Insert(kMembers, member, "created");
                  return absl::OkStatus();
                }).ok());
  }
};

TEST_F(SweepTest, RequestsAreForgottenInSteps) {
  for (int i = 0; i < 5; ++i) {
    TestCommand command([](UnitOfWork&) { return absl::OkStatus(); });
    command.request_id = Id(i);
    ASSERT_TRUE(writer().RunAndWait(command).ok());
    clock_.Advance(absl::Hours(24));
  }
  const absl::Time now = kStart + absl::Hours(70) + kRequestsKept;
  EXPECT_TRUE(SweepAt(now, 2));
  EXPECT_EQ(Sql("SELECT count(*) FROM requests"), "3");
  EXPECT_FALSE(SweepAt(now, 2));
  EXPECT_EQ(Sql("SELECT count(*) FROM requests"), "2");
}

TEST_F(SweepTest, OldRowsGoAndWithThemTheHeadsOfWhoLoggedNothing) {
  AddMember("330481005", 1);
  AddMember("330481006", 1);
  clock_.Advance(kYear);
  AddMember("330481006", 2);
  EXPECT_FALSE(SweepAt(kStart + 10 * kYear - absl::Hours(1), kMany));
  EXPECT_EQ(Sql("SELECT count(*) FROM members"), "3");
  EXPECT_FALSE(SweepAt(kStart + 10 * kYear + absl::Hours(1), kMany));
  EXPECT_EQ(Sql("SELECT string_agg(member.town, ' ') FROM members member"), "330481006");
  EXPECT_EQ(Sql("SELECT count(*) FROM heads"), "0");
  AddMember("330481005", 1);  // whoever comes back makes a head again
  EXPECT_EQ(Sql("SELECT count(*) FROM heads"), "1");
}

TEST_F(SweepTest, HeadsThatALogStandsUnderStay) {
  AddMember(kTown, 1);
  ASSERT_TRUE(Run([](UnitOfWork& work) {
                work.Insert(kTeams, NewTeam(1), "created");
                return absl::OkStatus();
              }).ok());
  EXPECT_FALSE(SweepAt(kStart + 11 * kYear, kMany));
  EXPECT_EQ(Sql("SELECT count(*) FROM members"), "0");
  EXPECT_EQ(Sql("SELECT seq FROM heads"), "1");
}

TEST_F(SweepTest, WhatARuleHoldsIsLeftForTheNextTime) {
  AddMember(kTown, 1);
  Session other(*database_);
  other.Begin();
  other.Run("SELECT FROM heads FOR UPDATE");
  EXPECT_FALSE(SweepAt(kStart + 11 * kYear, kMany));
  EXPECT_EQ(Sql("SELECT count(*) FROM members"), "1");
  other.Rollback();
  EXPECT_FALSE(SweepAt(kStart + 11 * kYear, kMany));
  EXPECT_EQ(Sql("SELECT count(*) FROM members"), "0");
}

}  // namespace
}  // namespace pingan::db
