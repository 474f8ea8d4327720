#include "services/exchange/exchange_service.h"

#include <string>
#include <vector>

#include "pingan/exchange/v1/exchange.grpc.pb.h"
#include "services/exchange/exchange_lists.h"
#include "tests/services/exchange/exchange_fixture.h"

namespace pingan::exchange {
namespace {

using test::IsOk;
using test::Refused;
using ::testing::ElementsAre;

class ExchangeServiceTest : public ExchangeFixture {
 protected:
  void SetUp() override {
    ExchangeFixture::SetUp();
    Serve(ExchangeService::Make, {"directory", "pairing"});
    stub_ = v1::ExchangeService::NewStub(channel());
  }
  absl::StatusOr<v1::ListListingsResponse> List(const v1::ListListingsRequest& request,
                                                const rpc::Caller& caller) {
    return Ask(*stub_, &v1::ExchangeService::Stub::ListListings, request, caller);
  }
  absl::StatusOr<v1::ListMatchesResponse> List(const v1::ListMatchesRequest& request,
                                               const rpc::Caller& caller) {
    return Ask(*stub_, &v1::ExchangeService::Stub::ListMatches, request, caller);
  }
  template <class Rows>
  static std::vector<std::string> Names(const Rows& rows) {
    std::vector<std::string> names;
    for (const auto& row : rows) names.push_back(row.name());
    return names;
  }

