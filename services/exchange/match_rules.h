// The rules of agreeing on a match: propose, accept, decline, cancel; and what a plan proposes.
//
// A proposal holds nothing back. A side agrees by proposing or by accepting; with both agreed the
// quantity is committed by the ledger, or refused when there is no more. A town has one writer, so
// of two that accept the last one, one wins.
#ifndef PINGAN_SERVICES_EXCHANGE_MATCH_RULES_H_
#define PINGAN_SERVICES_EXCHANGE_MATCH_RULES_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/base/state_table.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/service/grants.h"
#include "pingan/exchange/v1/exchange.pb.h"
#include "services/exchange/plan_rows.pb.h"

namespace pingan::exchange {

// What is allowed when. Where a match under way goes follows from its sums: the ledger says
// whether it stays, is DELIVERED or is over.
inline constexpr base::StateTable kMatchStates({
    base::Transition<v1::MatchState>{v1::PROPOSED, "accept", v1::ACCEPTED, "同意"},
    {v1::PROPOSED, "decline", v1::DECLINED, "不同意"},
    {v1::PROPOSED, "cancel", v1::CANCELLED, "取消"},
    {v1::ACCEPTED, "deliver", v1::DELIVERED, "交付"},
    {v1::ACCEPTED, "confirm", v1::ACCEPTED, "确认收到"},
    {v1::ACCEPTED, "reportLoss", v1::ACCEPTED, "登记损失"},
    {v1::ACCEPTED, "close", v1::CONFIRMED, "结束"},
    {v1::ACCEPTED, "cancel", v1::CANCELLED, "取消"},
    {v1::DELIVERED, "confirm", v1::CONFIRMED, "确认收到"},
    {v1::DELIVERED, "reportLoss", v1::CONFIRMED, "登记损失"},
});

// Its two parties and the town's officials.
bool MayReadMatch(const service::Roles& roles, const v1::Match& match);
// The match for a caller who acts for one of its parties; NOT_FOUND, or NOT_PARTY where they may
// read it.
absl::StatusOr<std::reference_wrapper<const v1::Match>> FindOwnMatch(absl::string_view name,
                                                                     const service::Roles& roles,
                                                                     db::UnitOfWork& work);

// What a match takes from its listings, of which one may be null.
v1::Match MatchOf(const v1::Listing* need, const v1::Listing* resource);

// By a person of either side; who acts for both proposes as the giver.
absl::StatusOr<v1::Match> DecideCreateMatch(const v1::CreateMatchRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work);
// For each side that has not agreed and that the caller acts for.
absl::StatusOr<v1::Match> DecideAcceptMatch(const v1::AcceptMatchRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work);
// By a side that has not agreed.
absl::StatusOr<v1::Match> DecideDeclineMatch(const v1::DeclineMatchRequest& request,
                                             const rpc::Caller& caller, db::UnitOfWork& work);
// A proposal by a side that has agreed, or by the town that planned it; an accepted match, of which
// nothing was delivered, by either side.
absl::StatusOr<v1::Match> DecideCancelMatch(const v1::CancelMatchRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work);

// Makes planned matches proposals of the town, as far as their listings still have as much; what
// is no longer possible is left out. Town officials.
absl::StatusOr<rows::PlanAnswer> DecideProposePlanned(absl::Span<const v1::Match> planned,
                                                      const rows::PlanChunk& chunk,
                                                      const rpc::Caller& caller,
                                                      db::UnitOfWork& work);

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_MATCH_RULES_H_
