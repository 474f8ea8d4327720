// How exchange says no, beyond what every service says (common/base/errors.h).
#ifndef PINGAN_SERVICES_EXCHANGE_EXCHANGE_ERRORS_H_
#define PINGAN_SERVICES_EXCHANGE_EXCHANGE_ERRORS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"
#include "pingan/exchange/v1/exchange.pb.h"
#include "services/exchange/categories.h"

namespace pingan::exchange {

// PERMISSION_DENIED: the caller may read it and does not act for the party whose act it is.
inline absl::Status NotParty() { return base::Refuse(errors::v1::NOT_PARTY); }

// FAILED_PRECONDITION: no such unit or enterprise in this town, or it was merged away.
inline absl::Status UnknownParty(absl::string_view party) {
  return base::Refuse(errors::v1::UNKNOWN_PARTY, {{"party", std::string(party)}});
}

// FAILED_PRECONDITION: the caller's side has said its word, or has none to say here.
inline absl::Status ForTheOtherSide() { return base::Refuse(errors::v1::FOR_THE_OTHER_SIDE); }

// --- listings

// FAILED_PRECONDITION: `missing` names in Chinese what the listing lacks to be published.
inline absl::Status ListingIncomplete(absl::string_view missing) {
  return base::Refuse(errors::v1::LISTING_INCOMPLETE, {{"missing", std::string(missing)}});
}
// FAILED_PRECONDITION: so many are committed and not lost.
inline absl::Status QuantityCommitted(int64_t committed) {
  return base::Refuse(errors::v1::QUANTITY_COMMITTED, {{"committed", absl::StrCat(committed)}});
}
// FAILED_PRECONDITION: what is committed in part is closed, not withdrawn.
inline absl::Status StillCommitted() { return base::Refuse(errors::v1::STILL_COMMITTED); }

// --- matches

// FAILED_PRECONDITION: the listing is not published, or no longer.
inline absl::Status ListingNotOpen(absl::string_view listing) {
  return base::Refuse(errors::v1::LISTING_NOT_OPEN, {{"listing", std::string(listing)}});
}
inline absl::Status CategoryDiffers(v1::Category resource, v1::Category need) {
  return base::Refuse(errors::v1::CATEGORY_DIFFERS, {{"resource", v1::Category_Name(resource)},
                                                     {"need", v1::Category_Name(need)}});
}
inline absl::Status MeasureDiffers(v1::Measure resource, v1::Measure need) {
  return base::Refuse(errors::v1::MEASURE_DIFFERS, {{"resource", v1::Measure_Name(resource)},
                                                    {"resource_zh", base::WordOf(resource)},
                                                    {"need", v1::Measure_Name(need)},
                                                    {"need_zh", base::WordOf(need)}});
}
// FAILED_PRECONDITION: on no day are both there.
inline absl::Status WindowsApart() { return base::Refuse(errors::v1::WINDOWS_APART); }
inline absl::Status SameParty() { return base::Refuse(errors::v1::SAME_PARTY); }
// ALREADY_EXISTS: the two parties have an open proposal of the same listings.
inline absl::Status AlreadyProposed(absl::string_view match) {
  return base::Refuse(errors::v1::ALREADY_PROPOSED, {{"match", std::string(match)}});
}
// FAILED_PRECONDITION: of the listing that has least, so many may still be committed.
inline absl::Status NothingLeft(int64_t remaining) {
  return base::Refuse(errors::v1::NOTHING_LEFT, {{"remaining", absl::StrCat(remaining)}});
}

// --- what is delivered

// FAILED_PRECONDITION: no more than `open` can be delivered, confirmed or lost.
inline absl::Status MoreThanAgreed(int64_t open) {
  return base::Refuse(errors::v1::MORE_THAN_AGREED, {{"open", absl::StrCat(open)}});
}
inline absl::Status StillOnTheWay(int64_t quantity) {
  return base::Refuse(errors::v1::STILL_ON_THE_WAY, {{"quantity", absl::StrCat(quantity)}});
}
// FAILED_PRECONDITION: a match of which nothing was delivered is cancelled, not closed.
inline absl::Status NothingDeliveredYet() {
  return base::Refuse(errors::v1::NOTHING_DELIVERED_YET);
}
// WRONG_STATE of an accepted match of which something was delivered: it is closed, not cancelled.
inline absl::Status PartlyDelivered() {
  return base::Refuse(errors::v1::WRONG_STATE, {{"state", v1::MatchState_Name(v1::ACCEPTED)},
                                                {"state_zh", "已部分交付"},
                                                {"allowed", "deliver,confirm,reportLoss,close"},
                                                {"allowed_zh", "交付、确认收到、登记损失、结束"}});
}
inline absl::Status NotOverYet() { return base::Refuse(errors::v1::NOT_OVER_YET); }
inline absl::Status AlreadyRated() { return base::Refuse(errors::v1::ALREADY_RATED); }

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_EXCHANGE_ERRORS_H_
