#include "services/volunteer/sign_up_rules.h"

#include <string>
#include <thread>
#include <vector>

#include "services/volunteer/volunteer_lists.h"
#include "tests/services/volunteer/volunteer_fixture.h"

namespace pingan::volunteer {
namespace {

using test::IsOk;
using test::Refused;

class SignUpRulesTest : public VolunteerFixture {};

TEST_F(SignUpRulesTest, SeatsAreGivenInOrderAndThenTheLineBegins) {
  const std::string roster = Follow(Talk(2));
  EXPECT_EQ(SignUpFor(roster, Person())->state(), v1::CONFIRMED);
  EXPECT_EQ(SignUpFor(roster, Person())->state(), v1::CONFIRMED);
  const auto third = SignUpFor(roster, Person());
  EXPECT_EQ(third->state(), v1::WAITLISTED);
  EXPECT_EQ(third->position(), 1);
  EXPECT_EQ(SignUpFor(roster, Person())->position(), 2);
  ExpectCountersToBeSums();
}

TEST_F(SignUpRulesTest, ASecondTapAnswersWithTheFirstSignUp) {
  const std::string roster = Follow(Talk(2));
  const rpc::Caller resident = Person();
  const auto first = SignUpFor(roster, resident);
  const auto second = SignUpFor(roster, resident);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->name(), second->name());
  EXPECT_EQ(Get(kRosters, roster).confirmed(), 1);
}

TEST_F(SignUpRulesTest, ARetryWithTheSameRequestIdGetsTheFirstAnswerEvenAfterACancellation) {
  const std::string roster = Follow(Talk(1));
  const rpc::Caller resident = Person();
  const std::string id = "0190a000-0000-4000-8000-000000000001";
  const auto first = SignUpFor(roster, resident, "", id);
  ASSERT_THAT(CancelSignUp(first->name(), resident), IsOk());
  EXPECT_EQ(SignUpFor(roster, resident, "", id)->state(), v1::CONFIRMED);
  EXPECT_EQ(Get(kSignUps, first->name()).state(), v1::SIGN_UP_CANCELLED);
}

TEST_F(SignUpRulesTest, TheFirstWhoWaitsTakesAFreedSeat) {
  const std::string roster = Follow(Talk(1));
  const rpc::Caller seated = Person(), first = Person(), second = Person();
  const std::string seat = SignUpFor(roster, seated)->name();
  const std::string next = SignUpFor(roster, first)->name();
  const std::string last = SignUpFor(roster, second)->name();
  ASSERT_THAT(CancelSignUp(seat, seated), IsOk());
  EXPECT_EQ(Get(kSignUps, next).state(), v1::CONFIRMED);
  EXPECT_EQ(Get(kSignUps, last).state(), v1::WAITLISTED);
  ExpectCountersToBeSums();
}

TEST_F(SignUpRulesTest, WhoStepsBackFromTheLineFreesNoSeat) {
  const std::string roster = Follow(Talk(1));
  const rpc::Caller waiting = Person();
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  const std::string place = SignUpFor(roster, waiting)->name();
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  ASSERT_THAT(CancelSignUp(place, waiting), IsOk());
  EXPECT_EQ(Get(kRosters, roster).confirmed(), 1);
  EXPECT_EQ(Get(kRosters, roster).waiting(), 1);
  EXPECT_THAT(CancelSignUp(place, waiting), Refused(errors::v1::WRONG_STATE));
}

TEST_F(SignUpRulesTest, WhoComesBackAfterCancellingStandsAtTheEnd) {
  const std::string roster = Follow(Talk(1));
  const rpc::Caller fickle = Person();
  const std::string name = SignUpFor(roster, fickle)->name();
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  ASSERT_THAT(CancelSignUp(name, fickle), IsOk());
  const auto again = SignUpFor(roster, fickle);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->state(), v1::WAITLISTED);
  EXPECT_EQ(again->rank(), 3);
  ExpectCountersToBeSums();
}

TEST_F(SignUpRulesTest, TwoEventsAtOneTimeOverlap) {
  const rpc::Caller resident = Person();
  const std::string first = Follow(Talk(5));
  const std::string same_hour = Follow(Talk(5, absl::Hours(24) + absl::Minutes(59)));
  const std::string right_after = Follow(Talk(5, absl::Hours(25)));
  const std::string sign_up = SignUpFor(first, resident)->name();
  const auto refusal = SignUpFor(same_hour, resident);
  EXPECT_THAT(refusal, Refused(errors::v1::OVERLAPS));
  EXPECT_EQ(test::MetadataOf(refusal.status(), "roster"), first);
  EXPECT_THAT(SignUpFor(right_after, resident), IsOk());
  ASSERT_THAT(CancelSignUp(sign_up, resident), IsOk());
  EXPECT_THAT(SignUpFor(same_hour, resident), Refused(errors::v1::OVERLAPS))
      << "with the one right after";
}

