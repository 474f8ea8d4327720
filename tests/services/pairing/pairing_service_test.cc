#include "services/pairing/pairing_service.h"

#include <memory>
#include <string>
#include <vector>

#include "tests/services/pairing/pairing_fixture.h"

namespace pingan::pairing {
namespace {

using test::IsOk;
using test::Refused;

class PairingServiceTest : public PairingFixture {
 protected:
  void SetUp() override {
    PairingFixture::SetUp();
    Serve(PairingService::Make, {"directory", "event", "exchange"});
    stub_ = v1::PairingService::NewStub(channel());
  }
  absl::StatusOr<v1::Pairing> GetPairing(const std::string& name, const rpc::Caller& caller) {
    v1::GetPairingRequest request;
    request.set_name(name);
    return Ask(*stub_, &v1::PairingService::Stub::GetPairing, request, caller);
  }
  v1::ListPairingsResponse List(const v1::ListPairingsRequest& request, const rpc::Caller& caller) {
    auto response = Ask(*stub_, &v1::PairingService::Stub::ListPairings, request, caller);
    EXPECT_THAT(response, IsOk());
    return response.value_or(v1::ListPairingsResponse());
  }
  static v1::ListPairingsRequest All() {
    v1::ListPairingsRequest request;
    request.set_parent(kParent);
    return request;
  }

