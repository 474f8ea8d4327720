#include "services/exchange/town_plan.h"

#include <chrono>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "pingan/exchange/v1/exchange.grpc.pb.h"
#include "services/exchange/exchange_service.h"
#include "tests/services/exchange/exchange_fixture.h"

namespace pingan::exchange {
namespace {

using test::IsOk;
using test::Refused;

class TownPlanTest : public ExchangeFixture {
 protected:
  void SetUp() override {
    ExchangeFixture::SetUp();
    Serve(ExchangeService::Make, {"directory", "pairing"});
    stub_ = v1::ExchangeService::NewStub(channel());
  }
  enum Mode { kReally, kOnlyShow };
  absl::StatusOr<v1::PlanMatchesResponse> Plan(const rpc::Caller& caller, Mode mode = kReally,
                                               const std::string& request_id = "") {
    v1::PlanMatchesRequest request;
    request.set_parent(kParent);
    request.set_validate_only(mode == kOnlyShow);
    request.set_request_id(request_id);
    return Ask(*stub_, &v1::ExchangeService::Stub::PlanMatches, request, caller);
  }
  std::string PublishedByStranger(int64_t quantity) {
    v1::Listing listing = Resource(quantity);
    listing.set_party(kOtherFirm);
    return Published(listing, stranger_);
  }
  // Needs and resources as rows, without the rules' round trips.
  void PutListings(int needs, int resources) {
    ASSERT_THAT(Act(test::kTown,
                    [&](db::UnitOfWork& work) {
                      for (int i = 0; i < needs + resources; ++i) {
                        v1::Listing listing = i < needs ? Need(1 + i % 7) : Resource(1 + i % 5);
                        listing.set_name(absl::StrCat(kParent, "/listings/", work.NewId()));
                        listing.set_state(v1::PUBLISHED);
                        listing.set_remaining(listing.quantity());
                        work.Insert(kListings, listing, "put");
                      }
                      return absl::OkStatus();
                    }),
                IsOk());
  }

  std::unique_ptr<v1::ExchangeService::Stub> stub_;
};

TEST_F(TownPlanTest, IsForTheTownsOfficials) {
  for (const rpc::Caller& caller : {worker_, manager_, resident_, city_official_})
    EXPECT_THAT(Plan(caller, kOnlyShow), Refused(errors::v1::FORBIDDEN));
  const auto plan = Plan(official_);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->matches_size() + plan->unmet_size(), 0);
}

TEST_F(TownPlanTest, MeetsMostAndShowsItBeforeItProposes) {
  // The pair's resource would rather go to the first need, which another resource can meet, too.
  const std::string first = PublishedNeed(5);
  v1::Listing later = Need(5);
  SetWindow(later, absl::CivilDay(2027, 1, 1), absl::CivilDay(2027, 1, 31));
  const std::string second = Published(later, worker_);
  const std::string of_pair = PublishedResource(5);
  v1::Listing this_year = Resource(5);
  this_year.set_party(kOtherFirm);
  SetWindow(this_year, absl::CivilDay(2026, 12, 1), absl::CivilDay(2026, 12, 31));
  const std::string of_stranger = Published(this_year, stranger_);

  const auto shown = Plan(official_, kOnlyShow);
  ASSERT_THAT(shown, IsOk());
  ASSERT_EQ(shown->matches_size(), 2);
  EXPECT_EQ(shown->matches(0).name(), "");
  EXPECT_EQ(Sql("SELECT count(*) FROM matches"), "0");

  const auto plan = Plan(official_);
  ASSERT_THAT(plan, IsOk());
  ASSERT_EQ(plan->matches_size(), 2);
  EXPECT_EQ(plan->unmet_size(), 0);
  const v1::Match& match = plan->matches(0);
  EXPECT_EQ(match.need(), first);
  EXPECT_EQ(match.resource(), of_stranger) << "unreleased and not paired: the town decides";
  EXPECT_EQ(match.giver(), kOtherFirm);
  EXPECT_EQ(match.receiver(), kLongxing);
  EXPECT_EQ(match.quantity(), 5);
  EXPECT_EQ(match.proposer(), kParent);
  EXPECT_FALSE(match.giver_agreed() || match.receiver_agreed());
  EXPECT_EQ(plan->matches(1).need(), second);
  EXPECT_EQ(plan->matches(1).resource(), of_pair);
  EXPECT_EQ(Get(kMatches, match.name()).state(), v1::PROPOSED);
  ASSERT_THAT(Accept(match.name(), worker_), IsOk());
  EXPECT_EQ(Accept(match.name(), stranger_)->state(), v1::ACCEPTED);
}

TEST_F(TownPlanTest, ThePairGoesFirstWhereAsMuchIsMet) {
  PublishedNeed(5);
  PublishedByStranger(5);
  const std::string of_pair = PublishedResource(5);
  const auto plan = Plan(official_, kOnlyShow);
  ASSERT_EQ(plan->matches_size(), 1);
  EXPECT_EQ(plan->matches(0).resource(), of_pair);
}

TEST_F(TownPlanTest, SaysOfEveryOpenNeedWhy) {
  v1::Listing care = Need(3), january = Need(4);
  care.set_category(v1::CARE);
  const std::string no_such = Published(care, worker_);
  SetWindow(january, absl::CivilDay(2027, 1, 1), absl::CivilDay(2027, 1, 31));
  const std::string too_late = Published(january, worker_);
  const std::string too_many = PublishedNeed(12);
  v1::Listing this_year = Resource(5);
  SetWindow(this_year, absl::CivilDay(2026, 12, 1), absl::CivilDay(2026, 12, 31));
  Published(this_year, manager_);
  v1::Listing own = Resource(9);
  own.set_party(kLongxing);
  own.set_category(v1::CARE);
  Published(own, worker_);

  const auto plan = Plan(official_, kOnlyShow);
  ASSERT_EQ(plan->unmet_size(), 3);
  struct Row {
    std::string need;
    int64_t quantity;
    const char* key;
    const char* text;
  };
  const Row rows[] = {{no_such, 3, "NO_SUCH_RESOURCE", "全镇没有同类资源"},
                      {too_late, 4, "WINDOW", "有同类资源，但时间段不重合"},
                      {too_many, 7, "USED_UP", "同类资源已全部安排"}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(plan->unmet(i).need().name(), rows[i].need);
    EXPECT_EQ(plan->unmet(i).quantity(), rows[i].quantity);
    EXPECT_EQ(plan->unmet(i).key(), rows[i].key);
    EXPECT_EQ(plan->unmet(i).text(), rows[i].text);
  }
  const auto proposed = Plan(official_);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_EQ(proposed->unmet_size(), 3) << "proposing says so, too";
}

TEST_F(TownPlanTest, WhatIsProposedIsNotPlannedAgain) {
  const std::string need = PublishedNeed(10);
  PublishedResource(6);
  PublishedByStranger(20);
  EXPECT_EQ(Plan(official_)->matches_size(), 2);
  const auto again = Plan(official_);
  EXPECT_EQ(again->matches_size(), 0);
  EXPECT_EQ(again->unmet_size(), 0);

  // A declined proposal leaves its part of the need open, and the pair may be planned again.
  const std::string declined = Sql("SELECT match FROM matches WHERE quantity = 6");
  ASSERT_THAT(Decline(absl::StrCat(kParent, "/matches/", declined), manager_), IsOk());
  const auto next = Plan(official_);
  ASSERT_EQ(next->matches_size(), 1);
  EXPECT_EQ(next->matches(0).quantity(), 6);
  EXPECT_EQ(next->matches(0).giver(), kBofei);
}

TEST_F(TownPlanTest, ProposalsThatCannotBeAcceptedAnyMoreHoldNothing) {
  PublishedNeed(10);
  const std::string resource = PublishedResource(10);
  EXPECT_EQ(Plan(official_)->matches_size(), 1);
  ASSERT_THAT(Withdraw(resource, manager_), IsOk());
  PublishedByStranger(10);
  EXPECT_EQ(Plan(official_)->matches_size(), 1);
}

TEST_F(TownPlanTest, ManyProposalsComeInChunksAndARetryFindsThem) {
  PutListings(150, 120);
  const std::string id = "0190a000-0000-4000-8000-000000000001";
  const auto plan = Plan(official_, kReally, id);
  ASSERT_THAT(plan, IsOk());
  EXPECT_GT(plan->matches_size(), 100);
  const std::string made = Sql("SELECT count(*) FROM matches");
  EXPECT_EQ(made, absl::StrCat(plan->matches_size()));
  EXPECT_EQ(Sql("SELECT count(*) FROM requests"), absl::StrCat((plan->matches_size() + 99) / 100));
  EXPECT_GT(plan->unmet_size(), 0);
  // Whatever has changed since.
  PutListings(0, 3);
  const auto again = Plan(official_, kReally, id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), plan->SerializeAsString());
  EXPECT_EQ(Sql("SELECT count(*) FROM matches"), made);
}

