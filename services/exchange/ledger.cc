#include "services/exchange/ledger.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/exchange/exchange_tables.h"

namespace pingan::exchange {
namespace {

using v1::Listing;
using v1::Match;

// The sums that a match and a listing have alike.
template <class Row>
void CarryAlike(const Entry& entry, Row& row) {
  switch (entry.kind) {
    case v1::LINE_DELIVERED:
      return row.set_delivered(row.delivered() + entry.quantity);
    case v1::LINE_CONFIRMED:
      return row.set_confirmed(row.confirmed() + entry.quantity);
    case v1::LINE_LOST:
      return row.set_lost(row.lost() + entry.quantity);
    default:
      return;
  }
}

void Carry(const Entry& entry, Listing& listing) {
  CarryAlike(entry, listing);
  if (entry.kind == v1::LINE_COMMITTED) listing.set_committed(listing.committed() + entry.quantity);
  if (entry.kind == v1::LINE_CANCELLED) listing.set_committed(listing.committed() - entry.quantity);
  Recount(listing);
}

// The state that the sums of an accepted match say.
v1::MatchState StateOf(const Match& match) {
  if (match.cancelled() == match.quantity()) return v1::CANCELLED;
  if (ToDeliver(match) > 0) return v1::ACCEPTED;
  return OnTheWay(match) > 0 ? v1::DELIVERED : v1::CONFIRMED;
}

void Carry(const Entry& entry, const db::UnitOfWork& work, Match& match) {
  CarryAlike(entry, match);
  if (entry.kind == v1::LINE_CONFIRMED) *match.mutable_confirm_time() = work.now_timestamp();
  if (entry.kind == v1::LINE_CANCELLED) match.set_cancelled(match.cancelled() + entry.quantity);
  match.set_state(StateOf(match));
}

}  // namespace

int64_t Bound(const Listing& listing) {
  return listing.committed() - (listing.direction() == v1::NEED ? listing.lost() : 0);
}

void Recount(Listing& listing) {
  listing.set_remaining(listing.quantity() - Bound(listing));
  listing.set_fulfilment(listing.confirmed() == 0                   ? v1::NOTHING
                         : listing.confirmed() < listing.quantity() ? v1::PARTIAL
                                                                    : v1::COMPLETE);
  listing.set_awaiting_release(listing.state() == v1::PUBLISHED && !listing.released() &&
                               listing.has_release_time() && listing.committed() == 0);
}

int64_t ToDeliver(const Match& match) {
  return match.quantity() - match.delivered() - match.cancelled();
}

int64_t OnTheWay(const Match& match) {
  return match.delivered() - match.confirmed() - match.lost();
}

absl::StatusOr<Match> Write(const Match& found, const Entry& entry, absl::string_view verb,
                            db::UnitOfWork& work) {
  v1::Line line;
  line.set_name(absl::StrCat(found.name(), "/lines/", work.NewId()));
  line.set_kind(entry.kind);
  line.set_quantity(entry.quantity);
  line.set_words(entry.words);
  line.set_writer(entry.writer);
  work.Insert(kLines, std::move(line), "written");

  for (const std::string& name : {found.need(), found.resource()}) {
    if (name.empty()) continue;
    ASSIGN_OR_RETURN(const Listing& listing, work.Find(kListings, name));
    Carry(entry, work.Change(listing, "counted"));
  }
  Match& match = work.Change(found, verb);
  Carry(entry, work, match);
  return match;
}

}  // namespace pingan::exchange
