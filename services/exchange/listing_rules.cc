#include "services/exchange/listing_rules.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "common/rpc/update_mask.h"
#include "common/service/grants.h"
#include "services/exchange/categories.h"
#include "services/exchange/exchange_errors.h"
#include "services/exchange/exchange_tables.h"
#include "services/exchange/fit.h"
#include "services/exchange/ledger.h"
#include "services/exchange/visibility.h"

namespace pingan::exchange {
namespace {

using service::Roles;
using service::RolesOf;
using v1::Listing;

// Listings released by one command: a few milliseconds.
constexpr int kReleasedAtOnce = 100;

constexpr absl::string_view kDraftFields[] = {
    "direction", "category", "mechanism",  "title",    "description",
    "quantity",  "measure",  "start_date", "end_date", "release_time"};
constexpr absl::string_view kPublishedFields[] = {"title",      "description", "quantity",
                                                  "start_date", "end_date",    "release_time"};

// The listing for a caller who may change it; NOT_FOUND, or NOT_PARTY where they may read it.
absl::StatusOr<std::reference_wrapper<const Listing>> FindOwn(absl::string_view name,
                                                              const Roles& roles,
                                                              db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Listing& listing, work.Find(kListings, name));
  if (roles.ActsFor(listing.party())) return std::cref(listing);
  return MayRead(roles, listing, work) ? NotParty() : db::RowNotFound(name);
}

bool IsReleaseDue(const Listing& listing, absl::Time now) {
  return listing.has_release_time() && base::FromTimestamp(listing.release_time()) <= now;
}

absl::Status CheckComplete(const Listing& listing) {
  return listing.direction() == v1::NEED && !listing.has_release_time()
             ? ListingIncomplete("公开时间")
             : absl::OkStatus();
}

}  // namespace

absl::Status CheckListing(const Listing& listing) {
  if (!HasMeasure(listing.category(), listing.measure())) {
    std::string words;
    for (const v1::Measure measure : MeasuresOf(listing.category()))
      absl::StrAppend(&words, words.empty() ? "" : "、", base::WordOf(measure));
    return base::RefuseField("listing.measure", absl::StrCat("该类别的计量单位只能是：", words));
  }
  return CheckWindow(listing);
}

Listing& AddDraft(absl::string_view parent, Listing listing, db::UnitOfWork& work) {
  listing.set_name(absl::StrCat(parent, "/listings/", work.NewId()));
  listing.set_state(v1::DRAFT);
  Recount(listing);
  return work.Insert(kListings, std::move(listing), "created");
}

absl::StatusOr<Listing> DecideCreateListing(const v1::CreateListingRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work) {
  RETURN_IF_ERROR(CheckParty(request.listing().party(), work));
  if (!RolesOf(caller, work).ActsFor(request.listing().party())) return NotParty();
  RETURN_IF_ERROR(CheckListing(request.listing()));
  return AddDraft(request.parent(), request.listing(), work);
}

absl::StatusOr<Listing> DecideUpdateListing(const v1::UpdateListingRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Listing& found,
                   FindOwn(request.listing().name(), RolesOf(caller, work), work));
  RETURN_IF_ERROR(kListingStates.Next(found.state(), "update").status());
  if (!request.listing().etag().empty() && request.listing().etag() != found.etag())
    return base::Refuse(errors::v1::STALE_ETAG);

  Listing& listing = work.Change(found, "updated");
  RETURN_IF_ERROR(rpc::ApplyUpdateMask(request.update_mask(), request.listing(), listing,
                                       listing.state() == v1::DRAFT
                                           ? absl::MakeConstSpan(kDraftFields)
                                           : absl::MakeConstSpan(kPublishedFields)));
  RETURN_IF_ERROR(CheckListing(listing));
  if (listing.quantity() < Bound(listing)) return QuantityCommitted(Bound(listing));
  if (listing.state() == v1::PUBLISHED) RETURN_IF_ERROR(CheckComplete(listing));
  Recount(listing);
  return listing;
}

absl::StatusOr<Listing> DecidePublishListing(const v1::PublishListingRequest& request,
                                             const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Listing& found, FindOwn(request.name(), RolesOf(caller, work), work));
  ASSIGN_OR_RETURN(const v1::ListingState state, kListingStates.Next(found.state(), "publish"));
  RETURN_IF_ERROR(CheckComplete(found));

  Listing& listing = work.Change(found, "published");
  listing.set_state(state);
  listing.set_released(IsReleaseDue(listing, work.now()));
  Recount(listing);
  return listing;
}

absl::StatusOr<Listing> DecideReleaseListing(const v1::ReleaseListingRequest& request,
                                             const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Listing& found, FindOwn(request.name(), RolesOf(caller, work), work));
  RETURN_IF_ERROR(kListingStates.Next(found.state(), "release").status());
  if (found.released()) return found;

  Listing& listing = work.Change(found, "released");
  listing.set_released(true);
  Recount(listing);
  return listing;
}

absl::StatusOr<Listing> DecideWithdrawListing(const v1::WithdrawListingRequest& request,
                                              const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Listing& found, FindOwn(request.name(), RolesOf(caller, work), work));
  ASSIGN_OR_RETURN(const v1::ListingState state, kListingStates.Next(found.state(), "withdraw"));
  if (found.committed() > 0) return StillCommitted();

  Listing& listing = work.Change(found, "withdrawn");
  listing.set_state(state);
  Recount(listing);
  return listing;
}

absl::StatusOr<Listing> DecideCloseListing(const v1::CloseListingRequest& request,
                                           const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Listing& found, FindOwn(request.name(), RolesOf(caller, work), work));
  ASSIGN_OR_RETURN(const v1::ListingState state, kListingStates.Next(found.state(), "close"));

  Listing& listing = work.Change(found, "closed");
  listing.set_state(state);
  listing.set_close_reason(request.reason());
  Recount(listing);
  return listing;
}

absl::StatusOr<bool> ReleaseDueListings(db::UnitOfWork& work) {
  const std::vector<const Listing*> next =
      work.List(kAwaitingRelease, work.tenant(), kReleasedAtOnce);
  for (const Listing* found : next) {
    if (!IsReleaseDue(*found, work.now())) return false;
    Listing& listing = work.Change(*found, "released");
    listing.set_released(true);
    Recount(listing);
  }
  return next.size() == kReleasedAtOnce;
}

}  // namespace pingan::exchange
