#include "services/exchange/listing_rules.h"

#include <string>

#include "services/exchange/categories.h"
#include "tests/services/exchange/exchange_fixture.h"

namespace pingan::exchange {
namespace {

using test::IsOk;
using test::Refused;
using test::RefusesField;

class ListingRulesTest : public ExchangeFixture {};

TEST(Categories, HaveTheirMeasuresAndWords) {
  struct Row {
    v1::Category category;
    const char* measures;
  };
  const Row rows[] = {
      {v1::VENUE, "座、场次"},         {v1::VOLUNTEERS, "人、小时"},
      {v1::EQUIPMENT, "件"},           {v1::LEGAL_ADVICE, "人、小时、场次"},
      {v1::SAFETY_TALK, "场次、小时"}, {v1::TRAINING, "场次、座"},
      {v1::POLICY_ADVICE, "项、场次"}, {v1::JOBS, "人"},
      {v1::CARE, "人、项、件"},        {v1::OTHER, "人、件、座、场次、小时、项"},
  };
  const v1::ListCategoriesResponse all = AllCategories();
  ASSERT_EQ(all.categories_size(), 10);
  for (int i = 0; i < all.categories_size(); ++i) {
    const v1::CategoryInfo& info = all.categories(i);
    EXPECT_EQ(info.category(), rows[i].category);
    EXPECT_EQ(info.title(), base::WordOf(rows[i].category));
    std::string titles;
    for (const std::string& title : info.measure_titles())
      absl::StrAppend(&titles, titles.empty() ? "" : "、", title);
    EXPECT_EQ(titles, rows[i].measures);
  }
}

TEST_F(ListingRulesTest, APartysPeopleWriteDrafts) {
  const auto need = Create(Need(), worker_);
  ASSERT_THAT(need, IsOk());
  EXPECT_EQ(need->state(), v1::DRAFT);
  EXPECT_EQ(need->remaining(), 10);
  EXPECT_EQ(need->fulfilment(), v1::NOTHING);
  EXPECT_FALSE(need->awaiting_release());
  EXPECT_EQ(need->etag(), "1");
  EXPECT_THAT(Create(Resource(), manager_), IsOk());
  v1::Listing of_grid = Need();
  of_grid.set_party(kGrid);
  EXPECT_THAT(Create(of_grid, worker_), IsOk());
  EXPECT_THAT(Create(of_grid, grid_worker_), IsOk());
}

TEST_F(ListingRulesTest, NobodyWritesForAPartyTheyDoNotActFor) {
  for (const rpc::Caller& caller : {manager_, stranger_, grid_worker_, official_, resident_}) {
    EXPECT_THAT(Create(Need(), caller), Refused(errors::v1::NOT_PARTY));
  }
}

TEST_F(ListingRulesTest, ThePartyMustBeThereAndOfTheTown) {
  for (const char* unknown : {"towns/330481003/units/330481003999", kMerged, kElsewhere,
                              "towns/330481003/enterprises/01900000-0000-7000-8000-00000000000f"}) {
    v1::Listing listing = Resource();
    listing.set_party(unknown);
    const auto refusal = Create(listing, manager_);
    EXPECT_THAT(refusal, Refused(errors::v1::UNKNOWN_PARTY));
    EXPECT_EQ(test::MetadataOf(refusal.status(), "party"), unknown);
  }
}

TEST_F(ListingRulesTest, TheMeasureIsOneOfTheCategorys) {
  v1::Listing listing = Resource();
  listing.set_measure(v1::HOURS);
  const auto refusal = Create(listing, manager_);
  EXPECT_THAT(refusal, RefusesField("listing.measure"));
  EXPECT_EQ(test::TextOf(refusal.status()), "该类别的计量单位只能是：件");
}

TEST_F(ListingRulesTest, TheWindowIsOne) {
  v1::Listing listing = Resource();
  SetWindow(listing, absl::CivilDay(2026, 12, 2), absl::CivilDay(2026, 12, 1));
  EXPECT_THAT(Create(listing, manager_), RefusesField("listing.end_date"));
  SetWindow(listing, absl::CivilDay(2026, 12, 1), absl::CivilDay(2026, 12, 1));
  EXPECT_THAT(Create(listing, manager_), IsOk());
  listing.mutable_start_date()->set_month(13);
  EXPECT_THAT(Create(listing, manager_), RefusesField("listing.start_date"));
  listing.clear_start_date();
  EXPECT_THAT(Create(listing, manager_), IsOk());
  listing.mutable_end_date()->clear_day();
  EXPECT_THAT(Create(listing, manager_), RefusesField("listing.end_date"));
}

TEST_F(ListingRulesTest, ANeedSaysWhenItOpensAResourceNeedNot) {
  v1::Listing silent = Need();
  silent.clear_release_time();
  const std::string need = Create(silent, worker_)->name();
  const auto refusal = Publish(need, worker_);
  EXPECT_THAT(refusal, Refused(errors::v1::LISTING_INCOMPLETE));
  EXPECT_EQ(test::MetadataOf(refusal.status(), "missing"), "公开时间");
  EXPECT_EQ(Get(kListings, need).state(), v1::DRAFT);

  const v1::Listing resource = Get(kListings, PublishedResource());
  EXPECT_EQ(resource.state(), v1::PUBLISHED);
  EXPECT_FALSE(resource.released());
  EXPECT_FALSE(resource.awaiting_release());
}

TEST_F(ListingRulesTest, WhatIsPublishedWaitsForItsTimeOrIsReleasedAtOnceWhenThatIsPast) {
  const v1::Listing waits = Get(kListings, PublishedNeed());
  EXPECT_FALSE(waits.released());
  EXPECT_TRUE(waits.awaiting_release());

  v1::Listing past = Need();
  *past.mutable_release_time() = base::ToTimestamp(clock().Now() - absl::Seconds(1));
  const v1::Listing released = Get(kListings, Published(past, worker_));
  EXPECT_TRUE(released.released());
  EXPECT_FALSE(released.awaiting_release());
}

TEST_F(ListingRulesTest, ItsPartyReleasesItBeforeItsTimeAndAgainToNoEffect) {
  const std::string name = PublishedNeed();
  EXPECT_THAT(Release(name, manager_), Refused(errors::v1::NOT_PARTY)) << "reads it as the pair";
  EXPECT_THAT(Release(name, official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Release(name, stranger_), Refused(errors::v1::NOT_FOUND));
  const auto released = Release(name, worker_);
  ASSERT_THAT(released, IsOk());
  EXPECT_TRUE(released->released());
  EXPECT_FALSE(released->awaiting_release());
  const int64_t changes = Changes();
  EXPECT_EQ(Release(name, worker_)->etag(), released->etag());
  EXPECT_EQ(Changes(), changes);
}

TEST_F(ListingRulesTest, ADraftIsNotThereForOthersAndAPublishedOneIsNotTheirs) {
  const std::string name = Create(Need(), worker_)->name();
  EXPECT_THAT(Publish(name, manager_), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Publish(name, official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Publish(kNowhere, worker_), Refused(errors::v1::NOT_FOUND));
  ASSERT_THAT(Publish(name, worker_), IsOk());
  EXPECT_THAT(Withdraw(name, manager_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(CloseListing(name, stranger_), Refused(errors::v1::NOT_FOUND));
}

TEST_F(ListingRulesTest, EveryPairOfStateAndVerbIsAllowedOrRefusedAsTheTableSays) {
  const std::string draft = Create(Need(), worker_)->name();
  EXPECT_THAT(Release(draft, worker_), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(CloseListing(draft, worker_), Refused(errors::v1::WRONG_STATE));
  ASSERT_THAT(Withdraw(draft, worker_), IsOk());
  const std::string closed = PublishedNeed();
  EXPECT_THAT(Publish(closed, worker_), Refused(errors::v1::WRONG_STATE));
  ASSERT_THAT(CloseListing(closed, worker_), IsOk());
  EXPECT_EQ(Get(kListings, closed).close_reason(), "不再需要");
  EXPECT_FALSE(Get(kListings, closed).awaiting_release());
  for (const std::string& name : {draft, closed}) {
    EXPECT_THAT(Update(Get(kListings, name), "title", worker_), Refused(errors::v1::WRONG_STATE));
    EXPECT_THAT(Publish(name, worker_), Refused(errors::v1::WRONG_STATE));
    EXPECT_THAT(Release(name, worker_), Refused(errors::v1::WRONG_STATE));
    EXPECT_THAT(Withdraw(name, worker_), Refused(errors::v1::WRONG_STATE));
    EXPECT_THAT(CloseListing(name, worker_), Refused(errors::v1::WRONG_STATE));
  }
}

TEST_F(ListingRulesTest, ADraftChangesInAllButItsParty) {
  v1::Listing listing = *Create(Resource(), manager_);
  listing.set_category(v1::VENUE);
  EXPECT_THAT(Update(listing, "category", manager_), RefusesField("listing.measure"));
  listing.set_measure(v1::SEATS);
  listing.set_quantity(200);
  v1::UpdateListingRequest request;
  *request.mutable_listing() = listing;
  const auto updated = Run(DecideUpdateListing, request, manager_);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->remaining(), 200);
  EXPECT_EQ(updated->etag(), "2");
  listing.clear_etag();
  listing.set_party(kLongxing);
  EXPECT_THAT(Update(listing, "party", manager_), RefusesField("update_mask"));
}

TEST_F(ListingRulesTest, WhatWasAnnouncedStays) {
  v1::Listing listing = Get(kListings, PublishedNeed());
  listing.clear_etag();
  listing.set_title("礼堂折叠椅");
  EXPECT_EQ(Update(listing, "title", worker_)->title(), "礼堂折叠椅");
  for (const char* path : {"direction", "category", "mechanism", "measure", "party"})
    EXPECT_THAT(Update(listing, path, worker_), RefusesField("update_mask")) << path;
  listing.clear_release_time();
  EXPECT_THAT(Update(listing, "release_time", worker_), Refused(errors::v1::LISTING_INCOMPLETE));
}

TEST_F(ListingRulesTest, AStaleEtagChangesNothing) {
  v1::Listing listing = *Create(Resource(), manager_);
  ASSERT_THAT(Update(listing, "title", manager_), IsOk());
  listing.set_title("第二次改名");
  EXPECT_THAT(Update(listing, "title", manager_), Refused(errors::v1::STALE_ETAG));
  EXPECT_EQ(Get(kListings, listing.name()).title(), Resource().title());
}

TEST_F(ListingRulesTest, TheQuantityStaysAboveWhatIsCommitted) {
  const std::string need = PublishedNeed(10), resource = PublishedResource(10);
  ASSERT_THAT(Accept(Propose(need, resource, 6, worker_)->name(), manager_), IsOk());
  v1::Listing listing = Get(kListings, resource);
  listing.set_quantity(5);
  const auto refusal = Update(listing, "quantity", manager_);
  EXPECT_THAT(refusal, Refused(errors::v1::QUANTITY_COMMITTED));
  EXPECT_EQ(test::MetadataOf(refusal.status(), "committed"), "6");
  listing.set_quantity(6);
  EXPECT_EQ(Update(listing, "quantity", manager_)->remaining(), 0);
  ExpectLedgerToHold();
}

TEST_F(ListingRulesTest, WhatIsCommittedIsNotTakenBackButMayBeClosed) {
  const std::string need = PublishedNeed(10), resource = PublishedResource(10);
  const std::string match = Propose(need, resource, 6, worker_)->name();
  ASSERT_THAT(Accept(match, manager_), IsOk());
  EXPECT_THAT(Withdraw(resource, manager_), Refused(errors::v1::STILL_COMMITTED));
  ASSERT_THAT(CloseListing(resource, manager_), IsOk());
  // Matches under way go on.
  ASSERT_THAT(Deliver(match, 6, manager_), IsOk());
  EXPECT_EQ(Confirm(match, 6, worker_)->state(), v1::CONFIRMED);
  EXPECT_EQ(Get(kListings, resource).confirmed(), 6);
  ExpectLedgerToHold();
}

TEST_F(ListingRulesTest, AWithdrawnListingIsFreeOfItsCancelledMatches) {
  const std::string need = PublishedNeed(10), resource = PublishedResource(10);
  const std::string match = Propose(need, resource, 6, worker_)->name();
  ASSERT_THAT(Accept(match, manager_), IsOk());
  ASSERT_THAT(Cancel(match, manager_), IsOk());
  EXPECT_THAT(Withdraw(resource, manager_), IsOk());
}

}  // namespace
}  // namespace pingan::exchange