  std::unique_ptr<v1::PairingService::Stub> stub_;
};

TEST_F(PairingServiceTest, ProposalsAreTheirsActiveOnesAreEveryonesWithoutPersons) {
  const std::string name = Proposed();
  for (const rpc::Caller& caller : {worker_, manager_, official_, city_official_})
    EXPECT_THAT(GetPairing(name, caller), IsOk());
  for (const rpc::Caller& caller : {stranger_, resident_}) {
    EXPECT_THAT(GetPairing(name, caller), Refused(errors::v1::NOT_FOUND));
    EXPECT_EQ(List(All(), caller).pairings_size(), 0);
  }
  EXPECT_EQ(List(All(), worker_).pairings_size(), 1);
  EXPECT_EQ(List(All(), manager_).pairings_size(), 1);
  ASSERT_THAT(Accept(name, worker_), IsOk());
  ASSERT_THAT(Approve(name, official_), IsOk());
  EXPECT_EQ(GetPairing(name, worker_)->enterprise_responsible(), manager_.person);
  const auto seen = GetPairing(name, resident_);
  ASSERT_THAT(seen, IsOk());
  EXPECT_EQ(seen->enterprise_responsible(), "");
  ASSERT_EQ(List(All(), resident_).pairings_size(), 1);
  EXPECT_EQ(List(All(), resident_).pairings(0).unit_responsible(), "");
  EXPECT_THAT(GetPairing(name, Anyone()), Refused(errors::v1::NOT_SIGNED_IN));
}

TEST_F(PairingServiceTest, HistoryAndPromisesAreForThoseInside) {
  const std::string name = Active();
  const std::string promise = Run(DecideCreateCommitment, Promise(name), worker_).value().name();
  v1::ListTransitionsRequest history;
  history.set_parent(name);
  v1::GetCommitmentRequest get;
  get.set_name(promise);
  v1::ListDeedsRequest deeds;
  deeds.set_parent(promise);
  v1::ListCommitmentsRequest promises;
  promises.set_parent(name);
  for (const rpc::Caller& caller : {worker_, manager_, official_, city_official_}) {
    EXPECT_EQ(Ask(*stub_, &v1::PairingService::Stub::ListTransitions, history, caller)
                  ->transitions_size(),
              3);
    EXPECT_EQ(
        Ask(*stub_, &v1::PairingService::Stub::GetCommitment, get, caller)->progress().standing(),
        v1::NOT_DUE);
    EXPECT_THAT(Ask(*stub_, &v1::PairingService::Stub::ListDeeds, deeds, caller), IsOk());
    EXPECT_EQ(Ask(*stub_, &v1::PairingService::Stub::ListCommitments, promises, caller)
                  ->commitments_size(),
              1);
  }
  EXPECT_THAT(Ask(*stub_, &v1::PairingService::Stub::ListTransitions, history, stranger_),
              Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Ask(*stub_, &v1::PairingService::Stub::ListCommitments, promises, stranger_),
              Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Ask(*stub_, &v1::PairingService::Stub::GetCommitment, get, stranger_),
              Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Ask(*stub_, &v1::PairingService::Stub::ListDeeds, deeds, stranger_),
              Refused(errors::v1::NOT_FOUND));
}

TEST_F(PairingServiceTest, TheTownSeesWhatExpiresAndWhatWasSignedAndForgotten) {
  const std::string name = Active(-200, 20);
  v1::ListPairingsRequest expiring = All();
  expiring.set_expiring_days(30);
  EXPECT_EQ(List(expiring, official_).pairings_size(), 1);
  expiring.set_expiring_days(19);
  EXPECT_EQ(List(expiring, official_).pairings_size(), 0);

  v1::ListPairingsRequest idle = All();
  idle.set_idle_days(90);
  EXPECT_THAT(Ask(*stub_, &v1::PairingService::Stub::ListPairings, idle, worker_),
              Refused(errors::v1::FORBIDDEN));
  EXPECT_EQ(List(idle, official_).pairings_size(), 1);
  Follow(HeldTalk(1, 90));
  EXPECT_EQ(List(idle, official_).pairings_size(), 1);
  Follow(HeldTalk(2, 89));
  EXPECT_EQ(List(idle, official_).pairings_size(), 0);
  EXPECT_EQ(base::FormatDay(GetPairing(name, worker_)->last_deed_date()),
            base::FormatDay(InDays(-89)));
  EXPECT_EQ(base::FormatDay(List(All(), worker_).pairings(0).last_deed_date()),
            base::FormatDay(InDays(-89)));
}

TEST_F(PairingServiceTest, ListsPageAndFilter) {
  std::vector<std::string> names = {Active()};
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(Run(DecideEndPairing, On<v1::EndPairingRequest>(names.back()), worker_), IsOk());
    clock().Advance(absl::Seconds(1));
    names.push_back(Active());
  }
  v1::ListPairingsRequest request = All();
  request.set_page_size(2);
  std::vector<std::string> listed;
  do {
    const auto page = List(request, resident_);
    for (const v1::Pairing& pairing : page.pairings()) listed.push_back(pairing.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, names);
  v1::ListPairingsRequest ended = All();
  ended.set_state(v1::ENDED);
  EXPECT_EQ(List(ended, official_).pairings_size(), 4);
  v1::ListPairingsRequest other = All();
  other.set_enterprise(kOtherFirm);
  EXPECT_EQ(List(other, official_).pairings_size(), 0);
  other.set_enterprise(kBofei);
  other.set_unit(kLongxing);
  EXPECT_EQ(List(other, official_).pairings_size(), 5);
}

TEST_F(PairingServiceTest, OnlyOfficialsCountTheTownsPromises) {
  v1::CountCommitmentsRequest request;
  request.set_parent(kParent);
  EXPECT_THAT(Ask(*stub_, &v1::PairingService::Stub::CountCommitments, request, worker_),
              Refused(errors::v1::FORBIDDEN));
  EXPECT_EQ(Ask(*stub_, &v1::PairingService::Stub::CountCommitments, request, city_official_)
                ->counts_size(),
            8);
  v1::ListCommitmentsRequest all;
  all.set_parent(std::string(kParent) + "/pairings/-");
  EXPECT_THAT(Ask(*stub_, &v1::PairingService::Stub::ListCommitments, all, manager_),
              Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Ask(*stub_, &v1::PairingService::Stub::ListCommitments, all, official_), IsOk());
}

}  // namespace
}  // namespace pingan::pairing
