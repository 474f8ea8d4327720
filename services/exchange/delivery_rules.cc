#include "services/exchange/delivery_rules.h"

#include <string>

#include "common/base/status_macros.h"
#include "common/service/grants.h"
#include "services/exchange/exchange_errors.h"
#include "services/exchange/ledger.h"
#include "services/exchange/match_rules.h"

namespace pingan::exchange {
namespace {

using service::Roles;
using service::RolesOf;
using v1::Match;

}  // namespace

absl::StatusOr<Match> DecideDeliverMatch(const v1::DeliverMatchRequest& request,
                                         const rpc::Caller& caller, db::UnitOfWork& work) {
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Match& match, FindOwnMatch(request.name(), roles, work));
  if (!roles.ActsFor(match.giver())) return NotParty();
  RETURN_IF_ERROR(kMatchStates.Next(match.state(), "deliver").status());
  if (request.quantity() > ToDeliver(match)) return MoreThanAgreed(ToDeliver(match));
  return Write(match,
               {.kind = v1::LINE_DELIVERED,
                .quantity = request.quantity(),
                .words = request.words(),
                .writer = caller.person},
               "delivered", work);
}

absl::StatusOr<Match> DecideConfirmMatch(const v1::ConfirmMatchRequest& request,
                                         const rpc::Caller& caller, db::UnitOfWork& work) {
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Match& match, FindOwnMatch(request.name(), roles, work));
  if (!roles.ActsFor(match.receiver())) return NotParty();
  RETURN_IF_ERROR(kMatchStates.Next(match.state(), "confirm").status());
  if (request.quantity() > OnTheWay(match)) return MoreThanAgreed(OnTheWay(match));
  return Write(match,
               {.kind = v1::LINE_CONFIRMED,
                .quantity = request.quantity(),
                .words = request.words(),
                .writer = caller.person},
               "confirmed", work);
}

absl::StatusOr<Match> DecideReportLoss(const v1::ReportLossRequest& request,
                                       const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Match& match, FindOwnMatch(request.name(), RolesOf(caller, work), work));
  RETURN_IF_ERROR(kMatchStates.Next(match.state(), "reportLoss").status());
  if (request.quantity() > OnTheWay(match)) return MoreThanAgreed(OnTheWay(match));
  return Write(match,
               {.kind = v1::LINE_LOST,
                .quantity = request.quantity(),
                .words = request.words(),
                .writer = caller.person},
               "lost", work);
}

absl::StatusOr<Match> DecideCloseMatch(const v1::CloseMatchRequest& request,
                                       const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Match& found, FindOwnMatch(request.name(), RolesOf(caller, work), work));
  RETURN_IF_ERROR(kMatchStates.Next(found.state(), "close").status());
  if (found.delivered() == 0) return NothingDeliveredYet();
  if (OnTheWay(found) > 0) return StillOnTheWay(OnTheWay(found));

  Match& match = work.Change(found, "closed");
  match.set_reason(request.reason());
  return Write(match,
               {.kind = v1::LINE_CANCELLED,
                .quantity = ToDeliver(match),
                .words = request.reason(),
                .writer = caller.person},
               "closed", work);
}

absl::StatusOr<Match> DecideRateMatch(const v1::RateMatchRequest& request,
                                      const rpc::Caller& caller, db::UnitOfWork& work) {
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Match& found, FindOwnMatch(request.name(), roles, work));
  if (found.state() != v1::CONFIRMED) return NotOverYet();
  const bool as_giver = roles.ActsFor(found.giver()) && !found.has_giver_rating();
  const bool as_receiver = roles.ActsFor(found.receiver()) && !found.has_receiver_rating();
  if (!as_giver && !as_receiver) return AlreadyRated();

  Match& match = work.Change(found, "rated");
  *(as_giver ? match.mutable_giver_rating() : match.mutable_receiver_rating()) = request.rating();
  return match;
}

}  // namespace pingan::exchange
