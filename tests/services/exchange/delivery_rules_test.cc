#include "services/exchange/delivery_rules.h"

#include <string>

#include "tests/services/exchange/exchange_fixture.h"

namespace pingan::exchange {
namespace {

using test::IsOk;
using test::Refused;

class DeliveryRulesTest : public ExchangeFixture {};

TEST_F(DeliveryRulesTest, PartByPartUntilAllHasArrived) {
  const std::string name = Accepted(10);
  EXPECT_EQ(Deliver(name, 4, manager_)->state(), v1::ACCEPTED);
  clock().Advance(absl::Hours(1));
  const auto part = Confirm(name, 3, worker_);
  EXPECT_EQ(part->state(), v1::ACCEPTED);
  EXPECT_EQ(base::FromTimestamp(part->confirm_time()), clock().Now());
  const v1::Listing need = Get(kListings, part->need());
  EXPECT_EQ(need.fulfilment(), v1::PARTIAL);
  EXPECT_EQ(need.delivered() - need.confirmed() - need.lost(), 1) << "still on the way";
  EXPECT_EQ(Deliver(name, 6, manager_)->state(), v1::DELIVERED);
  EXPECT_THAT(Deliver(name, 1, manager_), Refused(errors::v1::WRONG_STATE));
  EXPECT_EQ(Confirm(name, 6, worker_)->state(), v1::DELIVERED);
  EXPECT_EQ(Confirm(name, 1, worker_)->state(), v1::CONFIRMED);
  EXPECT_EQ(Get(kListings, need.name()).fulfilment(), v1::COMPLETE);
  EXPECT_THAT(Confirm(name, 1, worker_), Refused(errors::v1::WRONG_STATE));
  EXPECT_EQ(Sql("SELECT string_agg(kind || ':' || quantity, ' ' ORDER BY create_time, line) "
                "FROM lines"),
            Sql("SELECT string_agg(kind || ':' || quantity, ' ' ORDER BY line) FROM lines"));
  ExpectLedgerToHold();
}

TEST_F(DeliveryRulesTest, TheGiverDeliversTheReceiverConfirms) {
  const std::string name = Accepted(10);
  EXPECT_THAT(Deliver(name, 1, worker_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Deliver(name, 1, official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Deliver(name, 1, stranger_), Refused(errors::v1::NOT_FOUND));
  ASSERT_THAT(Deliver(name, 1, manager_), IsOk());
  EXPECT_THAT(Confirm(name, 1, manager_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Confirm(name, 1, official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Confirm(name, 1, stranger_), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Lose(name, 1, official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Lose(name, 1, stranger_), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(CloseMatch(name, official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(CloseMatch(name, stranger_), Refused(errors::v1::NOT_FOUND));
}

TEST_F(DeliveryRulesTest, NoMoreThanThereIs) {
  const std::string name = Accepted(10);
  const auto too_much = Deliver(name, 11, manager_);
  EXPECT_THAT(too_much, Refused(errors::v1::MORE_THAN_AGREED));
  EXPECT_EQ(test::MetadataOf(too_much.status(), "open"), "10");
  EXPECT_THAT(Confirm(name, 1, worker_), Refused(errors::v1::MORE_THAN_AGREED));
  ASSERT_THAT(Deliver(name, 4, manager_), IsOk());
  ASSERT_THAT(Lose(name, 1, worker_), IsOk());
  const auto more = Confirm(name, 4, worker_);
  EXPECT_THAT(more, Refused(errors::v1::MORE_THAN_AGREED));
  EXPECT_EQ(test::MetadataOf(more.status(), "open"), "3");
  EXPECT_THAT(Lose(name, 4, manager_), Refused(errors::v1::MORE_THAN_AGREED));
  ExpectLedgerToHold();
}

TEST_F(DeliveryRulesTest, NothingIsDeliveredBeforeItIsAgreed) {
  const std::string name = Propose(PublishedNeed(), PublishedResource(), 6, worker_)->name();
  EXPECT_THAT(Deliver(name, 1, manager_), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Confirm(name, 1, worker_), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Lose(name, 1, worker_), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(CloseMatch(name, worker_), Refused(errors::v1::WRONG_STATE));
}

TEST_F(DeliveryRulesTest, WhatWasLostIsNeededAgainAndGoneFromTheResource) {
  const std::string name = Accepted(10);
  ASSERT_THAT(Deliver(name, 10, manager_), IsOk());
  ASSERT_THAT(Lose(name, 2, manager_), IsOk());
  const auto over = Confirm(name, 8, worker_);
  EXPECT_EQ(over->state(), v1::CONFIRMED);
  EXPECT_EQ(over->lost(), 2);
  EXPECT_EQ(Get(kListings, over->need()).remaining(), 2);
  EXPECT_EQ(Get(kListings, over->need()).fulfilment(), v1::PARTIAL);
  EXPECT_EQ(Get(kListings, over->resource()).remaining(), 0);

  // Somebody else gives the two: the need is complete with more committed than its quantity.
  const std::string again = Propose(over->need(), PublishedResource(2), 2, manager_)->name();
  ASSERT_THAT(Accept(again, worker_), IsOk());
  ASSERT_THAT(Deliver(again, 2, manager_), IsOk());
  ASSERT_THAT(Confirm(again, 2, worker_), IsOk());
  v1::Listing need = Get(kListings, over->need());
  EXPECT_EQ(need.committed(), 12);
  EXPECT_EQ(need.remaining(), 0);
  EXPECT_EQ(need.fulfilment(), v1::COMPLETE);
  EXPECT_THAT(Update(need, "quantity", worker_), IsOk()) << "10 are bound, not 12";
  need = Get(kListings, need.name());
  need.set_quantity(9);
  EXPECT_THAT(Update(need, "quantity", worker_), Refused(errors::v1::QUANTITY_COMMITTED));
  ExpectLedgerToHold();
}

TEST_F(DeliveryRulesTest, AMatchOfWhichAllWasLostIsOver) {
  const std::string name = Accepted(3);
  ASSERT_THAT(Deliver(name, 3, manager_), IsOk());
  const auto over = Lose(name, 3, worker_);
  EXPECT_EQ(over->state(), v1::CONFIRMED);
  EXPECT_FALSE(over->has_confirm_time());
  EXPECT_EQ(Get(kListings, over->need()).fulfilment(), v1::NOTHING);
}

TEST_F(DeliveryRulesTest, AShortMatchIsClosedAndTheRestIsFreeAgain) {
  const std::string name = Accepted(10);
  EXPECT_THAT(CloseMatch(name, worker_), Refused(errors::v1::NOTHING_DELIVERED_YET));
  ASSERT_THAT(Deliver(name, 4, manager_), IsOk());
  const auto refusal = CloseMatch(name, manager_);
  EXPECT_THAT(refusal, Refused(errors::v1::STILL_ON_THE_WAY));
  EXPECT_EQ(test::MetadataOf(refusal.status(), "quantity"), "4");
  ASSERT_THAT(Confirm(name, 3, worker_), IsOk());
  ASSERT_THAT(Lose(name, 1, worker_), IsOk());
  const auto closed = CloseMatch(name, worker_);
  ASSERT_THAT(closed, IsOk());
  EXPECT_EQ(closed->state(), v1::CONFIRMED);
  EXPECT_EQ(closed->reason(), "余下的不送了");
  EXPECT_EQ(closed->cancelled(), 6);
  EXPECT_EQ(Get(kListings, closed->need()).remaining(), 7) << "6 not delivered and 1 lost";
  EXPECT_EQ(Get(kListings, closed->resource()).remaining(), 6);
  EXPECT_THAT(CloseMatch(name, worker_), Refused(errors::v1::WRONG_STATE));
  ExpectLedgerToHold();
}

TEST_F(DeliveryRulesTest, LinesSayWhoWroteThem) {
  const std::string name = Accepted(10);
  ASSERT_THAT(Deliver(name, 4, manager_), IsOk());
  EXPECT_EQ(Sql("SELECT writer FROM lines WHERE kind = 2"),
            std::string(base::LastSegment(manager_.person)));
  EXPECT_EQ(Sql("SELECT words FROM lines WHERE kind = 2"), "货车送出");
}

TEST_F(DeliveryRulesTest, EachSideRatesOnceWhenItIsOver) {
  const std::string name = Accepted(2);
  EXPECT_THAT(Rate(name, 5, worker_), Refused(errors::v1::NOT_OVER_YET));
  ASSERT_THAT(Deliver(name, 2, manager_), IsOk());
  EXPECT_THAT(Rate(name, 5, worker_), Refused(errors::v1::NOT_OVER_YET));
  ASSERT_THAT(Confirm(name, 2, worker_), IsOk());
  EXPECT_THAT(Rate(name, 5, official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Rate(name, 5, stranger_), Refused(errors::v1::NOT_FOUND));
  ASSERT_THAT(Rate(name, 5, worker_), IsOk());
  EXPECT_THAT(Rate(name, 1, worker_), Refused(errors::v1::ALREADY_RATED));
  ASSERT_THAT(Rate(name, 4, manager_), IsOk());
  const v1::Match match = Get(kMatches, name);
  EXPECT_EQ(match.receiver_rating().stars(), 5);
  EXPECT_EQ(match.giver_rating().stars(), 4);
}

TEST_F(DeliveryRulesTest, WhoActsForBothRatesTwice) {
  const std::string name = Accepted(2);
  Give(worker_, directory::v1::ENTERPRISE_MANAGER, kBofei);
  ASSERT_THAT(Deliver(name, 2, worker_), IsOk());
  ASSERT_THAT(Confirm(name, 2, worker_), IsOk());
  ASSERT_THAT(Rate(name, 3, worker_), IsOk());
  EXPECT_TRUE(Get(kMatches, name).has_giver_rating());
  ASSERT_THAT(Rate(name, 5, worker_), IsOk());
  EXPECT_EQ(Get(kMatches, name).receiver_rating().stars(), 5);
  EXPECT_THAT(Rate(name, 5, worker_), Refused(errors::v1::ALREADY_RATED));
}

TEST_F(DeliveryRulesTest, CancelledAndDeclinedMatchesAreNotRated) {
  const std::string cancelled = Accepted(2);
  ASSERT_THAT(Cancel(cancelled, worker_), IsOk());
  EXPECT_THAT(Rate(cancelled, 1, worker_), Refused(errors::v1::NOT_OVER_YET));
}

}  // namespace
}  // namespace pingan::exchange