  std::unique_ptr<v1::ExchangeService::Stub> stub_;
};

TEST_F(ExchangeServiceTest, AnybodyIsToldTheCategories) {
  const auto categories = Ask(*stub_, &v1::ExchangeService::Stub::ListCategories,
                              v1::ListCategoriesRequest(), Anyone());
  ASSERT_THAT(categories, IsOk());
  EXPECT_EQ(categories->categories_size(), 10);
}

TEST_F(ExchangeServiceTest, NobodyElseComesInWithoutAToken) {
  v1::ListListingsRequest request;
  request.set_parent(kParent);
  EXPECT_THAT(List(request, Anyone()), Refused(errors::v1::NOT_SIGNED_IN));
}

TEST_F(ExchangeServiceTest, ListingsPageNewestFirst) {
  std::vector<std::string> newest_first;
  for (int i = 0; i < 5; ++i) {
    newest_first.insert(newest_first.begin(), PublishedNeed());
  }
  v1::ListListingsRequest request;
  request.set_parent(kParent);
  request.set_page_size(3);
  const auto first = List(request, manager_);
  ASSERT_THAT(first, IsOk());
  request.set_page_token(first->next_page_token());
  const auto second = List(request, manager_);
  std::vector<std::string> names = Names(first->listings());
  for (const std::string& name : Names(second->listings())) names.push_back(name);
  EXPECT_EQ(names, newest_first);
  EXPECT_EQ(second->next_page_token(), "");
  request.set_direction(v1::NEED);
  EXPECT_THAT(List(request, manager_), Refused(errors::v1::INVALID_PAGE_TOKEN));
}

TEST_F(ExchangeServiceTest, ListingsAreFiltered) {
  const std::string need = PublishedNeed();
  v1::Listing of_grid = Need();
  of_grid.set_party(kGrid);
  of_grid.set_mechanism(event::v1::RISK);
  const std::string grids = Published(of_grid, worker_);
  v1::Listing hall = Resource();
  hall.set_category(v1::VENUE);
  hall.set_measure(v1::SEATS);
  const std::string draft = Create(hall, manager_)->name();
  struct Row {
    void (*set)(v1::ListListingsRequest&);
    std::vector<std::string> names;
  };
  const Row rows[] = {
      {[](v1::ListListingsRequest&) {}, {draft, grids, need}},
      {[](v1::ListListingsRequest& r) { r.set_direction(v1::NEED); }, {grids, need}},
      {[](v1::ListListingsRequest& r) { r.set_category(v1::VENUE); }, {draft}},
      {[](v1::ListListingsRequest& r) { r.set_mechanism(event::v1::RISK); }, {grids}},
      {[](v1::ListListingsRequest& r) { r.set_party(kLongxing); }, {grids, need}},
      {[](v1::ListListingsRequest& r) { r.set_party(kGrid); }, {grids}},
      {[](v1::ListListingsRequest& r) { r.set_state(v1::DRAFT); }, {draft}},
  };
  for (const Row& row : rows) {
    v1::ListListingsRequest request;
    request.set_parent(kParent);
    row.set(request);
    EXPECT_EQ(Names(List(request, official_)->listings()), row.names) << request.DebugString();
  }
}

TEST_F(ExchangeServiceTest, MatchesAreFilteredAndPaged) {
  const std::string need = PublishedNeed(), resource = PublishedResource();
  const std::string first = Propose(need, resource, 1, worker_)->name();
  const std::string second = Propose(need, "", 1, manager_, kBofei)->name();
  ASSERT_THAT(Accept(second, worker_), IsOk());
  v1::ListMatchesRequest request;
  request.set_parent(kParent);
  EXPECT_THAT(Names(List(request, official_)->matches()), ElementsAre(second, first));
  request.set_page_size(1);
  const auto page = List(request, manager_);
  EXPECT_THAT(Names(page->matches()), ElementsAre(second));
  request.set_page_token(page->next_page_token());
  EXPECT_THAT(Names(List(request, manager_)->matches()), ElementsAre(first));
  request.clear_page_token();
  request.clear_page_size();
  request.set_listing(resource);
  EXPECT_THAT(Names(List(request, official_)->matches()), ElementsAre(first));
  request.set_listing(need);
  request.set_state(v1::ACCEPTED);
  EXPECT_THAT(Names(List(request, official_)->matches()), ElementsAre(second));
  request.set_party(kOtherFirm);
  EXPECT_EQ(List(request, official_)->matches_size(), 0);
}

TEST_F(ExchangeServiceTest, LinesAreTheLedgerOldestFirst) {
  const std::string match = Accepted(10);
  clock().Advance(absl::Seconds(1));
  ASSERT_THAT(Deliver(match, 4, manager_), IsOk());
  clock().Advance(absl::Seconds(1));
  ASSERT_THAT(Confirm(match, 3, worker_), IsOk());
  clock().Advance(absl::Seconds(1));
  ASSERT_THAT(Lose(match, 1, worker_), IsOk());
  clock().Advance(absl::Seconds(1));
  ASSERT_THAT(CloseMatch(match, worker_), IsOk());
  v1::ListLinesRequest request;
  request.set_parent(match);
  request.set_page_size(3);
  std::vector<std::string> ledger;
  do {
    const auto page = Ask(*stub_, &v1::ExchangeService::Stub::ListLines, request, manager_);
    ASSERT_THAT(page, IsOk());
    for (const v1::Line& line : page->lines())
      ledger.push_back(absl::StrCat(v1::LineKind_Name(line.kind()), " ", line.quantity()));
    EXPECT_EQ(page->lines(0).writer().substr(0, 24), "towns/330481003/people/0");
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(ledger, ElementsAre("LINE_COMMITTED 10", "LINE_DELIVERED 4", "LINE_CONFIRMED 3",
                                  "LINE_LOST 1", "LINE_CANCELLED 6"));
}

TEST_F(ExchangeServiceTest, WhatTheServiceKeepsNobodySends) {
  v1::CreateListingRequest request;
  request.set_parent(kParent);
  *request.mutable_listing() = Need();
  request.mutable_listing()->set_committed(5);
  request.mutable_listing()->set_released(true);
  request.mutable_listing()->set_state(v1::CLOSED);
  const auto listing = Ask(*stub_, &v1::ExchangeService::Stub::CreateListing, request, worker_);
  ASSERT_THAT(listing, IsOk());
  EXPECT_EQ(listing->committed(), 0);
  EXPECT_FALSE(listing->released());
  EXPECT_EQ(listing->state(), v1::DRAFT);
}

TEST_F(ExchangeServiceTest, ABadRequestNamesAllItsFieldsInChinese) {
  v1::CreateListingRequest request;
  request.set_parent("towns/33048");
  request.mutable_listing()->set_title("椅");
  const auto refusal = Ask(*stub_, &v1::ExchangeService::Stub::CreateListing, request, worker_);
  for (const char* field : {"parent", "listing.title", "listing.party", "listing.quantity",
                            "listing.direction", "listing.category", "listing.measure"}) {
    EXPECT_TRUE(test::NamesField(refusal.status(), field)) << field;
  }
  EXPECT_FALSE(test::TextOf(refusal.status()).empty());
}

TEST_F(ExchangeServiceTest, AnAcceptanceAskedForTwiceIsAnsweredTwiceAndCountedOnce) {
  const std::string match = Propose(PublishedNeed(), PublishedResource(), 6, worker_)->name();
  v1::AcceptMatchRequest request;
  request.set_name(match);
  request.set_request_id("0190a000-0000-4000-8000-000000000001");
  const auto first = Ask(*stub_, &v1::ExchangeService::Stub::AcceptMatch, request, manager_);
  ASSERT_THAT(first, IsOk());
  const auto second = Ask(*stub_, &v1::ExchangeService::Stub::AcceptMatch, request, manager_);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->etag(), second->etag());
  EXPECT_EQ(Get(kListings, first->need()).committed(), 6);
}

}  // namespace
}  // namespace pingan::exchange