TEST_F(TownPlanTest, ARetryAfterAHalfDonePlanMakesTheRest) {
  PutListings(150, 120);
  const std::string id = "0190a000-0000-4000-8000-000000000001";
  const auto plan = Plan(official_, kReally, id);
  ASSERT_THAT(plan, IsOk());
  ASSERT_GT(plan->matches_size(), 100);
  // As if it had ended after the first chunk.
  std::string first_chunk;
  for (int i = 0; i < 100; ++i)
    absl::StrAppend(&first_chunk, i == 0 ? "'" : "', '",
                    base::LastSegment(plan->matches(i).name()));
  Sql(absl::StrCat("DELETE FROM matches WHERE match NOT IN (", first_chunk, "')"));
  Sql(absl::StrCat("DELETE FROM requests WHERE request_id <> '", id, "'"));
  EXPECT_EQ(Sql("SELECT count(*) FROM matches"), "100");

  const auto again = Plan(official_, kReally, id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->matches(99).name(), plan->matches(99).name());
  const auto met = [](const v1::PlanMatchesResponse& response) {
    int64_t sum = 0;
    for (const v1::Match& match : response.matches()) sum += match.quantity();
    return sum;
  };
  EXPECT_EQ(met(*again), met(*plan));
  EXPECT_EQ(Sql("SELECT sum(quantity) FROM matches"), absl::StrCat(met(*plan)));
}

// Says how long a great town takes; machines differ, so nothing is asserted of it.
TEST_F(TownPlanTest, AThousandNeedsAndResources) {
  PutListings(1000, 1000);
  const auto start = std::chrono::steady_clock::now();
  const auto plan = Plan(official_, kOnlyShow);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  ASSERT_THAT(plan, IsOk());
  int64_t met = 0;
  for (const v1::Match& match : plan->matches()) met += match.quantity();
  std::cout << "PlanMatches of 1000 x 1000, all fitting all: " << plan->matches_size()
            << " matches of " << met << " in " << took.count() << " s\n";
  EXPECT_EQ(std::to_string(met), Sql("SELECT least(sum(quantity) FILTER (WHERE direction = 1), "
                                     "sum(quantity) FILTER (WHERE direction = 2)) FROM listings"));
}

}  // namespace
}  // namespace pingan::exchange
