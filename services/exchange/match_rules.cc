#include "services/exchange/match_rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
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
using v1::Match;

// Of a match: the listings, null where it names none.
struct Sides {
  const Listing* need = nullptr;
  const Listing* resource = nullptr;

  // What may still be committed of the one that has least.
  int64_t remaining() const {
    if (need == nullptr) return resource->remaining();
    if (resource == nullptr) return need->remaining();
    return std::min(need->remaining(), resource->remaining());
  }
};

// One listing of a proposal, in this town, readable by its proposer, and of the right direction.
absl::StatusOr<const Listing*> FindNamed(absl::string_view name, v1::Direction direction,
                                         const Roles& roles, db::UnitOfWork& work) {
  if (name.empty()) return nullptr;
  const bool is_need = direction == v1::NEED;
  if (base::TownOf(name) != work.tenant()) return db::RowNotFound(name);
  ASSIGN_OR_RETURN(const Listing& listing, work.Find(kListings, name));
  if (!MayRead(roles, listing, work)) return db::RowNotFound(name);
  if (listing.direction() != direction) {
    return base::RefuseField(is_need ? "match.need" : "match.resource",
                             is_need ? "这不是一项需求" : "这不是一项资源");
  }
  return &listing;
}

absl::StatusOr<Sides> FindSides(const Match& match, const Roles& roles, db::UnitOfWork& work) {
  if (match.need().empty() && match.resource().empty())
    return base::RefuseField("match.need", "请至少选择一项需求或资源");
  Sides sides;
  ASSIGN_OR_RETURN(sides.need, FindNamed(match.need(), v1::NEED, roles, work));
  ASSIGN_OR_RETURN(sides.resource, FindNamed(match.resource(), v1::RESOURCE, roles, work));
  return sides;
}

// The party of one side: its listing's, and then no other was meant; else as was asked for.
absl::StatusOr<std::string> PartyOf(const Listing* listing, const std::string& asked,
                                    absl::string_view field, absl::string_view missing_zh,
                                    db::UnitOfWork& work) {
  if (listing != nullptr) {
    if (!asked.empty() && asked != listing->party())
      return base::RefuseField(field, "与所选清单的单位不一致");
    return listing->party();
  }
  if (asked.empty()) return base::RefuseField(field, missing_zh);
  RETURN_IF_ERROR(CheckParty(asked, work));
  return asked;
}

// What must hold of the listings whenever a side agrees.
absl::Status CheckOpen(const Sides& sides, int64_t quantity) {
  for (const Listing* listing : {sides.need, sides.resource}) {
    if (listing != nullptr && listing->state() != v1::PUBLISHED)
      return ListingNotOpen(listing->name());
  }
  return sides.remaining() < quantity ? NothingLeft(sides.remaining()) : absl::OkStatus();
}

const Match* OpenProposalLike(const Match& match, db::UnitOfWork& work) {
  const auto proposals =
      match.need().empty()
          ? work.List(kMatchesOfResource, work.tenant(), db::kAll, match.resource(), v1::PROPOSED)
          : work.List(kMatchesOfNeed, work.tenant(), db::kAll, match.need(), v1::PROPOSED);
  for (const Match* other : proposals) {
    if (other->need() == match.need() && other->resource() == match.resource() &&
        other->giver() == match.giver() && other->receiver() == match.receiver()) {
      return other;
    }
  }
  return nullptr;
}

// The listings of a match that is there.
absl::StatusOr<Sides> SidesOf(const Match& match, db::UnitOfWork& work) {
  Sides sides;
  if (!match.need().empty()) {
    ASSIGN_OR_RETURN(const Listing& need, work.Find(kListings, match.need()));
    sides.need = &need;
  }
  if (!match.resource().empty()) {
    ASSIGN_OR_RETURN(const Listing& resource, work.Find(kListings, match.resource()));
    sides.resource = &resource;
  }
  return sides;
}

// Who took a proposal part in making: the sides that agreed, and the town that planned it.
bool StandsBehind(const Roles& roles, const Match& match) {
  return (match.giver_agreed() && roles.ActsFor(match.giver())) ||
         (match.receiver_agreed() && roles.ActsFor(match.receiver())) ||
         roles.ActsFor(match.proposer());
}

}  // namespace

bool MayReadMatch(const Roles& roles, const Match& match) {
  return roles.ActsFor(match.giver()) || roles.ActsFor(match.receiver()) ||
         roles.ReadsAsOfficialOf(match.name());
}

absl::StatusOr<std::reference_wrapper<const Match>> FindOwnMatch(absl::string_view name,
                                                                 const Roles& roles,
                                                                 db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Match& match, work.Find(kMatches, name));
  if (!MayReadMatch(roles, match)) return db::RowNotFound(name);
  if (!roles.ActsFor(match.giver()) && !roles.ActsFor(match.receiver())) return NotParty();
  return std::cref(match);
}

Match MatchOf(const Listing* need, const Listing* resource) {
  const Listing& named = need != nullptr ? *need : *resource;
  Match match;
  if (need != nullptr) match.set_need(need->name());
  if (resource != nullptr) match.set_resource(resource->name());
  match.set_giver(resource != nullptr ? resource->party() : "");
  match.set_receiver(need != nullptr ? need->party() : "");
  match.set_measure(named.measure());
  match.set_mechanism(named.mechanism());
  match.set_title(named.title());
  match.set_state(v1::PROPOSED);
  return match;
}