TEST_F(SignUpRulesTest, TheWindowOpensAndCloses) {
  event::v1::Event event = Talk(5);
  *event.mutable_sign_up_open_time() = base::ToTimestamp(clock().Now() + absl::Hours(1));
  *event.mutable_sign_up_close_time() = base::ToTimestamp(clock().Now() + absl::Hours(2));
  const std::string roster = Follow(event);
  EXPECT_THAT(SignUpFor(roster, Person()), Refused(errors::v1::NOT_OPEN_YET));
  clock().Advance(absl::Hours(1));
  EXPECT_THAT(SignUpFor(roster, Person()), IsOk());
  clock().Advance(absl::Hours(1));
  EXPECT_THAT(SignUpFor(roster, Person()), Refused(errors::v1::CLOSED));
}

TEST_F(SignUpRulesTest, WithoutAWindowSignUpClosesWhenTheEventBegins) {
  const std::string roster = Follow(Talk(5, absl::Hours(1)));
  const rpc::Caller resident = Person();
  const std::string name = SignUpFor(roster, resident)->name();
  clock().Advance(absl::Hours(1));
  EXPECT_THAT(SignUpFor(roster, Person()), Refused(errors::v1::CLOSED));
  EXPECT_THAT(CancelSignUp(name, resident), Refused(errors::v1::CLOSED));
}

TEST_F(SignUpRulesTest, AnEventWithoutSeatsTakesNobody) {
  EXPECT_THAT(SignUpFor(Follow(Talk(0)), Person()), Refused(errors::v1::CLOSED));
}

TEST_F(SignUpRulesTest, SomeEventsAreForTheirOrganisersPeople) {
  event::v1::Event event = Talk(5);
  event.set_audience(event::v1::ORGANISERS);
  const std::string roster = Follow(event);
  const rpc::Caller neighbour = Person(), employee = Person(), stranger = Person();
  Settle(neighbour, absl::StrCat(kLongxing, "-01"));
  Settle(employee, "", kBofei);
  Settle(stranger, "towns/330481003/units/330481003001");
  EXPECT_THAT(SignUpFor(roster, neighbour), IsOk());
  EXPECT_THAT(SignUpFor(roster, employee), IsOk());
  EXPECT_THAT(SignUpFor(roster, stranger), Refused(errors::v1::NOT_ELIGIBLE));
}

TEST_F(SignUpRulesTest, AVillagesWorkerSignsUpANeighbourAndBothNamesStandOnIt) {
  const std::string roster = Follow(Talk(5));
  const rpc::Caller neighbour = Person();
  Settle(neighbour, kLongxing);
  const auto sign_up = SignUpFor(roster, worker_, neighbour.person);
  ASSERT_THAT(sign_up, IsOk());
  EXPECT_EQ(sign_up->person(), neighbour.person);
  EXPECT_EQ(Get(kSignUps, sign_up->name()).signed_up_by(), worker_.person);
  v1::CreateSignUpRequest request;
  request.set_person(neighbour.person);
  EXPECT_EQ(PrincipalOf(request, worker_), neighbour.person);
  EXPECT_THAT(CancelSignUp(sign_up->name(), worker_), IsOk());
}

