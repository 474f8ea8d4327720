// Who may read which listing: the one condition, for rules, handlers and lists.
//
// A published listing shows to its own party and to the parties paired with it; once released, to
// whoever acts for a party of the town. A closed one goes on showing to those. A draft and a
// withdrawn one are for the party and for officials, who read everything. Paired is an enterprise
// with a unit by a pairing that is ACTIVE; the unit's grids count as the unit.
#ifndef PINGAN_SERVICES_EXCHANGE_VISIBILITY_H_
#define PINGAN_SERVICES_EXCHANGE_VISIBILITY_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/command.h"
#include "common/db/read_session.h"
#include "common/db/unit_of_work.h"
#include "common/service/grants.h"
#include "pingan/exchange/v1/exchange.pb.h"
#include "pingan/pairing/v1/pairing.pb.h"

namespace pingan::exchange {

// The unit that is paired for a party: a grid's unit; any other party itself.
std::string PairedAs(absl::string_view party);

// The query of a party's active pairings: its arguments are PairedAs(party) and ACTIVE.
const db::QueryOf<pairing::v1::Pairing>& PairingsQueryOf(absl::string_view party);
// A guard for the reader, not a rule: no party has so many.
inline constexpr int64_t kMostPairings = 1000;

// Without a look at pairings.
bool MayReadUnpaired(const service::Roles& roles, const v1::Listing& listing);
// With the active pairings of the listing's party.
bool MayReadPaired(const service::Roles& roles, const v1::Listing& listing,
                   const std::vector<pairing::v1::Pairing>& pairings);
// Inside a rule.
bool MayRead(const service::Roles& roles, const v1::Listing& listing, db::UnitOfWork& work);

// FAILED_PRECONDITION UNKNOWN_PARTY unless it is a unit or enterprise of this town that is still
// there.
absl::Status CheckParty(absl::string_view party, db::UnitOfWork& work);
// The row it asks for.
db::Want WantOfParty(absl::string_view party);

// --- for lists

// Units and enterprises of the town that the caller acts for, as their grants name them.
std::vector<std::string> PartiesOf(const service::Roles& roles, absl::string_view town);

// The parties paired with any of `parties`; a unit stands for its grids.
absl::StatusOr<std::set<std::string>> ReadPairedWith(absl::string_view town,
                                                     const std::vector<std::string>& parties,
                                                     db::ReadSession& session);

// What the statements of lists ask for a caller's sake.
struct Viewer {
  std::string town;
  bool official = false;             // reads everything
  std::vector<std::string> parties;  // of this town that the caller acts for
  std::vector<std::string> paired;   // with those
};
absl::StatusOr<Viewer> ReadViewer(const service::Roles& roles, absl::string_view parent,
                                  db::ReadSession& session);

// The condition on a listing `l`, with parameters $1 town, $2 official, $3 parties, $4 paired.
#define PINGAN_READABLE_LISTINGS                                             \
  "l.town = $1 AND ($2::bool OR EXISTS (SELECT FROM unnest($3::text[]) p "   \
  "WHERE l.party = p OR starts_with(l.party, p || '-')) "                    \
  "OR (l.state IN (2, 3) AND ((l.released AND cardinality($3::text[]) > 0) " \
  "OR l.party = ANY ($4::text[]) OR split_part(l.party, '-', 1) = ANY ($4::text[])))) "

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_VISIBILITY_H_