absl::StatusOr<Match> DecideCreateMatch(const v1::CreateMatchRequest& request,
                                        const rpc::Caller& caller, db::UnitOfWork& work) {
  const Match& asked = request.match();
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Sides sides, FindSides(asked, roles, work));
  Match match = MatchOf(sides.need, sides.resource);
  ASSIGN_OR_RETURN(*match.mutable_giver(),
                   PartyOf(sides.resource, asked.giver(), "match.giver", "请填写提供方", work));
  ASSIGN_OR_RETURN(*match.mutable_receiver(),
                   PartyOf(sides.need, asked.receiver(), "match.receiver", "请填写接收方", work));
  const bool gives = roles.ActsFor(match.giver());
  if (!gives && !roles.ActsFor(match.receiver())) return NotParty();
  if (match.giver() == match.receiver()) return SameParty();
  if (sides.need != nullptr && sides.resource != nullptr)
    RETURN_IF_ERROR(CheckFit(*sides.resource, *sides.need));
  RETURN_IF_ERROR(CheckOpen(sides, asked.quantity()));
  if (const Match* other = OpenProposalLike(match, work); other != nullptr)
    return AlreadyProposed(other->name());

  match.set_name(absl::StrCat(request.parent(), "/matches/", work.NewId()));
  match.set_quantity(asked.quantity());
  match.set_words(asked.words());
  match.set_proposer(gives ? match.giver() : match.receiver());
  match.set_giver_agreed(gives);
  match.set_receiver_agreed(!gives);
  return work.Insert(kMatches, std::move(match), "proposed");
}

absl::StatusOr<Match> DecideAcceptMatch(const v1::AcceptMatchRequest& request,
                                        const rpc::Caller& caller, db::UnitOfWork& work) {
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Match& found, FindOwnMatch(request.name(), roles, work));
  RETURN_IF_ERROR(kMatchStates.Next(found.state(), "accept").status());
  const bool gives = !found.giver_agreed() && roles.ActsFor(found.giver());
  const bool receives = !found.receiver_agreed() && roles.ActsFor(found.receiver());
  if (!gives && !receives) return ForTheOtherSide();
  ASSIGN_OR_RETURN(const Sides sides, SidesOf(found, work));
  RETURN_IF_ERROR(CheckOpen(sides, found.quantity()));

  Match& match = work.Change(found, "agreed");
  if (gives) match.set_giver_agreed(true);
  if (receives) match.set_receiver_agreed(true);
  if (!match.giver_agreed() || !match.receiver_agreed()) return match;
  return Write(match,
               {.kind = v1::LINE_COMMITTED,
                .quantity = match.quantity(),
                .words = "",
                .writer = caller.person},
               "accepted", work);
}

absl::StatusOr<Match> DecideDeclineMatch(const v1::DeclineMatchRequest& request,
                                         const rpc::Caller& caller, db::UnitOfWork& work) {
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Match& found, FindOwnMatch(request.name(), roles, work));
  ASSIGN_OR_RETURN(const v1::MatchState state, kMatchStates.Next(found.state(), "decline"));
  const bool has_a_say = (!found.giver_agreed() && roles.ActsFor(found.giver())) ||
                         (!found.receiver_agreed() && roles.ActsFor(found.receiver()));
  if (!has_a_say) return ForTheOtherSide();

  Match& match = work.Change(found, "declined");
  match.set_state(state);
  match.set_reason(request.reason());
  return match;
}

absl::StatusOr<Match> DecideCancelMatch(const v1::CancelMatchRequest& request,
                                        const rpc::Caller& caller, db::UnitOfWork& work) {
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Match& found, work.Find(kMatches, request.name()));
  if (found.state() != v1::PROPOSED || !StandsBehind(roles, found))
    RETURN_IF_ERROR(FindOwnMatch(request.name(), roles, work).status());
  ASSIGN_OR_RETURN(const v1::MatchState state, kMatchStates.Next(found.state(), "cancel"));
  if (found.state() == v1::PROPOSED && !StandsBehind(roles, found)) return ForTheOtherSide();
  if (found.delivered() > 0) return PartlyDelivered();

  const bool was_committed = found.state() == v1::ACCEPTED;
  Match& match = work.Change(found, "cancelled");
  match.set_reason(request.reason());
  if (was_committed) {
    return Write(match,
                 {.kind = v1::LINE_CANCELLED,
                  .quantity = match.quantity(),
                  .words = request.reason(),
                  .writer = caller.person},
                 "cancelled", work);
  }
  match.set_state(state);
  return match;
}

absl::StatusOr<rows::PlanAnswer> DecideProposePlanned(absl::Span<const Match> planned,
                                                      const rows::PlanChunk& chunk,
                                                      const rpc::Caller& caller,
                                                      db::UnitOfWork& work) {
  if (!RolesOf(caller, work).IsOfficialOf(chunk.parent()))
    return base::Refuse(errors::v1::FORBIDDEN);
  rows::PlanAnswer answer;
  for (const Match& proposal : planned) {
    ASSIGN_OR_RETURN(const Sides sides, SidesOf(proposal, work));
    const bool is_possible = CheckFit(*sides.resource, *sides.need).ok() &&
                             CheckOpen(sides, proposal.quantity()).ok() &&
                             OpenProposalLike(proposal, work) == nullptr;
    if (!is_possible) continue;
    Match match = proposal;
    match.set_name(absl::StrCat(chunk.parent(), "/matches/", work.NewId()));
    *answer.add_matches() = work.Insert(kMatches, std::move(match), "planned");
  }
  return answer;
}

}  // namespace pingan::exchange
