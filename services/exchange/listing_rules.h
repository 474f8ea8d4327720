// The rules of listings: from draft to published, released, changed, withdrawn or closed.
//
// Each Decide function is one method. A listing is its party's: only who acts for the party changes
// it. What is committed of it changes by the ledger alone.
#ifndef PINGAN_SERVICES_EXCHANGE_LISTING_RULES_H_
#define PINGAN_SERVICES_EXCHANGE_LISTING_RULES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/state_table.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "pingan/exchange/v1/exchange.pb.h"

namespace pingan::exchange {

inline constexpr base::StateTable kListingStates({
    base::Transition<v1::ListingState>{v1::DRAFT, "update", v1::DRAFT, "修改"},
    {v1::DRAFT, "publish", v1::PUBLISHED, "发布"},
    {v1::DRAFT, "withdraw", v1::WITHDRAWN, "撤回"},
    {v1::PUBLISHED, "update", v1::PUBLISHED, "修改"},
    {v1::PUBLISHED, "release", v1::PUBLISHED, "向全镇公开"},
    {v1::PUBLISHED, "withdraw", v1::WITHDRAWN, "撤回"},
    {v1::PUBLISHED, "close", v1::CLOSED, "结束"},
});

// INVALID_FIELD: a measure the category does not have, or a window that is none.
absl::Status CheckListing(const v1::Listing& listing);

// Adds a draft whose fields were checked.
v1::Listing& AddDraft(absl::string_view parent, v1::Listing listing, db::UnitOfWork& work);

absl::StatusOr<v1::Listing> DecideCreateListing(const v1::CreateListingRequest& request,
                                                const rpc::Caller& caller, db::UnitOfWork& work);
// A draft changes in everything but its party; of a published listing direction, category,
// mechanism and measure stay as they were announced.
absl::StatusOr<v1::Listing> DecideUpdateListing(const v1::UpdateListingRequest& request,
                                                const rpc::Caller& caller, db::UnitOfWork& work);
// With a release_time that has passed it shows to the whole town at once.
absl::StatusOr<v1::Listing> DecidePublishListing(const v1::PublishListingRequest& request,
                                                 const rpc::Caller& caller, db::UnitOfWork& work);
// A released one is answered as it is.
absl::StatusOr<v1::Listing> DecideReleaseListing(const v1::ReleaseListingRequest& request,
                                                 const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Listing> DecideWithdrawListing(const v1::WithdrawListingRequest& request,
                                                  const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Listing> DecideCloseListing(const v1::CloseListingRequest& request,
                                               const rpc::Caller& caller, db::UnitOfWork& work);

// The step of the chore `release_listings`: releases the next 100 that have waited for their time;
// whether there may be more.
absl::StatusOr<bool> ReleaseDueListings(db::UnitOfWork& work);
// The towns that have such.
inline constexpr char kTownsToReleaseSql[] =
    "SELECT DISTINCT town FROM listings WHERE awaiting_release AND release_time <= "
    "$1::timestamptz";

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_LISTING_RULES_H_
