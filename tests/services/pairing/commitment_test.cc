// What was promised, what counted for it, and how it stands.
#include <string>
#include <vector>

#include "services/pairing/pairing_lists.h"
#include "tests/services/pairing/pairing_fixture.h"

namespace pingan::pairing {
namespace {

using test::IsOk;
using test::Refused;
using test::RefusesField;

class CommitmentTest : public PairingFixture {
 protected:
  std::string Promised(const std::string& pairing) {
    return Run(DecideCreateCommitment, Promise(pairing), manager_).value().name();
  }
  v1::Progress ProgressOf(const std::string& name) {
    v1::Commitment commitment = Get(kCommitments, name);
    const google::type::Date today = InDays(0);
    return Read<v1::Progress>([&](db::ReadSession& session) -> absl::StatusOr<v1::Progress> {
             if (auto status = FillProgress({&commitment}, today, session); !status.ok())
               return status;
             return commitment.progress();
           })
        .value();
  }
  std::vector<std::string> DeedsOf(const std::string& commitment) {
    v1::ListDeedsRequest request;
    request.set_parent(commitment);
    request.set_page_size(1);
    std::vector<std::string> sources;
    do {
      const auto page = rpc::ReadPage(request).value();
      const auto deeds = Read<v1::ListDeedsResponse>([&](db::ReadSession& session) {
                           return ReadDeeds(request, page, session);
                         }).value();
      for (const v1::Deed& deed : deeds.deeds()) sources.push_back(deed.source());
      request.set_page_token(deeds.next_page_token());
    } while (!request.page_token().empty());
    return sources;
  }
  v1::CountCommitmentsResponse Count() {
    return Read<v1::CountCommitmentsResponse>([&](db::ReadSession& session) {
             return CountCommitments(kParent, InDays(0), session);
           })
        .value();
  }
  int Listed(event::v1::Mechanism mechanism, v1::Standing standing) {
    v1::ListCommitmentsRequest request;
    request.set_parent(std::string(kParent) + "/pairings/-");
    request.set_mechanism(mechanism);
    request.set_standing(standing);
    const auto page = rpc::ReadPage(request).value();
    return Read<v1::ListCommitmentsResponse>([&](db::ReadSession& session) {
             return ReadCommitments(request, page, InDays(0), session);
           })
        .value()
        .commitments_size();
  }
};

TEST_F(CommitmentTest, EitherSidePromisesAndNobodyElse) {
  const std::string pairing = Active();
  EXPECT_THAT(Run(DecideCreateCommitment, Promise(pairing), worker_), IsOk());
  EXPECT_THAT(Run(DecideCreateCommitment, Promise(pairing), manager_), IsOk());
  EXPECT_THAT(Run(DecideCreateCommitment, Promise(pairing), stranger_),
              Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Run(DecideCreateCommitment, Promise(pairing), official_),
              Refused(errors::v1::NOT_PARTY));
  v1::CreateCommitmentRequest odd = Promise(pairing);
  odd.mutable_commitment()->set_measure(v1::DELIVERIES);
  EXPECT_THAT(Run(DecideCreateCommitment, odd, manager_), RefusesField("commitment.event_kind"));
  v1::CreateCommitmentRequest theirs = Promise(pairing);
  theirs.mutable_commitment()->set_unit_responsible(manager_.person);
  EXPECT_THAT(Run(DecideCreateCommitment, theirs, manager_),
              Refused(errors::v1::UNKNOWN_RESPONSIBLE));
}

TEST_F(CommitmentTest, ItBindsFromTheStartOfThePairingOrAtOnce) {
  const std::string accepted = Accepted();
  const std::string early = Promised(accepted);
  EXPECT_FALSE(Get(kCommitments, early).has_start_date());
  EXPECT_EQ(ProgressOf(early).standing(), v1::NOT_DUE);
  ASSERT_THAT(Approve(accepted, official_, -40), IsOk());
  EXPECT_EQ(base::FormatDay(Get(kCommitments, early).start_date()), base::FormatDay(InDays(-40)));
  const std::string late = Promised(accepted);
  EXPECT_EQ(base::FormatDay(Get(kCommitments, late).start_date()), base::FormatDay(InDays(0)));
}

TEST_F(CommitmentTest, OnlyWordsAndPersonsChangeAndNothingAfterItsEnd) {
  const std::string name = Promised(Active());
  v1::UpdateCommitmentRequest update;
  update.mutable_commitment()->set_name(name);
  update.mutable_commitment()->set_title("每月宣讲");
  update.mutable_commitment()->set_times(9);
  update.mutable_update_mask()->add_paths("title");
  const auto updated = Run(DecideUpdateCommitment, update, worker_);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->title(), "每月宣讲");
  EXPECT_EQ(updated->times(), 1);
  update.mutable_commitment()->set_etag("1");
  EXPECT_THAT(Run(DecideUpdateCommitment, update, worker_), Refused(errors::v1::STALE_ETAG));
  update.mutable_commitment()->clear_etag();
  update.mutable_update_mask()->add_paths("times");
  EXPECT_THAT(Run(DecideUpdateCommitment, update, worker_), Refused(errors::v1::INVALID_FIELD));
  EXPECT_THAT(Run(DecideEndCommitment, On<v1::EndCommitmentRequest>(name), stranger_),
              Refused(errors::v1::NOT_FOUND));
  ASSERT_THAT(Run(DecideEndCommitment, On<v1::EndCommitmentRequest>(name), manager_), IsOk());
  EXPECT_THAT(Run(DecideEndCommitment, On<v1::EndCommitmentRequest>(name), manager_),
              Refused(errors::v1::COMMITMENT_OVER));
}

TEST_F(CommitmentTest, EventsHeldTogetherCountInTheirPeriod) {
  // 2026-11-23: periods from 08-25, 09-25 and 10-25; the third runs.
  const std::string name = Promised(Active());
  Sql("UPDATE commitments SET start_date = '2026-08-25'");
  EXPECT_EQ(ProgressOf(name).standing(), v1::BEHIND);
  Follow(HeldTalk(1, 70));  // 09-14
  Follow(HeldTalk(2, 60));  // 09-24
  Follow(HeldTalk(3, 2));   // 11-21
  v1::Progress progress = ProgressOf(name);
  EXPECT_EQ(progress.periods_over(), 2);
  EXPECT_EQ(progress.periods_kept(), 1);
  EXPECT_EQ(progress.done(), 1);
  EXPECT_EQ(base::FormatDay(progress.period_start()), "2026-10-25");
  EXPECT_EQ(base::FormatDay(progress.period_end()), "2026-11-24");
  Follow(HeldTalk(4, 59));  // 09-25
  EXPECT_EQ(ProgressOf(name).standing(), v1::KEPT);
  EXPECT_EQ(DeedsOf(name).size(), 4);
}

TEST_F(CommitmentTest, ACorrectionThereIsACorrectionHere) {
  const std::string name = Promised(Active());
  Sql("UPDATE commitments SET start_date = '2026-10-01'");
  event::v1::HeldEvent held = HeldTalk(1, 40);
  Follow(held);
  Follow(held);  // followed twice
  EXPECT_EQ(DeedsOf(name), std::vector<std::string>{held.event()});
  EXPECT_EQ(ProgressOf(name).standing(), v1::KEPT);
  held.set_mechanism(event::v1::PATROL);
  Follow(held);
  EXPECT_EQ(ProgressOf(name).standing(), v1::BEHIND);
  held.set_mechanism(event::v1::RISK);
  held.set_organisers(1, kOtherFirm);
  Follow(held);
  EXPECT_TRUE(DeedsOf(name).empty());
  held.set_organisers(0, kGrid);
  held.set_organisers(1, kBofei);
  Follow(held);
  EXPECT_EQ(DeedsOf(name).size(), 1);
  held.set_counted(false);
  Follow(held);
  EXPECT_TRUE(DeedsOf(name).empty());
  EXPECT_EQ(Sql("SELECT count(*) FROM deeds"), "0");
}

TEST_F(CommitmentTest, WhatHasArrivedIsADelivery) {
  v1::CreateCommitmentRequest promise = Promise(Active());
  promise.mutable_commitment()->set_measure(v1::DELIVERIES);
  promise.mutable_commitment()->clear_event_kind();
  promise.mutable_commitment()->set_mechanism(event::v1::RESOURCE);
  const std::string name = Run(DecideCreateCommitment, promise, worker_).value().name();
  exchange::v1::Match match;
  match.set_name("towns/330481003/matches/01900000-0000-7000-8000-000000000201");
  match.set_giver(kBofei);
  match.set_receiver(kLongxing);
  match.set_mechanism(event::v1::RESOURCE);
  match.set_title("灭火器");
  Follow(match);
  EXPECT_TRUE(DeedsOf(name).empty());
  match.set_confirmed(3);
  match.mutable_confirm_time()->set_seconds(absl::ToUnixSeconds(clock().Now()));
  Follow(match);
  EXPECT_EQ(DeedsOf(name), std::vector<std::string>{match.name()});
  EXPECT_EQ(ProgressOf(name).done(), 1);
}

TEST_F(CommitmentTest, TheTownsNumbersAreTheListsBehindThem) {
  const std::string pairing = Active(-100);
  const std::string kept = Promised(pairing);
  Promised(pairing);
  v1::CreateCommitmentRequest patrol = Promise(pairing);
  patrol.mutable_commitment()->set_mechanism(event::v1::PATROL);
  const std::string behind = Run(DecideCreateCommitment, patrol, manager_).value().name();
  const std::string over = Promised(pairing);
  ASSERT_THAT(Run(DecideEndCommitment, On<v1::EndCommitmentRequest>(over), manager_), IsOk());
  Sql("UPDATE commitments SET start_date = '2026-10-01' WHERE 'towns/330481003/pairings/' || "
      "pairing || '/commitments/' || commitment IN ('" +
      kept + "', '" + behind + "')");
  Follow(HeldTalk(1, 40));
  const v1::CountCommitmentsResponse counts = Count();
  ASSERT_EQ(counts.counts_size(), 8);
  const v1::CommitmentCount& risk = counts.counts(event::v1::RISK - 1);
  EXPECT_EQ(risk.title(), "风险联防");
  EXPECT_EQ(risk.commitments(), 2);
  EXPECT_EQ(risk.kept(), 1);
  EXPECT_EQ(risk.not_due(), 1);
  EXPECT_EQ(counts.counts(event::v1::PATROL - 1).behind(), 1);
  EXPECT_EQ(counts.total().commitments(), 3);
  for (const v1::CommitmentCount& count : counts.counts()) {
    EXPECT_EQ(Listed(count.mechanism(), v1::KEPT), count.kept());
    EXPECT_EQ(Listed(count.mechanism(), v1::BEHIND), count.behind());
    EXPECT_EQ(Listed(count.mechanism(), v1::NOT_DUE), count.not_due());
  }
}

}  // namespace
}  // namespace pingan::pairing
