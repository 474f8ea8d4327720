#include "services/exchange/suggestions.h"

#include <string>
#include <vector>

#include "pingan/exchange/v1/exchange.grpc.pb.h"
#include "services/exchange/exchange_service.h"
#include "services/exchange/fit.h"
#include "tests/services/exchange/exchange_fixture.h"

namespace pingan::exchange {
namespace {

using test::IsOk;
using test::Refused;
using ::testing::ElementsAre;

// An open listing of some chairs, as if it had been read.
v1::Listing Open(v1::Direction direction, int number, const std::string& party, int64_t remaining) {
  v1::Listing listing;
  listing.set_name(
      absl::StrCat(kParent, "/listings/01900000-0000-7000-8000-", 100000000000 + number));
  listing.set_direction(direction);
  listing.set_party(party);
  listing.set_category(v1::EQUIPMENT);
  listing.set_measure(v1::PIECES);
  listing.set_mechanism(event::v1::RESOURCE);
  listing.set_state(v1::PUBLISHED);
  listing.set_remaining(remaining);
  listing.mutable_create_time()->set_seconds(number);
  return listing;
}

void SetWindow(v1::Listing& listing, absl::CivilDay first, absl::CivilDay last) {
  *listing.mutable_start_date() = base::ToDate(first);
  *listing.mutable_end_date() = base::ToDate(last);
}

// "PAIRED 100 结对单位", one a part.
std::vector<std::string> Parts(const v1::Suggestion& suggestion) {
  std::vector<std::string> parts;
  for (const v1::ScorePart& part : suggestion.parts())
    parts.push_back(absl::StrCat(part.key(), " ", part.points(), " ", part.text()));
  return parts;
}

TEST(Suggestions, SayWhyInPoints) {
  v1::Listing need = Open(v1::NEED, 1, kLongxing, 10);
  SetWindow(need, absl::CivilDay(2026, 12, 1), absl::CivilDay(2026, 12, 10));
  v1::Listing resource = Open(v1::RESOURCE, 2, kBofei, 5);
  SetWindow(resource, absl::CivilDay(2026, 12, 6), absl::CivilDay(2027, 12, 31));
  const auto best = BestSuggestions(need, {resource}, {kBofei}, 5);
  ASSERT_EQ(best.size(), 1u);
  EXPECT_THAT(Parts(best[0]), ElementsAre("PAIRED 100 结对单位", "SAME_TOWN 20 同一镇街",
                                          "QUANTITY 15 可满足需求的50%", "WINDOW 10 时间重合5天",
                                          "MECHANISM 10 八联机制相同"));
  EXPECT_EQ(best[0].score(), 155);
  EXPECT_EQ(best[0].quantity(), 5);
  EXPECT_EQ(best[0].listing().name(), resource.name());

  // The same seen from the resource.
  const auto back = BestSuggestions(resource, {need}, {kLongxing}, 5);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_THAT(Parts(back[0]), ElementsAre(testing::_, testing::_, "QUANTITY 15 可满足需求的50%",
                                          "WINDOW 10 时间重合5天", testing::_));
}

TEST(Suggestions, PartsThatGiveNothingAreLeftOut) {
  const v1::Listing need = Open(v1::NEED, 1, kLongxing, 100);
  v1::Listing resource = Open(v1::RESOURCE, 2, kOtherFirm, 1);
  resource.set_mechanism(event::v1::RISK);
  EXPECT_THAT(Parts(BestSuggestions(need, {resource}, {kBofei}, 5)[0]),
              ElementsAre("SAME_TOWN 20 同一镇街", "WINDOW 20 时间不冲突"));
}

TEST(Suggestions, OpenWindowsAreLongerThanAnyOther) {
  struct Row {
    int need_first, need_last, first, last;  // days of December 2026; 0 is open
    int points;
  };
  const Row rows[] = {{0, 0, 0, 0, 20},   {1, 10, 0, 0, 20},   {0, 0, 1, 10, 20},
                      {1, 10, 10, 0, 2},  {1, 10, 0, 5, 10},   {1, 10, 1, 10, 20},
                      {1, 10, 10, 19, 2}, {1, 20, 16, 25, 10}, {5, 0, 1, 10, 12}};
  for (const Row& row : rows) {
    v1::Listing need = Open(v1::NEED, 1, kLongxing, 1);
    v1::Listing resource = Open(v1::RESOURCE, 2, kBofei, 1);
    const auto set = [](int day, google::type::Date* date) {
      *date = base::ToDate(absl::CivilDay(2026, 12, day));
    };
    if (row.need_first > 0) set(row.need_first, need.mutable_start_date());
    if (row.need_last > 0) set(row.need_last, need.mutable_end_date());
    if (row.first > 0) set(row.first, resource.mutable_start_date());
    if (row.last > 0) set(row.last, resource.mutable_end_date());
    EXPECT_EQ(PointsOf(resource, need, false).window, row.points)
        << row.need_first << " " << row.need_last << " " << row.first << " " << row.last;
  }
}

TEST(Suggestions, OnlyWhatFits) {
  v1::Listing need = Open(v1::NEED, 1, kLongxing, 10);
  SetWindow(need, absl::CivilDay(2026, 12, 1), absl::CivilDay(2026, 12, 10));
  const v1::Listing fits = Open(v1::RESOURCE, 2, kBofei, 5);
  v1::Listing same_party = fits, other_category = fits, other_measure = fits, none_left = fits,
              same_direction = fits, too_late = fits;
  same_party.set_party(kLongxing);
  other_category.set_category(v1::CARE);
  other_measure.set_measure(v1::ITEMS);
  none_left.set_remaining(0);
  same_direction.set_direction(v1::NEED);
  SetWindow(too_late, absl::CivilDay(2026, 12, 11), absl::CivilDay(2026, 12, 12));
  EXPECT_EQ(BestSuggestions(need,
                            {same_party, other_category, other_measure, none_left, same_direction,
                             too_late, fits},
                            {}, 50)
                .size(),
            1u);
  need.set_remaining(0);
  EXPECT_TRUE(BestSuggestions(need, {fits}, {}, 50).empty());
}

TEST(Suggestions, BestFirstThenTheOldest) {
  const v1::Listing need = Open(v1::NEED, 1, kLongxing, 10);
  const std::vector<v1::Listing> candidates = {
      Open(v1::RESOURCE, 5, kOtherFirm, 10), Open(v1::RESOURCE, 4, kOtherFirm, 10),
      Open(v1::RESOURCE, 3, kOtherFirm, 1), Open(v1::RESOURCE, 6, kBofei, 1)};
  std::vector<int64_t> ages;
  for (const v1::Suggestion& suggestion : BestSuggestions(need, candidates, {kBofei}, 3))
    ages.push_back(suggestion.listing().create_time().seconds());
  EXPECT_THAT(ages, ElementsAre(6, 4, 5));
}

TEST(Suggestions, AGridIsPairedAsItsUnitIs) {
  const v1::Listing resource = Open(v1::RESOURCE, 1, kBofei, 10);
  const auto best = BestSuggestions(resource, {Open(v1::NEED, 2, kGrid, 10)}, {kLongxing}, 3);
  EXPECT_EQ(best[0].parts(0).key(), "PAIRED");
}

class SuggestionLists : public ExchangeFixture {
 protected:
  void SetUp() override {
    ExchangeFixture::SetUp();
    Serve(ExchangeService::Make, {"directory", "pairing"});
    stub_ = v1::ExchangeService::NewStub(channel());
  }
  absl::StatusOr<v1::SuggestListingsResponse> Suggest(const std::string& name,
                                                      const rpc::Caller& caller) {
    v1::SuggestListingsRequest request;
    request.set_name(name);
    return Ask(*stub_, &v1::ExchangeService::Stub::SuggestListings, request, caller);
  }
  absl::StatusOr<v1::SuggestForPartyResponse> SuggestFor(const std::string& party,
                                                         const rpc::Caller& caller) {
    v1::SuggestForPartyRequest request;
    request.set_parent(kParent);
    request.set_party(party);
    return Ask(*stub_, &v1::ExchangeService::Stub::SuggestForParty, request, caller);
  }
  // A published resource of the firm that is not paired.
  std::string PublishedByStranger() {
    v1::Listing listing = Resource();
    listing.set_party(kOtherFirm);
    return Published(listing, stranger_);
  }

