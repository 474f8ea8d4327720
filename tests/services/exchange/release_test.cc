// The chore that opens listings to the town when nobody answered in time.
#include <string>

#include "services/exchange/exchange_service.h"
#include "tests/services/exchange/exchange_fixture.h"

namespace pingan::exchange {
namespace {

using test::IsOk;

class ReleaseTest : public ExchangeFixture {
 protected:
  void RunChore() {
    changes::LeaseKeeper leases(database(), clock(), {.holder = "test"});
    service::Chore chore(ReleaseListings(), "services/exchange", leases, writer(), reader(),
                         clock());
    EXPECT_THAT(chore.Run(changes::Buckets().set()), IsOk());
  }
  bool IsReleased(const std::string& name) { return Get(kListings, name).released(); }
};

TEST_F(ReleaseTest, AnUnansweredNeedOpensWhenItsTimeComesAndNotBefore) {
  const std::string name = PublishedNeed();
  clock().Advance(absl::Hours(24 * 7) - absl::Seconds(1));
  RunChore();
  EXPECT_FALSE(IsReleased(name));
  clock().Advance(absl::Seconds(1));
  RunChore();
  EXPECT_TRUE(IsReleased(name));
  EXPECT_FALSE(Get(kListings, name).awaiting_release());
  EXPECT_EQ(Sql("SELECT actor || ' ' || type FROM changes ORDER BY seq DESC LIMIT 1"),
            "services/exchange pingan.exchange.v1.Listing.released");
  const int64_t changes = Changes();
  RunChore();
  EXPECT_EQ(Changes(), changes) << "once";
}

TEST_F(ReleaseTest, EachOpensAtItsOwnTime) {
  const std::string first = PublishedNeed();
  clock().Advance(absl::Hours(24));
  const std::string second = PublishedNeed();
  clock().Advance(absl::Hours(24 * 6));
  RunChore();
  EXPECT_TRUE(IsReleased(first));
  EXPECT_FALSE(IsReleased(second));
}

TEST_F(ReleaseTest, WhatIsAnsweredWaitsUntilItIsUnansweredAgain) {
  const std::string need = PublishedNeed();
  const std::string match = Propose(need, PublishedResource(), 1, worker_)->name();
  ASSERT_THAT(Accept(match, manager_), IsOk());
  clock().Advance(absl::Hours(24 * 8));
  RunChore();
  EXPECT_FALSE(IsReleased(need));
  ASSERT_THAT(Cancel(match, manager_), IsOk());
  RunChore();
  EXPECT_TRUE(IsReleased(need));
}

TEST_F(ReleaseTest, AProposalIsNoAnswer) {
  const std::string need = PublishedNeed();
  ASSERT_THAT(Propose(need, "", 1, manager_, kBofei), IsOk());
  clock().Advance(absl::Hours(24 * 8));
  RunChore();
  EXPECT_TRUE(IsReleased(need));
}

TEST_F(ReleaseTest, DraftsAndWhatIsOverAreLeftAlone) {
  const std::string draft = Create(Need(), worker_)->name();
  const std::string withdrawn = PublishedNeed(), closed = PublishedNeed();
  ASSERT_THAT(Withdraw(withdrawn, worker_), IsOk());
  ASSERT_THAT(CloseListing(closed, worker_), IsOk());
  clock().Advance(absl::Hours(24 * 8));
  const int64_t changes = Changes();
  RunChore();
  EXPECT_EQ(Changes(), changes);
}

TEST_F(ReleaseTest, ALaterTimeIsWaitedFor) {
  const std::string name = PublishedNeed();
  v1::Listing listing = Get(kListings, name);
  *listing.mutable_release_time() = base::ToTimestamp(clock().Now() + absl::Hours(24 * 30));
  ASSERT_THAT(Update(listing, "release_time", worker_), IsOk());
  clock().Advance(absl::Hours(24 * 8));
  RunChore();
  EXPECT_FALSE(IsReleased(name));
}

TEST_F(ReleaseTest, ManyAreReleasedStepByStep) {
  for (int i = 0; i < 101; ++i) PublishedNeed();
  clock().Advance(absl::Hours(24 * 8));
  bool more = false;
  ASSERT_THAT(Act(test::kTown,
                  [&](db::UnitOfWork& work) {
                    const auto step = ReleaseDueListings(work);
                    more = step.value_or(false);
                    return step.status();
                  }),
              IsOk());
  EXPECT_TRUE(more);
  EXPECT_EQ(Sql("SELECT count(*) FROM listings WHERE released"), "100");
  RunChore();
  EXPECT_EQ(Sql("SELECT count(*) FROM listings WHERE released"), "101");
}

}  // namespace
}  // namespace pingan::exchange