TEST_F(SignUpRulesTest, NobodyElseActsForOthers) {
  const std::string roster = Follow(Talk(5));
  const rpc::Caller neighbour = Person();
  Settle(neighbour, kLongxing);
  const rpc::Caller elsewhere =
      PersonWith(directory::v1::VILLAGE_WORKER, "towns/330481003/units/330481003001");
  for (const rpc::Caller& caller : {Person(), elsewhere, official_}) {
    EXPECT_THAT(SignUpFor(roster, caller, neighbour.person), Refused(errors::v1::NOT_FOUND));
  }
  const std::string own = SignUpFor(roster, neighbour)->name();
  EXPECT_THAT(CancelSignUp(own, Person()), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(CancelSignUp(own, official_), Refused(errors::v1::FORBIDDEN)) << "who may see it";
  EXPECT_EQ(Get(kSignUps, own).state(), v1::CONFIRMED);
}

TEST_F(SignUpRulesTest,
       WhatAnErasedNeighbourSignedUpForIsReadButNotCancelledByTheirVillagesWorker) {
  event::v1::Event event = Talk(5);
  event.clear_organisers();
  event.add_organisers(kBofei);  // the worker sees it for the neighbour's sake only
  const rpc::Caller neighbour = Person();
  Settle(neighbour, kLongxing);
  const std::string own = SignUpFor(Follow(event), neighbour)->name();
  ASSERT_THAT(
      Act(test::kTown,
          [&](db::UnitOfWork& work) {
            work.Change(*work.FindOrNull(kPeople, neighbour.person), "put").set_erased(true);
            return absl::OkStatus();
          }),
      IsOk());
  EXPECT_THAT(CancelSignUp(own, worker_), Refused(errors::v1::FORBIDDEN));
  const rpc::Caller elsewhere =
      PersonWith(directory::v1::VILLAGE_WORKER, "towns/330481003/units/330481003001");
  EXPECT_THAT(CancelSignUp(own, elsewhere), Refused(errors::v1::NOT_FOUND));
  EXPECT_EQ(Get(kSignUps, own).state(), v1::CONFIRMED);
}

TEST_F(SignUpRulesTest, PeopleOfAnotherTownAndAccountsWithoutAPersonAreNotRegistered) {
  const std::string roster = Follow(Talk(5));
  EXPECT_THAT(SignUpFor(roster, Person("330481001")), Refused(errors::v1::NOT_REGISTERED));
  rpc::Caller account;
  account.account = "0190a000-0000-4000-8000-000000000009";
  EXPECT_THAT(SignUpFor(roster, account), Refused(errors::v1::NOT_REGISTERED));
}

TEST_F(SignUpRulesTest, FiftyRacersForSevenSeatsGetExactlySeven) {
  const std::string roster = Follow(Talk(7));
  std::vector<rpc::Caller> racers;
  for (int i = 0; i < 50; ++i) racers.push_back(Person());
  std::vector<std::thread> threads;
  for (const rpc::Caller& racer : racers) {
    threads.emplace_back([&, racer] { EXPECT_THAT(SignUpFor(roster, racer), IsOk()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Get(kRosters, roster).confirmed(), 7);
  EXPECT_EQ(Get(kRosters, roster).waiting(), 43);
  ExpectCountersToBeSums();

  // Everybody who has a seat steps back at once: the next seven sit, in order.
  threads.clear();
  std::vector<std::pair<std::string, rpc::Caller>> seated;
  for (const rpc::Caller& racer : racers) {
    const std::string name = absl::StrCat(roster, "/signUps/", base::LastSegment(racer.person));
    if (Get(kSignUps, name).state() == v1::CONFIRMED) seated.emplace_back(name, racer);
  }
  for (const auto& seat : seated) {
    threads.emplace_back([&] { EXPECT_THAT(CancelSignUp(seat.first, seat.second), IsOk()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Sql("SELECT string_agg(rank::text, ',' ORDER BY rank) FROM sign_ups WHERE state = 1"),
            "8,9,10,11,12,13,14");
  ExpectCountersToBeSums();
}

TEST_F(SignUpRulesTest, OnesOwnListTellsTitlePositionAndOverlap) {
  event::v1::Event talk = Talk(1), other = Talk(1, absl::Hours(48));
  const std::string roster = Follow(talk);
  const rpc::Caller resident = Person();
  ASSERT_THAT(SignUpFor(roster, Person()), IsOk());
  ASSERT_THAT(SignUpFor(roster, resident), IsOk());
  ASSERT_THAT(SignUpFor(Follow(other), resident), IsOk());
  *talk.mutable_start_time() = other.start_time();
  *talk.mutable_end_time() = other.end_time();
  Follow(Next(talk));

  v1::ListMySignUpsRequest request;
  request.set_parent(kParent);
  const auto list = Read<v1::ListMySignUpsResponse>([&](db::ReadSession& session) {
    return ReadSignUpsOf(resident.person, request, rpc::ReadPage(request).value(), session);
  });
  ASSERT_EQ(list->sign_ups_size(), 2);
  for (const v1::SignUp& sign_up : list->sign_ups()) {
    EXPECT_EQ(sign_up.title(), "平安大宣讲");
    EXPECT_TRUE(sign_up.has_overlap());
    EXPECT_EQ(sign_up.position(), sign_up.state() == v1::WAITLISTED ? 1 : 0);
  }
}

}  // namespace
}  // namespace pingan::volunteer
