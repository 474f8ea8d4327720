#include "services/exchange/visibility.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/exchange/exchange_errors.h"
#include "services/exchange/exchange_tables.h"

namespace pingan::exchange {
namespace {

using pairing::v1::Pairing;
using service::Roles;
using v1::Listing;

// Over the indexes pairings_of_enterprise and pairings_of_unit.
constexpr char kPairedSql[] = R"sql(
SELECT unit FROM pairings WHERE town = $1 AND state = 3 AND enterprise = ANY ($2::text[])
UNION SELECT enterprise FROM pairings WHERE town = $1 AND state = 3 AND unit = ANY ($2::text[]))sql";

bool IsUnit(absl::string_view party) { return absl::StrContains(party, "/units/"); }

bool WasPublished(const Listing& listing) {
  return listing.state() == v1::PUBLISHED || listing.state() == v1::CLOSED;
}

}  // namespace

std::string PairedAs(absl::string_view party) {
  return std::string(IsUnit(party) ? party.substr(0, party.find('-')) : party);
}

const db::QueryOf<Pairing>& PairingsQueryOf(absl::string_view party) {
  return IsUnit(party) ? kPairingsOfUnit : kPairingsOfEnterprise;
}

bool MayReadUnpaired(const Roles& roles, const Listing& listing) {
  if (roles.ActsFor(listing.party()) || roles.ReadsAsOfficialOf(listing.name())) return true;
  return WasPublished(listing) && listing.released() &&
         !PartiesOf(roles, base::TownOf(listing.name())).empty();
}

bool MayReadPaired(const Roles& roles, const Listing& listing,
                   const std::vector<Pairing>& pairings) {
  if (!WasPublished(listing)) return false;
  const bool is_unit = IsUnit(listing.party());
  for (const std::string& party : PartiesOf(roles, base::TownOf(listing.name()))) {
    for (const Pairing& pairing : pairings) {
      const std::string& other = is_unit ? pairing.enterprise() : pairing.unit();
      if (PairedAs(party) == other) return true;
    }
  }
  return false;
}

bool MayRead(const Roles& roles, const Listing& listing, db::UnitOfWork& work) {
  if (MayReadUnpaired(roles, listing)) return true;
  std::vector<Pairing> pairings;
  for (const Pairing* pairing :
       work.List(PairingsQueryOf(listing.party()), work.tenant(), kMostPairings,
                 PairedAs(listing.party()), pairing::v1::ACTIVE)) {
    pairings.push_back(*pairing);
  }
  return MayReadPaired(roles, listing, pairings);
}

absl::Status CheckParty(absl::string_view party, db::UnitOfWork& work) {
  return service::IsParty(party, work) ? absl::OkStatus() : UnknownParty(party);
}

std::vector<std::string> PartiesOf(const Roles& roles, absl::string_view town) {
  std::vector<std::string> parties;
  for (std::string& party : roles.Parties()) {
    const bool is_party = IsUnit(party) || absl::StrContains(party, "/enterprises/");
    if (is_party && base::TownOf(party) == town) parties.push_back(std::move(party));
  }
  return parties;
}

db::Want WantOfParty(absl::string_view party) {
  return IsUnit(party) ? db::Want::ForRow(kUnits, party) : db::Want::ForRow(kEnterprises, party);
}

absl::StatusOr<std::set<std::string>> ReadPairedWith(absl::string_view town,
                                                     const std::vector<std::string>& parties,
                                                     db::ReadSession& session) {
  std::vector<std::string> as;
  for (const std::string& party : parties) as.push_back(PairedAs(party));
  std::set<std::string> paired;
  RETURN_IF_ERROR(session.Records(
      kPairedSql, {town, as}, [&](const db::Record& record) { paired.emplace(record.Text(0)); }));
  return paired;
}

absl::StatusOr<Viewer> ReadViewer(const Roles& roles, absl::string_view parent,
                                  db::ReadSession& session) {
  Viewer viewer;
  viewer.town = std::string(base::TownOf(parent));
  viewer.official = roles.ReadsAsOfficialOf(parent);
  viewer.parties = PartiesOf(roles, viewer.town);
  if (!viewer.parties.empty()) {
    ASSIGN_OR_RETURN(const std::set<std::string> paired,
                     ReadPairedWith(viewer.town, viewer.parties, session));
    viewer.paired.assign(paired.begin(), paired.end());
  }
  return viewer;
}

}  // namespace pingan::exchange
