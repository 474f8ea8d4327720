#include "services/exchange/match_rules.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/services/exchange/exchange_fixture.h"

namespace pingan::exchange {
namespace {

using test::IsOk;
using test::Refused;
using test::RefusesField;

class MatchRulesTest : public ExchangeFixture {};

// --- proposing

TEST_F(MatchRulesTest, EitherSideProposesAndHasAgreed) {
  const std::string need = PublishedNeed(), resource = PublishedResource();
  const auto asked = Propose(need, resource, 4, worker_);
  ASSERT_THAT(asked, IsOk());
  EXPECT_EQ(asked->giver(), kBofei);
  EXPECT_EQ(asked->receiver(), kLongxing);
  EXPECT_EQ(asked->proposer(), kLongxing);
  EXPECT_FALSE(asked->giver_agreed());
  EXPECT_TRUE(asked->receiver_agreed());
  EXPECT_EQ(asked->title(), Need().title());
  EXPECT_EQ(asked->measure(), v1::PIECES);
  EXPECT_EQ(asked->mechanism(), event::v1::RESOURCE);
  EXPECT_EQ(asked->state(), v1::PROPOSED);
  // It holds nothing back.
  EXPECT_EQ(Get(kListings, need).remaining(), 10);

  const auto offered = Propose(PublishedNeed(), resource, 4, manager_);
  EXPECT_EQ(offered->proposer(), kBofei);
  EXPECT_TRUE(offered->giver_agreed());
  EXPECT_FALSE(offered->receiver_agreed());
}

TEST_F(MatchRulesTest, OneListingIsEnoughWhereTheOtherPartyIsNamed) {
  const std::string need = PublishedNeed(), resource = PublishedResource();
  const auto answered = Propose(need, "", 2, manager_, kBofei);
  ASSERT_THAT(answered, IsOk());
  EXPECT_EQ(answered->receiver(), kLongxing);
  const auto asked = Propose("", resource, 2, worker_, "", kLongxing);
  ASSERT_THAT(asked, IsOk());
  EXPECT_EQ(asked->title(), Resource().title());

  EXPECT_THAT(Propose("", "", 2, worker_), RefusesField("match.need"));
  EXPECT_THAT(Propose(need, "", 2, manager_), RefusesField("match.giver"));
  EXPECT_THAT(Propose("", resource, 2, worker_), RefusesField("match.receiver"));
  EXPECT_THAT(Propose(need, "", 2, worker_, kMerged), Refused(errors::v1::UNKNOWN_PARTY));
  EXPECT_THAT(Propose(need, "", 2, worker_, kElsewhere), Refused(errors::v1::UNKNOWN_PARTY));
}

TEST_F(MatchRulesTest, ListingsAreTakenForWhatTheyAre) {
  const std::string need = PublishedNeed(), resource = PublishedResource();
  EXPECT_THAT(Propose(resource, "", 2, worker_, kBofei), RefusesField("match.need"));
  EXPECT_THAT(Propose("", need, 2, manager_, "", kBofei), RefusesField("match.resource"));
  EXPECT_THAT(Propose(need, resource, 2, worker_, kOtherFirm), RefusesField("match.giver"));
  EXPECT_THAT(Propose(need, resource, 2, worker_, "", kGrid), RefusesField("match.receiver"));
}

TEST_F(MatchRulesTest, OnlyTheTwoSidesProposeAndOnlyWhatTheyMayRead) {
  const std::string need = PublishedNeed(), resource = PublishedResource();
  for (const rpc::Caller& caller : {stranger_, other_worker_, outsider_, resident_}) {
    EXPECT_THAT(Propose(need, resource, 1, caller), Refused(errors::v1::NOT_FOUND));
  }
  EXPECT_THAT(Propose(need, resource, 1, official_), Refused(errors::v1::NOT_PARTY));
  // A firm that is not paired sees the need once it is released, and may then answer it.
  EXPECT_THAT(Propose(need, "", 1, stranger_, kOtherFirm), Refused(errors::v1::NOT_FOUND));
  ASSERT_THAT(Release(need, worker_), IsOk());
  EXPECT_THAT(Propose(need, resource, 1, stranger_), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Propose(need, "", 1, stranger_, kOtherFirm), IsOk());
  EXPECT_THAT(Propose(need, "", 1, stranger_, kBofei), Refused(errors::v1::NOT_PARTY));
}

TEST_F(MatchRulesTest, ListingsOfAnotherTownAreNotThere) {
  v1::Listing listing = Resource();
  listing.set_party(kElsewhere);
  v1::CreateListingRequest create;
  create.set_parent("towns/330481001");
  *create.mutable_listing() = listing;
  const auto elsewhere = Run(DecideCreateListing, create, outsider_);
  ASSERT_THAT(elsewhere, IsOk());
  ASSERT_THAT(Publish(elsewhere->name(), outsider_), IsOk());
  EXPECT_THAT(Propose("", elsewhere->name(), 1, outsider_, "", kLongxing),
              Refused(errors::v1::NOT_FOUND));
}

TEST_F(MatchRulesTest, OnlyPublishedListingsAreMatched) {
  const std::string draft = Create(Need(), worker_)->name();
  const std::string resource = PublishedResource();
  EXPECT_THAT(Propose(draft, resource, 1, worker_), Refused(errors::v1::LISTING_NOT_OPEN));
  EXPECT_THAT(Propose(draft, resource, 1, manager_), Refused(errors::v1::NOT_FOUND));
  const std::string need = PublishedNeed();
  ASSERT_THAT(CloseListing(need, worker_), IsOk());
  const auto refusal = Propose(need, resource, 1, manager_);
  EXPECT_THAT(refusal, Refused(errors::v1::LISTING_NOT_OPEN));
  EXPECT_EQ(test::MetadataOf(refusal.status(), "listing"), need);
}

TEST_F(MatchRulesTest, BothListingsMustFit) {
  const std::string need = PublishedNeed();
  v1::Listing hall = Resource();
  hall.set_category(v1::VENUE);
  hall.set_measure(v1::SEATS);
  EXPECT_THAT(Propose(need, Published(hall, manager_), 1, worker_),
              Refused(errors::v1::CATEGORY_DIFFERS));

  v1::Listing hours = Resource(), people = Need();
  hours.set_category(v1::VOLUNTEERS);
  hours.set_measure(v1::HOURS);
  people.set_category(v1::VOLUNTEERS);
  people.set_measure(v1::PEOPLE);
  const auto refusal = Propose(Published(people, worker_), Published(hours, manager_), 1, worker_);
  EXPECT_THAT(refusal, Refused(errors::v1::MEASURE_DIFFERS));
  EXPECT_EQ(test::TextOf(refusal.status()), "计量单位不同：资源为小时，需求为人");

  v1::Listing december = Resource(), january = Need();
  SetWindow(december, absl::CivilDay(2026, 12, 1), absl::CivilDay(2026, 12, 31));
  SetWindow(january, absl::CivilDay(2027, 1, 1), absl::CivilDay(2027, 1, 31));
  const std::string this_year = Published(december, manager_);
  EXPECT_THAT(Propose(Published(january, worker_), this_year, 1, worker_),
              Refused(errors::v1::WINDOWS_APART));
  january.mutable_start_date()->set_year(2026);
  january.mutable_start_date()->set_month(12);
  january.mutable_start_date()->set_day(31);
  EXPECT_THAT(Propose(Published(january, worker_), this_year, 1, worker_), IsOk());
  EXPECT_THAT(Propose(need, this_year, 1, worker_), IsOk()) << "an open window meets any";
}

TEST_F(MatchRulesTest, NobodyIsMatchedWithThemselves) {
  v1::Listing own = Resource();
  own.set_party(kLongxing);
  EXPECT_THAT(Propose(PublishedNeed(), Published(own, worker_), 1, worker_),
              Refused(errors::v1::SAME_PARTY));
  EXPECT_THAT(Propose("", Published(own, worker_), 1, worker_, "", kLongxing),
              Refused(errors::v1::SAME_PARTY));
}

TEST_F(MatchRulesTest, MoreThanIsLeftIsNotProposed) {
  const auto refusal = Propose(PublishedNeed(10), PublishedResource(3), 4, worker_);
  EXPECT_THAT(refusal, Refused(errors::v1::NOTHING_LEFT));
  EXPECT_EQ(test::MetadataOf(refusal.status(), "remaining"), "3");
}

TEST_F(MatchRulesTest, TheSameIsNotProposedTwiceWhileTheFirstIsOpen) {
  const std::string need = PublishedNeed(), resource = PublishedResource();
  const std::string first = Propose(need, resource, 2, worker_)->name();
  const auto refusal = Propose(need, resource, 3, manager_);
  EXPECT_THAT(refusal, Refused(errors::v1::ALREADY_PROPOSED));
  EXPECT_EQ(test::MetadataOf(refusal.status(), "match"), first);
  EXPECT_THAT(Propose(need, "", 3, manager_, kBofei), IsOk()) << "without the resource";
  EXPECT_THAT(Propose(need, "", 3, manager_, kBofei), Refused(errors::v1::ALREADY_PROPOSED));
  EXPECT_THAT(Propose("", resource, 3, worker_, "", kLongxing), IsOk());
  EXPECT_THAT(Propose("", resource, 3, worker_, "", kGrid), IsOk()) << "another receiver";
  EXPECT_THAT(Propose("", resource, 3, worker_, "", kGrid), Refused(errors::v1::ALREADY_PROPOSED));
  ASSERT_THAT(Accept(first, manager_), IsOk());
  EXPECT_THAT(Propose(need, resource, 3, manager_), IsOk()) << "the first is no proposal any more";
}

// --- accepting

TEST_F(MatchRulesTest, AcceptingCommitsOnBothListings) {
  const std::string need = PublishedNeed(10), resource = PublishedResource(8);
  const std::string name = Propose(need, resource, 6, worker_)->name();
  const auto match = Accept(name, manager_);
  ASSERT_THAT(match, IsOk());
  EXPECT_EQ(match->state(), v1::ACCEPTED);
  EXPECT_TRUE(match->giver_agreed());
  EXPECT_EQ(Get(kListings, need).committed(), 6);
  EXPECT_EQ(Get(kListings, need).remaining(), 4);
  EXPECT_FALSE(Get(kListings, need).awaiting_release()) << "it is answered";
  EXPECT_EQ(Get(kListings, resource).remaining(), 2);
  EXPECT_EQ(Sql("SELECT kind || ' ' || quantity FROM lines"), "1 6");
  EXPECT_THAT(Accept(name, manager_), Refused(errors::v1::WRONG_STATE));
  ExpectLedgerToHold();
}

TEST_F(MatchRulesTest, TheOtherSideAccepts) {
  const std::string name = Propose(PublishedNeed(), PublishedResource(), 6, worker_)->name();
  EXPECT_THAT(Accept(name, worker_), Refused(errors::v1::FOR_THE_OTHER_SIDE));
  EXPECT_THAT(Accept(name, official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Accept(name, city_official_), Refused(errors::v1::NOT_PARTY));
  for (const rpc::Caller& caller : {stranger_, other_worker_, resident_, outsider_})
    EXPECT_THAT(Accept(name, caller), Refused(errors::v1::NOT_FOUND));
  EXPECT_EQ(Get(kMatches, name).state(), v1::PROPOSED);
}

TEST_F(MatchRulesTest, WhoActsForBothProposesAsTheGiverAndAgreesForTheOther) {
  Give(worker_, directory::v1::ENTERPRISE_MANAGER, kBofei);
  const auto match = Propose(PublishedNeed(), PublishedResource(), 6, worker_);
  EXPECT_EQ(match->proposer(), kBofei);
  EXPECT_TRUE(match->giver_agreed());
  EXPECT_FALSE(match->receiver_agreed());
  EXPECT_EQ(Accept(match->name(), worker_)->state(), v1::ACCEPTED);
}

TEST_F(MatchRulesTest, AnAcceptanceFindsTheListingsAsTheyAreNow) {
  const std::string need = PublishedNeed(10), resource = PublishedResource(10);
  const std::string first = Propose(need, resource, 7, worker_)->name();
  const std::string second = Propose(need, "", 7, manager_, kBofei)->name();
  ASSERT_THAT(Accept(first, manager_), IsOk());
  const auto refusal = Accept(second, worker_);
  EXPECT_THAT(refusal, Refused(errors::v1::NOTHING_LEFT));
  EXPECT_EQ(test::MetadataOf(refusal.status(), "remaining"), "3");
  EXPECT_EQ(test::TextOf(refusal.status()), "剩余数量不足：还剩 3");

  ASSERT_THAT(CloseListing(need, worker_), IsOk());
  EXPECT_THAT(Accept(second, worker_), Refused(errors::v1::LISTING_NOT_OPEN));
  EXPECT_FALSE(Get(kMatches, second).receiver_agreed());
  ExpectLedgerToHold();
}

TEST_F(MatchRulesTest, SixtyAcceptTheLastOneAndOneWins) {
  const std::string resource = PublishedResource(1);
  ASSERT_THAT(Release(resource, manager_), IsOk());
  std::vector<std::string> proposals;
  for (int i = 0; i < 60; ++i) {
    const std::string firm =
        absl::StrCat(kParent, "/enterprises/01900000-0000-7000-8000-", 100000000000 + i);
    Put(kEnterprises, Enterprise(firm));
    const rpc::Caller asker = PersonWith(directory::v1::ENTERPRISE_MANAGER, firm);
    proposals.push_back(Propose("", resource, 1, asker, "", firm)->name());
  }
  std::atomic<int> won = 0, nothing_left = 0;
  std::vector<std::thread> threads;
  for (const std::string& name : proposals) {
    threads.emplace_back([&, name] {
      const auto match = Accept(name, manager_);
      if (match.ok()) ++won;
      if (base::ReasonOf(match.status()) == "NOTHING_LEFT" &&
          test::MetadataOf(match.status(), "remaining") == "0") {
        ++nothing_left;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(nothing_left, 59);
  EXPECT_EQ(Sql("SELECT count(*) FROM matches WHERE state = 2"), "1");
  EXPECT_EQ(Get(kListings, resource).remaining(), 0);
  ExpectLedgerToHold();
}

// --- declining and cancelling

TEST_F(MatchRulesTest, TheSideThatHasNotAgreedDeclines) {
  const std::string name = Propose(PublishedNeed(), PublishedResource(), 6, worker_)->name();
  EXPECT_THAT(Decline(name, worker_), Refused(errors::v1::FOR_THE_OTHER_SIDE));
  EXPECT_THAT(Decline(name, official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Decline(name, stranger_), Refused(errors::v1::NOT_FOUND));
  const auto declined = Decline(name, manager_);
  ASSERT_THAT(declined, IsOk());
  EXPECT_EQ(declined->state(), v1::DECLINED);
  EXPECT_EQ(declined->reason(), "用不上");
  EXPECT_THAT(Accept(name, manager_), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Decline(name, manager_), Refused(errors::v1::WRONG_STATE));
}

TEST_F(MatchRulesTest, AProposalIsTakenBackByItsSide) {
  const std::string name = Propose(PublishedNeed(), PublishedResource(), 6, worker_)->name();
  EXPECT_THAT(Cancel(name, manager_), Refused(errors::v1::FOR_THE_OTHER_SIDE));
  EXPECT_THAT(Cancel(name, official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Cancel(name, stranger_), Refused(errors::v1::NOT_FOUND));
  const auto cancelled = Cancel(name, worker_);
  ASSERT_THAT(cancelled, IsOk());
  EXPECT_EQ(cancelled->state(), v1::CANCELLED);
  EXPECT_EQ(Sql("SELECT count(*) FROM lines"), "0");
  EXPECT_THAT(Cancel(name, worker_), Refused(errors::v1::WRONG_STATE));
}

TEST_F(MatchRulesTest, EitherSideEndsAMatchOfWhichNothingWasDelivered) {
  for (const rpc::Caller& caller : {worker_, manager_}) {
    const std::string name = Accepted(10);
    EXPECT_THAT(Cancel(name, official_), Refused(errors::v1::NOT_PARTY));
    EXPECT_THAT(Cancel(name, stranger_), Refused(errors::v1::NOT_FOUND));
    const auto cancelled = Cancel(name, caller);
    ASSERT_THAT(cancelled, IsOk());
    EXPECT_EQ(cancelled->state(), v1::CANCELLED);
    EXPECT_EQ(cancelled->cancelled(), 10);
    EXPECT_EQ(cancelled->reason(), "计划有变");
    const v1::Listing need = Get(kListings, cancelled->need());
    EXPECT_EQ(need.remaining(), 10);
    EXPECT_TRUE(need.awaiting_release()) << "it is unanswered again";
  }
  ExpectLedgerToHold();
}

TEST_F(MatchRulesTest, WhatWasDeliveredInPartIsNotCancelled) {
  const std::string name = Accepted(10);
  ASSERT_THAT(Deliver(name, 1, manager_), IsOk());
  const auto refusal = Cancel(name, manager_);
  EXPECT_THAT(refusal, Refused(errors::v1::WRONG_STATE));
  EXPECT_EQ(test::MetadataOf(refusal.status(), "allowed"), "deliver,confirm,reportLoss,close");
  ASSERT_THAT(Deliver(name, 9, manager_), IsOk());
  EXPECT_THAT(Cancel(name, manager_), Refused(errors::v1::WRONG_STATE));
  EXPECT_EQ(Get(kListings, Get(kMatches, name).need()).committed(), 10);
}

// --- what a plan proposed

class PlannedMatchTest : public MatchRulesTest {
 protected:
  // A proposal of the town, which nobody has agreed to.
  std::string Planned(const std::string& need, const std::string& resource, int64_t quantity) {
    const auto made = Run(need, resource, quantity, official_);
    EXPECT_THAT(made, IsOk());
    return made.ok() && made->matches_size() == 1 ? made->matches(0).name() : "";
  }
  absl::StatusOr<rows::PlanAnswer> Run(const std::string& need, const std::string& resource,
                                       int64_t quantity, const rpc::Caller& caller) {
    const v1::Listing of_need = Get(kListings, need), of_resource = Get(kListings, resource);
    v1::Match match = MatchOf(&of_need, &of_resource);
    match.set_quantity(quantity);
    match.set_proposer(kParent);
    rows::PlanChunk chunk;
    chunk.set_parent(kParent);
    return RunIn<rows::PlanChunk, rows::PlanAnswer>(
        test::kTown,
        [match](const rows::PlanChunk& asked, const rpc::Caller& who, db::UnitOfWork& work) {
          return DecideProposePlanned({match}, asked, who, work);
        },
        chunk, caller);
  }
};

TEST_F(PlannedMatchTest, BothSidesAgreeToWhatTheTownPlanned) {
  const std::string name = Planned(PublishedNeed(), PublishedResource(), 6);
  EXPECT_EQ(Get(kMatches, name).proposer(), kParent);
  const auto half = Accept(name, worker_);
  ASSERT_THAT(half, IsOk());
  EXPECT_EQ(half->state(), v1::PROPOSED);
  EXPECT_EQ(Sql("SELECT count(*) FROM lines"), "0");
  EXPECT_THAT(Accept(name, worker_), Refused(errors::v1::FOR_THE_OTHER_SIDE));
  EXPECT_THAT(Decline(name, worker_), Refused(errors::v1::FOR_THE_OTHER_SIDE));
  EXPECT_EQ(Accept(name, manager_)->state(), v1::ACCEPTED);
  ExpectLedgerToHold();
}

TEST_F(PlannedMatchTest, EitherSideDeclinesAndTheTownTakesBack) {
  EXPECT_THAT(Decline(Planned(PublishedNeed(), PublishedResource(), 6), manager_), IsOk());
  const std::string name = Planned(PublishedNeed(), PublishedResource(), 6);
  EXPECT_THAT(Cancel(name, city_official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Cancel(name, manager_), Refused(errors::v1::FOR_THE_OTHER_SIDE));
  EXPECT_EQ(Cancel(name, official_)->state(), v1::CANCELLED);
  EXPECT_THAT(Cancel(name, official_), Refused(errors::v1::NOT_PARTY));
}

TEST_F(PlannedMatchTest, WhatIsNoLongerPossibleIsLeftOut) {
  const std::string need = PublishedNeed(), resource = PublishedResource();
  EXPECT_EQ(Planned(need, resource, 11), "") << "more than is left";
  EXPECT_NE(Planned(need, resource, 6), "");
  EXPECT_EQ(Planned(need, resource, 6), "") << "the same again";
  ASSERT_THAT(Withdraw(resource, manager_), IsOk());
  EXPECT_EQ(Planned(PublishedNeed(), resource, 6), "");
  for (const rpc::Caller& caller : {worker_, city_official_, resident_})
    EXPECT_THAT(Run(need, resource, 1, caller), Refused(errors::v1::FORBIDDEN));
}

}  // namespace
}  // namespace pingan::exchange
