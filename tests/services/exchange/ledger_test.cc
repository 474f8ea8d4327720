// The ledger under whatever people do: random acts of both sides, right and wrong ones, and after
// each of them all sums are those of the lines.
#include "services/exchange/ledger.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/services/exchange/exchange_fixture.h"

namespace pingan::exchange {
namespace {

class LedgerTest : public ExchangeFixture, public ::testing::WithParamInterface<int> {
 protected:
  // One act of a random person on a random match or listing; its status.
  absl::Status Act() {
    const rpc::Caller& caller = Pick({&worker_, &manager_});
    if (matches_.empty() || Number(3) == 1) {
      const auto match = Number(4) == 1
                             ? Propose(PickName(needs_), "", Number(5), caller, kBofei)
                             : Propose(PickName(needs_), PickName(resources_), Number(5), caller);
      if (match.ok()) matches_.push_back(match->name());
      return match.status();
    }
    const std::string& match = PickName(matches_);
    switch (Number(12)) {
      case 1:
      case 2:
      case 3:
        return Accept(match, caller).status();
      case 4:
      case 5:
        return Deliver(match, Number(4), manager_).status();
      case 6:
      case 7:
        return Confirm(match, Number(3), worker_).status();
      case 8:
        return Lose(match, Number(2), caller).status();
      case 9:
        return CloseMatch(match, caller).status();
      case 10:
        return Cancel(match, caller).status();
      case 11:
        return Decline(match, caller).status();
      default:
        return ChangeListing();
    }
  }

  absl::Status ChangeListing() {
    const bool need = Number(2) == 1;
    const std::string& name = PickName(need ? needs_ : resources_);
    const rpc::Caller& owner = need ? worker_ : manager_;
    if (Number(40) == 1) return CloseListing(name, owner).status();
    v1::Listing listing = Get(kListings, name);
    listing.set_quantity(Number(60));
    return Update(listing, "quantity", owner).status();
  }

  // 1 to `most`.
  int Number(int most) { return static_cast<int>(random_() % most) + 1; }
  const std::string& PickName(const std::vector<std::string>& names) {
    return names[random_() % names.size()];
  }
  const rpc::Caller& Pick(std::vector<const rpc::Caller*> callers) {
    return *callers[random_() % callers.size()];
  }

  std::mt19937 random_{static_cast<uint32_t>(GetParam())};
  std::vector<std::string> needs_, resources_, matches_;
};

TEST_P(LedgerTest, SumsAreThoseOfTheLinesAfterEveryAct) {
  for (int i = 0; i < 3; ++i) {
    needs_.push_back(PublishedNeed(10 + Number(40)));
    resources_.push_back(PublishedResource(10 + Number(40)));
  }
  std::set<std::string> refusals;
  int done = 0;
  for (int step = 0; step < 150 && !HasFailure(); ++step) {
    const absl::Status status = Act();
    status.ok() ? static_cast<void>(++done)
                : static_cast<void>(refusals.insert(base::ReasonOf(status)));
    EXPECT_NE(base::ReasonOf(status), "INTERNAL") << status;
    ExpectLedgerToHold();
  }
  // Otherwise it showed nothing.
  EXPECT_GT(done, 20);
  EXPECT_GT(refusals.size(), 3u);
  EXPECT_NE(Sql("SELECT count(DISTINCT kind) FROM lines"), "1");
}

INSTANTIATE_TEST_SUITE_P(Seeds, LedgerTest, ::testing::Values(1, 2, 3, 4, 5));

TEST(Recount, FollowsFromQuantityStateAndSums) {
  struct Row {
    v1::Direction direction;
    int64_t committed, confirmed, lost;
    int64_t remaining;
    v1::Fulfilment fulfilment;
    bool awaiting;
  };
  const Row rows[] = {
      {v1::NEED, 0, 0, 0, 10, v1::NOTHING, true},
      {v1::NEED, 4, 0, 0, 6, v1::NOTHING, false},
      {v1::NEED, 10, 8, 2, 2, v1::PARTIAL, false},
      {v1::NEED, 12, 10, 2, 0, v1::COMPLETE, false},
      {v1::RESOURCE, 10, 8, 2, 0, v1::PARTIAL, false},
      {v1::RESOURCE, 0, 0, 0, 10, v1::NOTHING, true},
  };
  for (const Row& row : rows) {
    v1::Listing listing;
    listing.set_direction(row.direction);
    listing.set_quantity(10);
    listing.set_state(v1::PUBLISHED);
    listing.mutable_release_time()->set_seconds(1);
    listing.set_committed(row.committed);
    listing.set_confirmed(row.confirmed);
    listing.set_lost(row.lost);
    Recount(listing);
    EXPECT_EQ(listing.remaining(), row.remaining);
    EXPECT_EQ(listing.fulfilment(), row.fulfilment);
    EXPECT_EQ(listing.awaiting_release(), row.awaiting);
    listing.set_released(true);
    Recount(listing);
    EXPECT_FALSE(listing.awaiting_release());
  }
}

}  // namespace
}  // namespace pingan::exchange
