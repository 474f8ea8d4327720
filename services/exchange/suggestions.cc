#include "services/exchange/suggestions.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "services/exchange/exchange_tables.h"
#include "services/exchange/fit.h"
#include "services/exchange/visibility.h"

namespace pingan::exchange {
namespace {

using v1::Listing;
using v1::Suggestion;

constexpr size_t kMostForListing = 50;
constexpr size_t kMostForEach = 5;

// What may be suggested to the caller over the index listings_open; $5 to $7 direction, category
// and measure, 0 is any. A town has some hundreds open at a time: the limit is a guard.
constexpr char kCandidatesSql[] =
    "SELECT {l.columns} FROM listings l WHERE " PINGAN_READABLE_LISTINGS
    "AND l.state = 2 AND l.remaining > 0 AND ($5::int = 0 OR l.direction = $5) "
    "AND ($6::int = 0 OR l.category = $6) AND ($7::int = 0 OR l.measure = $7) "
    "ORDER BY l.listing LIMIT 5000";

constexpr char kOpenOfPartySql[] = R"sql(
SELECT {columns} FROM listings WHERE town = $1 AND party = $2 AND state = 2 AND remaining > 0
ORDER BY listing DESC LIMIT 100)sql";

constexpr int kAny = 0;

absl::StatusOr<std::vector<Listing>> ReadCandidates(const service::Roles& roles,
                                                    absl::string_view parent, int direction,
                                                    int category, int measure,
                                                    db::ReadSession& session) {
  ASSIGN_OR_RETURN(const Viewer viewer, ReadViewer(roles, parent, session));
  return session.Rows(
      kListings, kCandidatesSql,
      {viewer.town, viewer.official, viewer.parties, viewer.paired, direction, category, measure});
}

bool Fits(const Listing& listing, const Listing& other) {
  return listing.direction() != other.direction() && listing.party() != other.party() &&
         listing.remaining() > 0 && other.remaining() > 0 && CheckFit(listing, other).ok();
}

Suggestion SuggestionOf(const Listing& listing, const Listing& other, bool paired) {
  const bool gives = other.direction() == v1::RESOURCE;
  const Listing& resource = gives ? other : listing;
  const Listing& need = gives ? listing : other;
  const Points points = PointsOf(resource, need, paired);
  Suggestion suggestion;
  *suggestion.mutable_listing() = other;
  suggestion.set_quantity(std::min(listing.remaining(), other.remaining()));
  suggestion.set_score(points.total());
  for (v1::ScorePart& part : PartsOf(points, resource, need))
    *suggestion.add_parts() = std::move(part);
  return suggestion;
}

bool IsBetter(const Suggestion& a, const Suggestion& b) {
  if (a.score() != b.score()) return a.score() > b.score();
  const auto age = [](const Suggestion& suggestion) {
    return std::make_tuple(base::FromTimestamp(suggestion.listing().create_time()),
                           absl::string_view(suggestion.listing().name()));
  };
  return age(a) < age(b);
}

}  // namespace

std::vector<Suggestion> BestSuggestions(const Listing& listing,
                                        const std::vector<Listing>& candidates,
                                        const std::set<std::string>& paired, size_t most) {
  std::vector<Suggestion> suggestions;
  for (const Listing& other : candidates) {
    if (!Fits(listing, other)) continue;
    const bool is_pair = paired.count(PairedAs(other.party())) > 0;
    suggestions.push_back(SuggestionOf(listing, other, is_pair));
  }
  std::sort(suggestions.begin(), suggestions.end(), IsBetter);
  if (suggestions.size() > most) suggestions.resize(most);
  return suggestions;
}

absl::StatusOr<v1::SuggestListingsResponse> ReadSuggestions(const Listing& listing,
                                                            const service::Roles& roles,
                                                            db::ReadSession& session) {
  v1::SuggestListingsResponse response;
  if (listing.state() != v1::DRAFT && listing.state() != v1::PUBLISHED) return response;
  const v1::Direction other = listing.direction() == v1::NEED ? v1::RESOURCE : v1::NEED;
  ASSIGN_OR_RETURN(
      const std::vector<Listing> candidates,
      ReadCandidates(roles, listing.name(), other, listing.category(), listing.measure(), session));
  ASSIGN_OR_RETURN(const std::set<std::string> paired,
                   ReadPairedWith(base::TownOf(listing.name()), {listing.party()}, session));
  for (Suggestion& suggestion : BestSuggestions(listing, candidates, paired, kMostForListing))
    *response.add_suggestions() = std::move(suggestion);
  return response;
}

absl::StatusOr<v1::SuggestForPartyResponse> ReadSuggestionsForParty(
    const v1::SuggestForPartyRequest& request, const service::Roles& roles,
    db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<Listing> own,
      session.Rows(kListings, kOpenOfPartySql, {base::TownOf(request.parent()), request.party()}));
  ASSIGN_OR_RETURN(const std::vector<Listing> candidates,
                   ReadCandidates(roles, request.parent(), kAny, kAny, kAny, session));
  ASSIGN_OR_RETURN(const std::set<std::string> paired,
                   ReadPairedWith(base::TownOf(request.parent()), {request.party()}, session));
  v1::SuggestForPartyResponse response;
  for (Listing& listing : own) {
    v1::Fit& fit = *response.add_fits();
    for (Suggestion& suggestion : BestSuggestions(listing, candidates, paired, kMostForEach))
      *fit.add_suggestions() = std::move(suggestion);
    *fit.mutable_listing() = std::move(listing);
  }
  return response;
}

}  // namespace pingan::exchange
