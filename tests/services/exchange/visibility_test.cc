// Who sees which listing, as a table; rules, handlers and lists must agree on it.
#include "services/exchange/visibility.h"

#include <string>
#include <vector>

#include "pingan/exchange/v1/exchange.grpc.pb.h"
#include "services/exchange/exchange_service.h"
#include "tests/services/exchange/exchange_fixture.h"

namespace pingan::exchange {
namespace {

using test::IsOk;
using test::Refused;

class VisibilityTest : public ExchangeFixture {
 protected:
  void SetUp() override {
    ExchangeFixture::SetUp();
    Serve(ExchangeService::Make, {"directory", "pairing"});
    stub_ = v1::ExchangeService::NewStub(channel());
    callers_ = {{"worker", worker_},     {"grid worker", grid_worker_},
                {"manager", manager_},   {"other worker", other_worker_},
                {"stranger", stranger_}, {"outsider", outsider_},
                {"official", official_}, {"city official", city_official_},
                {"resident", resident_}};
  }

  // Who gets it, by GetListing; all others must be told that it is not there. Lists and rules must
  // say the same.
  std::string ReadersOf(const std::string& name) {
    std::string readers;
    for (const auto& [called, caller] : callers_) {
      v1::GetListingRequest request;
      request.set_name(name);
      const auto got = Ask(*stub_, &v1::ExchangeService::Stub::GetListing, request, caller);
      if (got.ok()) {
        absl::StrAppend(&readers, readers.empty() ? "" : ", ", called);
      } else {
        EXPECT_THAT(got, Refused(errors::v1::NOT_FOUND)) << called;
      }
      EXPECT_EQ(Lists(name, caller), got.ok()) << called << ": the list says otherwise";
      EXPECT_EQ(Refusal(name, caller) != "NOT_FOUND", got.ok())
          << called << ": the rule says otherwise";
    }
    return readers;
  }
  bool Lists(const std::string& name, const rpc::Caller& caller) {
    v1::ListListingsRequest request;
    request.set_parent(kParent);
    const auto page = Ask(*stub_, &v1::ExchangeService::Stub::ListListings, request, caller);
    EXPECT_THAT(page, IsOk());
    for (const v1::Listing& listing : page->listings()) {
      if (listing.name() == name) return true;
    }
    return false;
  }
  // Of a change that nobody is let through with.
  std::string Refusal(const std::string& name, const rpc::Caller& caller) {
    v1::UpdateListingRequest request;
    request.mutable_listing()->set_name(name);
    request.mutable_listing()->set_etag("0");
    return base::ReasonOf(Run(DecideUpdateListing, request, caller).status());
  }
  std::unique_ptr<v1::ExchangeService::Stub> stub_;
  std::vector<std::pair<std::string, rpc::Caller>> callers_;
};

TEST_F(VisibilityTest, ADraftIsForItsPartyAndOfficials) {
  EXPECT_EQ(ReadersOf(Create(Need(), worker_)->name()), "worker, official, city official");
}

TEST_F(VisibilityTest, APublishedOneIsForThePair) {
  EXPECT_EQ(ReadersOf(PublishedNeed()), "worker, manager, official, city official");
  EXPECT_EQ(ReadersOf(PublishedResource()),
            "worker, grid worker, manager, official, city official");
}

TEST_F(VisibilityTest, AGridCountsAsItsUnit) {
  v1::Listing of_grid = Need();
  of_grid.set_party(kGrid);
  EXPECT_EQ(ReadersOf(Published(of_grid, grid_worker_)),
            "worker, grid worker, manager, official, city official");
}

TEST_F(VisibilityTest, AReleasedOneIsForWhoeverActsForAPartyOfTheTown) {
  const std::string name = PublishedNeed();
  ASSERT_THAT(Release(name, worker_), IsOk());
  const char* all = "worker, grid worker, manager, other worker, stranger, official, city official";
  EXPECT_EQ(ReadersOf(name), all);
  ASSERT_THAT(CloseListing(name, worker_), IsOk());
  EXPECT_EQ(ReadersOf(name), all) << "closed, it goes on showing";
}

TEST_F(VisibilityTest, AWithdrawnOneIsGoneForAllOthers) {
  const std::string name = PublishedNeed();
  ASSERT_THAT(Release(name, worker_), IsOk());
  ASSERT_THAT(Withdraw(name, worker_), IsOk());
  EXPECT_EQ(ReadersOf(name), "worker, official, city official");
}

TEST_F(VisibilityTest, OnlyAnActivePairingMakesAPair) {
  const std::string name = PublishedNeed();
  for (const auto state :
       {pairing::v1::PROPOSED, pairing::v1::ACCEPTED, pairing::v1::SUSPENDED, pairing::v1::ENDED}) {
    ASSERT_THAT(Act(test::kTown,
                    [&](db::UnitOfWork& work) {
                      work.Change(*work.FindOrNull(kPairings, pairing_), "put").set_state(state);
                      return absl::OkStatus();
                    }),
                IsOk());
    EXPECT_EQ(ReadersOf(name), "worker, official, city official");
  }
  PutPairing(kOtherFirm, kLongxing, pairing::v1::ACTIVE);
  EXPECT_EQ(ReadersOf(name), "worker, stranger, official, city official");
}

TEST_F(VisibilityTest, ARevokedGrantReadsNothing) {
  const std::string name = PublishedNeed();
  ASSERT_THAT(Act(test::kTown,
                  [&](db::UnitOfWork& work) {
                    for (const auto* grant :
                         work.List(service::kActiveGrantsOf, test::kTown, 9, manager_.person, true))
                      work.Change(*grant, "put").set_active(false);
                    return absl::OkStatus();
                  }),
              IsOk());
  EXPECT_EQ(ReadersOf(name), "worker, official, city official");
}

TEST_F(VisibilityTest, MatchesAndTheirLinesAreForTheirPartiesAndOfficials) {
  const std::string name = Accepted(3);
  std::string readers;
  for (const auto& [called, caller] : callers_) {
    v1::GetMatchRequest request;
    request.set_name(name);
    const auto got = Ask(*stub_, &v1::ExchangeService::Stub::GetMatch, request, caller);
    if (got.ok()) absl::StrAppend(&readers, readers.empty() ? "" : ", ", called);
    v1::ListLinesRequest lines;
    lines.set_parent(name);
    const auto ledger = Ask(*stub_, &v1::ExchangeService::Stub::ListLines, lines, caller);
    EXPECT_EQ(ledger.ok(), got.ok()) << called;
    if (!got.ok()) {
      EXPECT_THAT(got, Refused(errors::v1::NOT_FOUND)) << called;
      EXPECT_THAT(ledger, Refused(errors::v1::NOT_FOUND)) << called;
    }
    v1::ListMatchesRequest list;
    list.set_parent(kParent);
    EXPECT_EQ(
        Ask(*stub_, &v1::ExchangeService::Stub::ListMatches, list, caller)->matches_size() > 0,
        got.ok())
        << called;
  }
  EXPECT_EQ(readers, "worker, manager, official, city official");
}

}  // namespace
}  // namespace pingan::exchange