  std::unique_ptr<v1::ExchangeService::Stub> stub_;
};

TEST_F(SuggestionLists, ThePairComesFirstAndWhatIsNotReleasedIsNotSuggested) {
  const std::string need = PublishedNeed();
  const std::string hidden = PublishedByStranger(), shown = PublishedByStranger();
  const std::string of_pair = PublishedResource();
  ASSERT_THAT(Release(shown, stranger_), IsOk());
  const auto suggestions = Suggest(need, worker_);
  ASSERT_THAT(suggestions, IsOk());
  ASSERT_EQ(suggestions->suggestions_size(), 2);
  EXPECT_EQ(suggestions->suggestions(0).listing().name(), of_pair);
  EXPECT_EQ(suggestions->suggestions(1).listing().name(), shown);
  // The town's officials see all.
  EXPECT_EQ(Suggest(need, official_)->suggestions_size(), 3);
  EXPECT_THAT(Suggest(need, stranger_), Refused(errors::v1::NOT_FOUND));
}

TEST_F(SuggestionLists, DraftsAndClosedOnesAreNotSuggestedAndClosedOnesGetNone) {
  ASSERT_THAT(Create(Resource(), manager_), IsOk());
  const std::string closed = PublishedResource(), need = PublishedNeed();
  ASSERT_THAT(CloseListing(closed, manager_), IsOk());
  EXPECT_EQ(Suggest(need, worker_)->suggestions_size(), 0);
  PublishedResource();
  EXPECT_EQ(Suggest(need, worker_)->suggestions_size(), 1);
  ASSERT_THAT(CloseListing(need, worker_), IsOk());
  EXPECT_EQ(Suggest(need, worker_)->suggestions_size(), 0);
  EXPECT_EQ(Suggest(Create(Need(), worker_)->name(), worker_)->suggestions_size(), 1)
      << "a draft may ask what there is";
}

TEST_F(SuggestionLists, APartyAsksWhatFitsEachOfItsOwn) {
  const std::string chairs = PublishedNeed();
  v1::Listing talk = Need();
  talk.set_category(v1::SAFETY_TALK);
  talk.set_measure(v1::SESSIONS);
  const std::string talks = Published(talk, worker_);
  Create(Need(), worker_).IgnoreError();
  for (int i = 0; i < 6; ++i) PublishedResource();
  const auto fits = SuggestFor(kLongxing, worker_);
  ASSERT_THAT(fits, IsOk());
  ASSERT_EQ(fits->fits_size(), 2);
  EXPECT_EQ(fits->fits(0).listing().name(), talks);
  EXPECT_EQ(fits->fits(0).suggestions_size(), 0);
  EXPECT_EQ(fits->fits(1).listing().name(), chairs);
  EXPECT_EQ(fits->fits(1).suggestions_size(), 5);
  EXPECT_THAT(SuggestFor(kLongxing, city_official_), IsOk());
  EXPECT_THAT(SuggestFor(kLongxing, manager_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(SuggestFor(kLongxing, resident_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(SuggestFor(kElsewhere, outsider_), test::RefusesField("party"))
      << "of another town than it was asked for";
}

TEST_F(SuggestionLists, AtMostFifty) {
  const std::string need = PublishedNeed();
  for (int i = 0; i < 51; ++i) PublishedResource();
  EXPECT_EQ(Suggest(need, worker_)->suggestions_size(), 50);
}

}  // namespace
}  // namespace pingan::exchange
