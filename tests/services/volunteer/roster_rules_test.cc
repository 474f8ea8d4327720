#include "services/volunteer/roster_rules.h"

#include <string>

#include "services/volunteer/seats.h"
#include "tests/services/volunteer/volunteer_fixture.h"

namespace pingan::volunteer {
namespace {

using test::IsOk;
using test::Refused;

class RosterRulesTest : public VolunteerFixture {};

TEST_F(RosterRulesTest, DraftsAndLateRecordsHaveNoRoster) {
  event::v1::Event draft = Talk(5);
  draft.set_state(event::v1::DRAFT);
  event::v1::Event late = Talk(5);
  late.set_state(event::v1::HELD);
  late.set_late_reason("补录");
  EXPECT_FALSE(Find(kRosters, Follow(draft)).has_value());
  EXPECT_FALSE(Find(kRosters, Follow(late)).has_value());
}

TEST_F(RosterRulesTest, MoreSeatsAreFilledInOrder) {
  const event::v1::Event event = Talk(1);
  const std::string roster = Follow(event);
  for (int i = 0; i < 4; ++i) ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  event::v1::Event larger = Next(event);
  larger.set_capacity(3);
  Follow(larger);
  EXPECT_EQ(Sql("SELECT string_agg(rank::text, ',' ORDER BY rank) FROM sign_ups WHERE state = 1"),
            "1,2,3");
  ExpectCountersToBeSums();
}

TEST_F(RosterRulesTest, FewerSeatsTakeNobodysAway) {
  const event::v1::Event event = Talk(3);
  const std::string roster = Follow(event);
  std::string first;
  const rpc::Caller leaving = Person();
  first = SignUpFor(roster, leaving)->name();
  for (int i = 0; i < 3; ++i) ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  event::v1::Event smaller = Next(event);
  smaller.set_capacity(1);
  Follow(smaller);
  EXPECT_EQ(Get(kRosters, roster).confirmed(), 3);
  ASSERT_THAT(CancelSignUp(first, leaving), IsOk());
  EXPECT_EQ(Get(kRosters, roster).confirmed(), 2)
      << "the freed seat is not given while there are too many";
  EXPECT_EQ(Get(kRosters, roster).waiting(), 1);
}

TEST_F(RosterRulesTest, AMovedEventTakesItsSignUpsAlong) {
  event::v1::Event event = Talk(1);
  const std::string roster = Follow(event);
  const rpc::Caller back = Person();
  const std::string cancelled = SignUpFor(roster, back)->name();
  ASSERT_THAT(CancelSignUp(cancelled, back), IsOk());
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  *event.mutable_start_time() = base::ToTimestamp(clock().Now() + absl::Hours(72));
  *event.mutable_end_time() = base::ToTimestamp(clock().Now() + absl::Hours(73));
  Follow(Next(event));
  EXPECT_EQ(Sql("SELECT count(DISTINCT start_time) || ' ' || count(*) FROM sign_ups"), "1 3");
  clock().Advance(absl::Hours(48));
  EXPECT_THAT(SignUpFor(roster, back), IsOk())
      << "whoever cancelled before the move may come back after it";
}

TEST_F(RosterRulesTest, ACancelledEventCancelsItsSignUps) {
  event::v1::Event event = Talk(1);
  const std::string roster = Follow(event);
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  event.set_state(event::v1::CANCELLED);
  Follow(Next(event));
  EXPECT_EQ(Get(kRosters, roster).state(), v1::EVENT_OFF);
  EXPECT_EQ(Sql("SELECT count(*) FROM sign_ups WHERE state = 3"), "2");
  EXPECT_THAT(SignUpFor(roster, Person()), Refused(errors::v1::EVENT_CANCELLED));
  EXPECT_THAT(Freeze(roster), Refused(errors::v1::WRONG_STATE));
  ExpectCountersToBeSums();
}

TEST_F(RosterRulesTest, AnOlderVersionThanIsKnownDoesNothing) {
  const event::v1::Event old = Talk(5);
  event::v1::Event now = Next(old);
  now.set_capacity(9);
  const std::string roster = Follow(now);
  Follow(old);
  EXPECT_EQ(Get(kRosters, roster).capacity(), 9);
}

TEST_F(RosterRulesTest, AFrozenRosterIsCountedOnceAndChangesNoMore) {
  const event::v1::Event event = Talk(3);
  const std::string roster = Follow(event);
  const rpc::Caller came = Person(), stayed_away = Person();
  const std::string name = SignUpFor(roster, came)->name();
  ASSERT_THAT(SignUpFor(roster, stayed_away), IsOk());
  clock().Advance(absl::Hours(24));
  ASSERT_THAT(CheckIn(name, worker_), IsOk());
  for (int i = 0; i < 2; ++i) {
    const auto frozen = Freeze(roster);
    ASSERT_THAT(frozen, IsOk());
    EXPECT_EQ(frozen->signed_up(), 2);
    EXPECT_EQ(frozen->attended(), 1);
  }
  EXPECT_THAT(SignUpFor(roster, Person()), Refused(errors::v1::ROSTER_FROZEN));
  EXPECT_THAT(CancelSignUp(name, came), Refused(errors::v1::ROSTER_FROZEN));
  event::v1::Event held = Next(event);
  held.set_state(event::v1::HELD);
  Follow(held);
  EXPECT_EQ(Get(kRosters, roster).state(), v1::FROZEN);
}

TEST_F(RosterRulesTest, AFrozenRosterStaysAsItIsWhenItsEventChangesOnceMore) {
  const event::v1::Event event = Talk(1);
  const std::string roster = Follow(event);
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  ASSERT_THAT(Freeze(roster), IsOk());
  event::v1::Event larger = Next(event);
  larger.set_capacity(2);
  Follow(larger);
  EXPECT_EQ(Get(kRosters, roster).state(), v1::FROZEN);
  EXPECT_EQ(Get(kRosters, roster).confirmed(), 1) << "what was counted stays";
}

TEST_F(RosterRulesTest, AnEventCancelledAfterItsRosterWasFrozenCancelsItsSignUps) {
  event::v1::Event event = Talk(1);
  const std::string roster = Follow(event);
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  ASSERT_THAT(Freeze(roster), IsOk());
  event.set_state(event::v1::CANCELLED);
  Follow(Next(event));
  EXPECT_EQ(Get(kRosters, roster).state(), v1::EVENT_OFF);
  EXPECT_EQ(Sql("SELECT count(*) FROM sign_ups WHERE state = 3"), "2");
  ExpectCountersToBeSums();
}

class AttendanceRulesTest : public VolunteerFixture {
 protected:
  absl::StatusOr<v1::RecordAttendanceResponse> Record(const std::string& roster,
                                                      std::vector<std::string> attended,
                                                      std::vector<std::string> absent,
                                                      const rpc::Caller& caller) {
    v1::RecordAttendanceRequest request;
    request.set_parent(roster);
    for (const std::string& person : attended) request.add_attended(person);
    for (const std::string& person : absent) request.add_absent(person);
    return Run(DecideRecordAttendance, request, caller);
  }
};

TEST_F(AttendanceRulesTest, CheckInIsOpenFromTwoHoursBeforeToTheEndOfTheDay) {
  const std::string roster = Follow(Talk(5, absl::Hours(5)));
  const std::string name = SignUpFor(roster, Person())->name();
  EXPECT_THAT(CheckIn(name, worker_), Refused(errors::v1::CHECK_IN_CLOSED));
  clock().Advance(absl::Hours(3));
  EXPECT_THAT(CheckIn(name, Person()), Refused(errors::v1::FORBIDDEN));
  const auto checked_in = CheckIn(name, worker_);
  ASSERT_THAT(checked_in, IsOk());
  EXPECT_EQ(checked_in->state(), v1::ATTENDED);
  EXPECT_TRUE(checked_in->has_check_in_time());
  EXPECT_THAT(CheckIn(name, worker_), IsOk()) << "a second scan answers alike";
  clock().Advance(absl::Hours(24));
  EXPECT_THAT(CheckIn(name, worker_), Refused(errors::v1::CHECK_IN_CLOSED));
}

TEST_F(AttendanceRulesTest, WhoeverWaitsIsNotCheckedIn) {
  const std::string roster = Follow(Talk(1, absl::Hours(1)));
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  const std::string waiting = SignUpFor(roster, Person())->name();
  EXPECT_THAT(CheckIn(waiting, worker_), Refused(errors::v1::WRONG_STATE));
}

TEST_F(AttendanceRulesTest, TheLeaderOfAnOrganisersTeamChecksIn) {
  const std::string roster = Follow(Talk(5, absl::Hours(1)));
  const std::string name = SignUpFor(roster, Person())->name();
  const rpc::Caller leader = Person();
  v1::Team team;
  team.set_name(absl::StrCat(kParent, "/teams/0190a000-0000-4000-8000-000000000001"));
  team.set_party(kBofei);
  team.set_leader(leader.person);
  team.set_state(v1::PENDING);
  Put(kTeams, team);
  EXPECT_THAT(CheckIn(name, leader), Refused(errors::v1::FORBIDDEN)) << "the team is not approved";
  v1::ApproveTeamRequest approve;
  approve.set_name(team.name());
  ASSERT_THAT(Run(DecideApproveTeam, approve, official_), IsOk());
  EXPECT_THAT(CheckIn(name, leader), IsOk());
}

TEST_F(AttendanceRulesTest, AttendanceIsRecordedForAllOrForNobody) {
  const std::string roster = Follow(Talk(5, absl::Hours(1)));
  const rpc::Caller one = Person(), two = Person(), never = Person();
  for (const rpc::Caller& caller : {one, two}) ASSERT_THAT(SignUpFor(roster, caller), IsOk());
  EXPECT_THAT(Record(roster, {one.person}, {}, worker_), Refused(errors::v1::CHECK_IN_CLOSED));
  clock().Advance(absl::Hours(1));
  EXPECT_THAT(Record(roster, {one.person, never.person}, {}, worker_),
              Refused(errors::v1::NOT_FOUND));
  EXPECT_EQ(Sql("SELECT count(*) FROM sign_ups WHERE state = 4"), "0");
  EXPECT_THAT(Record(roster, {one.person}, {one.person}, worker_), test::RefusesField("absent"));
  ASSERT_THAT(Record(roster, {one.person}, {two.person}, worker_), IsOk());
  // A mistake is mended until the roster is frozen.
  ASSERT_THAT(Record(roster, {two.person}, {}, worker_), IsOk());
  EXPECT_EQ(Freeze(roster)->attended(), 2);
  EXPECT_THAT(Record(roster, {}, {two.person}, worker_), Refused(errors::v1::ROSTER_FROZEN));
  ExpectCountersToBeSums();
}

class TeamRulesTest : public VolunteerFixture {
 protected:
  void SetUp() override {
    VolunteerFixture::SetUp();
    v1::CreateTeamRequest request;
    request.set_parent(kParent);
    request.mutable_team()->set_display_name("隆兴平安宣讲队");
    request.mutable_team()->set_kind(v1::TALK_TEAM);
    request.mutable_team()->set_party(kLongxing);
    leader_ = Person();
    team_ = Run(DecideCreateTeam, request, leader_)->name();
  }
  absl::Status Approve() {
    v1::ApproveTeamRequest request;
    request.set_name(team_);
    return Run(DecideApproveTeam, request, official_).status();
  }
  absl::StatusOr<v1::Member> Join(const rpc::Caller& caller) {
    v1::JoinTeamRequest request;
    request.set_name(team_);
    return Run(DecideJoinTeam, request, caller);
  }
  absl::StatusOr<v1::Member> Accept(const std::string& member, const rpc::Caller& caller) {
    v1::AcceptMemberRequest request;
    request.set_name(member);
    return Run(DecideAcceptMember, request, caller);
  }
  absl::StatusOr<v1::Member> Leave(const rpc::Caller& caller) {
    v1::LeaveTeamRequest request;
    request.set_name(team_);
    return Run(DecideLeaveTeam, request, caller);
  }

