#include "services/exchange/exchange_lists.h"

#include <string>
#include <utility>
#include <vector>

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/exchange/exchange_tables.h"
#include "services/exchange/visibility.h"

namespace pingan::exchange {
namespace {

// One page backwards over the primary key; ids are in order of time. The filters, $5 to $9
// direction, category, mechanism, party and state, drop rows of that range.
constexpr char kListingsSql[] =
    "SELECT {l.columns} FROM listings l WHERE " PINGAN_READABLE_LISTINGS
    "AND l.listing < $10::uuid AND ($5::int = 0 OR l.direction = $5) "
    "AND ($6::int = 0 OR l.category = $6) AND ($7::int = 0 OR l.mechanism = $7) "
    "AND ($8::text = '' OR l.party = $8 OR starts_with(l.party, $8 || '-')) "
    "AND ($9::int = 0 OR l.state = $9) ORDER BY l.listing DESC LIMIT $11::int";

// The same over matches; $2: reads all, $3: parties of the caller, $4 to $6 party, listing, state.
constexpr char kMatchesSql[] = R"sql(
SELECT {m.columns} FROM matches m WHERE m.town = $1 AND m.match < $7::uuid
  AND ($2::bool OR EXISTS (SELECT FROM unnest($3::text[]) p WHERE p IN (m.giver, m.receiver)
    OR starts_with(m.giver, p || '-') OR starts_with(m.receiver, p || '-')))
  AND ($4::text = '' OR $4 IN (m.giver, m.receiver) OR starts_with(m.giver, $4 || '-')
    OR starts_with(m.receiver, $4 || '-'))
  AND ($5::uuid IS NULL OR $5 IN (m.need, m.resource)) AND ($6::int = 0 OR m.state = $6)
ORDER BY m.match DESC LIMIT $8::int)sql";

// Over the primary key.
constexpr char kLinesSql[] = R"sql(
SELECT {columns} FROM lines WHERE town = $1 AND match = $2::uuid AND line > $3::uuid
ORDER BY line LIMIT $4::int)sql";

}  // namespace

absl::StatusOr<v1::ListListingsResponse> ReadListings(const v1::ListListingsRequest& request,
                                                      const rpc::Page& page,
                                                      const service::Roles& roles,
                                                      db::ReadSession& session) {
  ASSIGN_OR_RETURN(const Viewer viewer, ReadViewer(roles, request.parent(), session));
  ASSIGN_OR_RETURN(
      std::vector<v1::Listing> listings,
      session.Rows(kListings, kListingsSql,
                   {viewer.town, viewer.official, viewer.parties, viewer.paired,
                    request.direction(), request.category(), request.mechanism(), request.party(),
                    request.state(), page.KeyOr(0, rpc::kLastId), page.size + 1}));
  v1::ListListingsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, listings));
  for (v1::Listing& listing : listings) *response.add_listings() = std::move(listing);
  return response;
}

absl::StatusOr<v1::ListMatchesResponse> ReadMatches(const v1::ListMatchesRequest& request,
                                                    const rpc::Page& page,
                                                    const service::Roles& roles,
                                                    db::ReadSession& session) {
  const db::Value listing = request.listing().empty()
                                ? db::Value(std::nullopt)
                                : db::Value(base::LastSegment(request.listing()));
  ASSIGN_OR_RETURN(
      std::vector<v1::Match> matches,
      session.Rows(kMatches, kMatchesSql,
                   {base::TownOf(request.parent()), roles.ReadsAsOfficialOf(request.parent()),
                    PartiesOf(roles, base::TownOf(request.parent())), request.party(), listing,
                    request.state(), page.KeyOr(0, rpc::kLastId), page.size + 1}));
  v1::ListMatchesResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, matches));
  for (v1::Match& match : matches) *response.add_matches() = std::move(match);
  return response;
}

absl::StatusOr<v1::ListLinesResponse> ReadLines(const v1::ListLinesRequest& request,
                                                const rpc::Page& page, db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<v1::Line> lines,
      session.Rows(kLines, kLinesSql,
                   {base::TownOf(request.parent()), base::LastSegment(request.parent()),
                    page.KeyOr(0, rpc::kFirstId), page.size + 1}));
  v1::ListLinesResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, lines));
  for (v1::Line& line : lines) *response.add_lines() = std::move(line);
  return response;
}

}  // namespace pingan::exchange
