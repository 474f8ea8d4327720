// The rules of a match under way: what the giver delivers, what the receiver has, what was lost,
// the end, and how both found it. In parts, as lines of the ledger.
#ifndef PINGAN_SERVICES_EXCHANGE_DELIVERY_RULES_H_
#define PINGAN_SERVICES_EXCHANGE_DELIVERY_RULES_H_

#include "absl/status/statusor.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "pingan/exchange/v1/exchange.pb.h"

namespace pingan::exchange {

// The giver; no more than is still to deliver.
absl::StatusOr<v1::Match> DecideDeliverMatch(const v1::DeliverMatchRequest& request,
                                             const rpc::Caller& caller, db::UnitOfWork& work);
// The receiver; no more than is on the way.
absl::StatusOr<v1::Match> DecideConfirmMatch(const v1::ConfirmMatchRequest& request,
                                             const rpc::Caller& caller, db::UnitOfWork& work);
// Either side; no more than is on the way.
absl::StatusOr<v1::Match> DecideReportLoss(const v1::ReportLossRequest& request,
                                           const rpc::Caller& caller, db::UnitOfWork& work);
// Either side; what was not delivered is free again.
absl::StatusOr<v1::Match> DecideCloseMatch(const v1::CloseMatchRequest& request,
                                           const rpc::Caller& caller, db::UnitOfWork& work);
// Each side once, when the match is over; who acts for both rates as the giver first.
absl::StatusOr<v1::Match> DecideRateMatch(const v1::RateMatchRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work);

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_DELIVERY_RULES_H_
