#include "services/pairing/pairing_rules.h"

#include <string>

#include "absl/strings/str_replace.h"
#include "tests/services/pairing/pairing_fixture.h"

namespace pingan::pairing {
namespace {

using test::IsOk;
using test::Refused;
using test::RefusesField;

class PairingRulesTest : public PairingFixture {
 protected:
  // "from>to why" of every step.
  std::string History(const std::string& pairing) {
    return Sql(
        "SELECT string_agg(from_state || '>' || to_state || ' ' || reason, ',' ORDER BY "
        "transition) FROM transitions WHERE 'towns/330481003/pairings/' || pairing = '" +
        pairing + "'");
  }
};

TEST_F(PairingRulesTest, ProposedAcceptedApprovedEnded) {
  const auto proposed = Run(DecideCreatePairing, Proposal(), manager_);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_EQ(proposed->state(), v1::PROPOSED);
  EXPECT_EQ(proposed->proposer(), kBofei);
  clock().Advance(absl::Seconds(1));
  const auto accepted = Accept(proposed->name(), worker_);
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->unit_responsible(), worker_.person);
  EXPECT_EQ(accepted->enterprise_responsible(), manager_.person);
  clock().Advance(absl::Seconds(1));
  const auto active = Approve(proposed->name(), official_, -10, 100);
  ASSERT_THAT(active, IsOk());
  EXPECT_EQ(active->state(), v1::ACTIVE);
  EXPECT_EQ(active->terms(), 1);
  clock().Advance(absl::Seconds(1));
  const auto ended = Run(DecideEndPairing, On<v1::EndPairingRequest>(proposed->name()), worker_);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), v1::ENDED);
  EXPECT_FALSE(ended->open());
  EXPECT_EQ(History(proposed->name()), "0>1 ,1>2 ,2>3 ,3>5 企业搬迁");
}

