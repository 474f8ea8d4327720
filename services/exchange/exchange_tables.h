// What exchange stores: its own rows, and those it follows from directory and pairing.
#ifndef PINGAN_SERVICES_EXCHANGE_EXCHANGE_TABLES_H_
#define PINGAN_SERVICES_EXCHANGE_EXCHANGE_TABLES_H_

#include "common/db/table.h"
#include "common/service/grants.h"
#include "common/service/parties.h"
#include "pingan/exchange/v1/exchange.pb.h"
#include "pingan/pairing/v1/pairing.pb.h"

namespace pingan::exchange {

inline const db::TableOf<v1::Listing> kListings({.name = "listings",
                                                 .resource = "towns/{town}/listings/{listing}"});
inline const db::QueryOf<v1::Listing> kListingsCalled(kListings,
                                                      {.equal = {"party", "direction", "title"}});
// Published ones that open to the town, the earliest first.
inline const db::QueryOf<v1::Listing> kAwaitingRelease(kListings, {.order = {"release_time"},
                                                                   .only = "awaiting_release"});

inline const db::TableOf<v1::Match> kMatches({.name = "matches",
                                              .resource = "towns/{town}/matches/{match}"});
inline const db::QueryOf<v1::Match> kMatchesOfNeed(kMatches, {.equal = {"need", "state"}});
inline const db::QueryOf<v1::Match> kMatchesOfResource(kMatches, {.equal = {"resource", "state"}});

inline const db::TableOf<v1::Line> kLines({.name = "lines",
                                           .resource = "towns/{town}/matches/{match}/lines/{line}",
                                           .references = {
                                               {"writer", "towns/{town}/people/{person}"}}});

// Followed: copies without what exchange does not need.
using service::kEnterprises;
using service::kUnits;
inline const db::TableOf<pairing::v1::Pairing> kPairings(
    {.name = "pairings",
     .resource = "towns/{town}/pairings/{pairing}",
     .logged = db::Logged::kEphemeral,
     .unstored = {"enterprise_responsible", "unit_responsible", "proposer", "start_date",
                  "end_date", "terms", "open", "reason", "last_deed_date",
                  "enterprise_responsible_masked_name", "unit_responsible_masked_name",
                  "create_time", "update_time", "etag"}});
inline const db::QueryOf<pairing::v1::Pairing> kPairingsOfEnterprise(kPairings,
                                                                     {.equal = {"enterprise",
                                                                                "state"}});
inline const db::QueryOf<pairing::v1::Pairing> kPairingsOfUnit(kPairings,
                                                               {.equal = {"unit", "state"}});

inline db::Tables AllTables() {
  return {&kListings, &kMatches, &kLines, &kUnits, &kEnterprises, &kPairings, &service::kGrants};
}

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_EXCHANGE_TABLES_H_