  rpc::Caller leader_;
  std::string team_;
};

TEST_F(TeamRulesTest, ATeamWorksOnceTheTownApprovedIt) {
  EXPECT_THAT(Join(Person()), Refused(errors::v1::WRONG_STATE));
  v1::ApproveTeamRequest request;
  request.set_name(team_);
  EXPECT_THAT(Run(DecideApproveTeam, request, leader_), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Approve(), IsOk());
  EXPECT_THAT(Approve(), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Join(Person()), IsOk());
}

TEST_F(TeamRulesTest, TheLeaderDecidesAndTheSizeFollows) {
  ASSERT_THAT(Approve(), IsOk());
  const rpc::Caller applicant = Person();
  const std::string member = Join(applicant)->name();
  EXPECT_THAT(Join(applicant), Refused(errors::v1::ALREADY_MEMBER));
  EXPECT_THAT(Accept(member, applicant), Refused(errors::v1::FORBIDDEN));
  ASSERT_THAT(Accept(member, leader_), IsOk());
  EXPECT_EQ(Get(kTeams, team_).size(), 2);
  EXPECT_THAT(Accept(member, leader_), Refused(errors::v1::WRONG_STATE));
  ASSERT_THAT(Leave(applicant), IsOk());
  EXPECT_EQ(Get(kTeams, team_).size(), 1);
  EXPECT_THAT(Join(applicant), IsOk());
  EXPECT_THAT(Leave(leader_), Refused(errors::v1::FORBIDDEN));
}

}  // namespace
}  // namespace pingan::volunteer