TEST_F(PairingRulesTest, OnlyAPartyProposesAndNamesItsOwnPerson) {
  EXPECT_THAT(Run(DecideCreatePairing, Proposal(), stranger_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Run(DecideCreatePairing, Proposal(), official_), Refused(errors::v1::NOT_PARTY));
  v1::CreatePairingRequest nobody = Proposal();
  nobody.mutable_pairing()->clear_enterprise_responsible();
  EXPECT_THAT(Run(DecideCreatePairing, nobody, manager_),
              RefusesField("pairing.enterprise_responsible"));
  v1::CreatePairingRequest both = Proposal();
  both.mutable_pairing()->set_unit_responsible(worker_.person);
  EXPECT_THAT(Run(DecideCreatePairing, both, manager_), RefusesField("pairing.unit_responsible"));
  for (const rpc::Caller& other : {worker_, stranger_, resident_, Person()}) {
    v1::CreatePairingRequest theirs = Proposal();
    theirs.mutable_pairing()->set_enterprise_responsible(other.person);
    EXPECT_THAT(Run(DecideCreatePairing, theirs, manager_),
                Refused(errors::v1::UNKNOWN_RESPONSIBLE));
  }
}

TEST_F(PairingRulesTest, WhoActsForBothProposesForTheSideTheyName) {
  Give(manager_, directory::v1::VILLAGE_WORKER, kLongxing);
  v1::CreatePairingRequest request = Proposal();
  request.mutable_pairing()->clear_enterprise_responsible();
  request.mutable_pairing()->set_unit_responsible(worker_.person);
  const auto proposed = Run(DecideCreatePairing, request, manager_);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_EQ(proposed->proposer(), kLongxing);
}

TEST_F(PairingRulesTest, AMergedUnitIsNotApproved) {
  const std::string name = Accepted();
  Sql("UPDATE units SET successor = 'towns/330481003/units/330481003006'");
  EXPECT_THAT(Approve(name, official_), Refused(errors::v1::UNKNOWN_PARTY));
}

TEST_F(PairingRulesTest, WhoLivesInAGridOfTheUnitMayAnswerForIt) {
  const std::string name = Proposed();
  v1::AcceptPairingRequest request;
  request.set_name(name);
  request.set_responsible(stranger_.person);
  EXPECT_THAT(Run(DecideAcceptPairing, request, worker_), Refused(errors::v1::UNKNOWN_RESPONSIBLE));
  request.set_responsible(resident_.person);
  EXPECT_THAT(Run(DecideAcceptPairing, request, worker_), IsOk());
}

TEST_F(PairingRulesTest, PartiesMustBeThere) {
  v1::CreatePairingRequest elsewhere = Proposal();
  elsewhere.mutable_pairing()->set_unit("towns/330481004/units/330481004001");
  EXPECT_THAT(Run(DecideCreatePairing, elsewhere, manager_), Refused(errors::v1::UNKNOWN_PARTY));
  v1::CreatePairingRequest nowhere = Proposal();
  nowhere.mutable_pairing()->set_unit("towns/330481003/units/330481003099");
  EXPECT_THAT(Run(DecideCreatePairing, nowhere, manager_), Refused(errors::v1::UNKNOWN_PARTY));
}

TEST_F(PairingRulesTest, TwoPartiesHaveOneOpenPairing) {
  const std::string first = Proposed();
  const auto second = Run(DecideCreatePairing, Proposal(), manager_);
  EXPECT_THAT(second, Refused(errors::v1::PAIRING_OPEN));
  EXPECT_EQ(test::MetadataOf(second.status(), "pairing"), first);
  ASSERT_THAT(Run(DecideWithdrawPairing, On<v1::WithdrawPairingRequest>(first), manager_), IsOk());
  EXPECT_THAT(Run(DecideCreatePairing, Proposal(), manager_), IsOk());
}

TEST_F(PairingRulesTest, TheOtherSideAgreesOrNot) {
  const std::string name = Proposed();
  EXPECT_THAT(Accept(name, manager_), Refused(errors::v1::FOR_THE_OTHER_SIDE));
  EXPECT_THAT(Accept(name, stranger_), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Accept(name, official_), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Run(DecideDeclinePairing, On<v1::DeclinePairingRequest>(name), manager_),
              Refused(errors::v1::FOR_THE_OTHER_SIDE));
  EXPECT_THAT(Run(DecideWithdrawPairing, On<v1::WithdrawPairingRequest>(name), worker_),
              Refused(errors::v1::FOR_THE_OTHER_SIDE));
  const auto declined = Run(DecideDeclinePairing, On<v1::DeclinePairingRequest>(name), worker_);
  ASSERT_THAT(declined, IsOk());
  EXPECT_EQ(declined->state(), v1::DECLINED);
  EXPECT_THAT(Accept(name, worker_), Refused(errors::v1::WRONG_STATE));
}

TEST_F(PairingRulesTest, TheTownApprovesWithATermThatMakesSense) {
  const std::string name = Accepted();
  EXPECT_THAT(Approve(name, worker_), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Approve(name, city_official_), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Approve(name, stranger_), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Approve(name, official_, 1, 365), RefusesField("start_date"));
  EXPECT_THAT(Approve(name, official_, -800, 365), RefusesField("start_date"));
  EXPECT_THAT(Approve(name, official_, -100, -1), RefusesField("end_date"));
  EXPECT_THAT(Approve(name, official_, 0, 365 * 6), RefusesField("end_date"));
  EXPECT_THAT(Approve(name, official_, -100, 0), IsOk());
}

TEST_F(PairingRulesTest, SuspendResumeRenew) {
  const std::string name = Active(0, 100);
  EXPECT_THAT(Run(DecideSuspendPairing, On<v1::SuspendPairingRequest>(name), manager_),
              Refused(errors::v1::FORBIDDEN));
  ASSERT_THAT(Run(DecideSuspendPairing, On<v1::SuspendPairingRequest>(name), official_), IsOk());
  v1::RenewPairingRequest renew;
  renew.set_name(name);
  *renew.mutable_end_date() = InDays(400);
  EXPECT_THAT(Run(DecideRenewPairing, renew, official_), Refused(errors::v1::WRONG_STATE));
  const auto resumed = Run(DecideResumePairing, On<v1::ResumePairingRequest>(name), official_);
  ASSERT_THAT(resumed, IsOk());
  EXPECT_EQ(resumed->reason(), "");
  *renew.mutable_end_date() = InDays(100);
  EXPECT_THAT(Run(DecideRenewPairing, renew, official_), RefusesField("end_date"));
  *renew.mutable_end_date() = InDays(465);
  clock().Advance(absl::Seconds(1));
  const auto renewed = Run(DecideRenewPairing, renew, official_);
  ASSERT_THAT(renewed, IsOk());
  EXPECT_EQ(renewed->terms(), 2);
  EXPECT_EQ(Sql("SELECT string_agg(end_date::text, ' ' ORDER BY transition) FROM transitions "
                "WHERE end_date IS NOT NULL"),
            base::FormatDay(Today() + 100) + " " + base::FormatDay(Today() + 465));
}

TEST_F(PairingRulesTest, EveryPairOfStateAndVerbIsAllowedOrRefusedAsTheTableSays) {
  const std::string name = Active();
  EXPECT_THAT(Accept(name, worker_), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Approve(name, official_), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Run(DecideResumePairing, On<v1::ResumePairingRequest>(name), official_),
              Refused(errors::v1::WRONG_STATE));
  ASSERT_THAT(Run(DecideEndPairing, On<v1::EndPairingRequest>(name), manager_), IsOk());
  EXPECT_THAT(Run(DecideEndPairing, On<v1::EndPairingRequest>(name), manager_),
              Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Run(DecideCreateCommitment, Promise(name), manager_),
              Refused(errors::v1::WRONG_STATE));
}

TEST_F(PairingRulesTest, WhatIsOverEndsByItself) {
  const std::string short_one = Active(-10, 3);
  ASSERT_THAT(Run(DecideCreateCommitment, Promise(short_one), manager_), IsOk());
  const auto end = [&] {
    bool more = true;
    EXPECT_THAT(Act(test::kTown,
                    [&](db::UnitOfWork& work) {
                      const auto step = EndPairingsThatAreOver(work);
                      more = step.value_or(true);
                      return step.status();
                    }),
                IsOk());
    EXPECT_FALSE(more);
  };
  clock().Advance(absl::Hours(24 * 3));
  end();
  EXPECT_EQ(Get(kPairings, short_one).state(), v1::ACTIVE);
  clock().Advance(absl::Hours(24));
  EXPECT_EQ(Sql(absl::StrReplaceAll(kTownsWithPairingsOver,
                                    {{"$1", "'" + absl::FormatTime(clock().Now()) + "'"}})),
            test::kTown);
  end();
  const v1::Pairing over = Get(kPairings, short_one);
  EXPECT_EQ(over.state(), v1::ENDED);
  EXPECT_EQ(over.reason(), "期满");
  EXPECT_EQ(Sql("SELECT end_date FROM commitments"), base::FormatDay(Today() - 1));
}

}  // namespace
}  // namespace pingan::pairing
