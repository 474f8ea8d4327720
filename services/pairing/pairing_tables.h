// What pairing stores: its own rows, and those it follows from directory.
#ifndef PINGAN_SERVICES_PAIRING_PAIRING_TABLES_H_
#define PINGAN_SERVICES_PAIRING_PAIRING_TABLES_H_

#include "common/db/table.h"
#include "common/service/grants.h"
#include "common/service/parties.h"
#include "pingan/directory/v1/people.pb.h"
#include "pingan/pairing/v1/pairing.pb.h"

namespace pingan::pairing {

// The shapes of names that pairing stores by their id and whose messages its proto does not import.
inline constexpr char kPersonPattern[] = "towns/{town}/people/{person}";
inline constexpr char kEnterprisePattern[] = "towns/{town}/enterprises/{enterprise}";

inline const db::TableOf<v1::Pairing> kPairings(
    {.name = "pairings",
     .resource = "towns/{town}/pairings/{pairing}",
     .unstored = {"last_deed_date", "enterprise_responsible_masked_name",
                  "unit_responsible_masked_name"},
     .references = {{"enterprise", kEnterprisePattern},
                    {"enterprise_responsible", kPersonPattern},
                    {"unit_responsible", kPersonPattern}}});
inline const db::QueryOf<v1::Pairing> kOpenPairingsOf(kPairings, {.equal = {"enterprise", "unit"},
                                                                  .only = "open"});
// Those without a term come last.
inline const db::QueryOf<v1::Pairing> kOpenPairingsByEnd(kPairings,
                                                         {.order = {"end_date"}, .only = "open"});

inline const db::TableOf<v1::Transition> kTransitions(
    {.name = "transitions",
     .resource = "towns/{town}/pairings/{pairing}/transitions/{transition}"});

inline const db::TableOf<v1::Commitment> kCommitments(
    {.name = "commitments",
     .resource = "towns/{town}/pairings/{pairing}/commitments/{commitment}",
     .unstored = {"progress"},
     .references = {{"enterprise_responsible", kPersonPattern},
                    {"unit_responsible", kPersonPattern}}});
inline const db::QueryOf<v1::Commitment> kCommitmentsOf(kCommitments, {.equal = {"pairing"}});

inline const db::TableOf<v1::Deed> kDeeds(
    {.name = "deeds",
     .resource = "towns/{town}/deeds/{deed}/enterprises/{enterprise}/units/{unit}",
     .logged = db::Logged::kEphemeral});
inline const db::QueryOf<v1::Deed> kDeedsOf(kDeeds, {.equal = {"deed"}});

// Followed: copies without what pairing does not need.
using service::kEnterprises;
using service::kUnits;
inline const db::TableOf<directory::v1::Person> kPeople(
    {.name = "people",
     .resource = "towns/{town}/people/{person}",
     .logged = db::Logged::kEphemeral,
     .unstored = {"kind", "display_name", "phone", "registered", "create_time", "update_time",
                  "etag"}});

inline db::Tables AllTables() {
  return {&kPairings, &kTransitions, &kCommitments, &kDeeds,
          &kUnits,    &kEnterprises, &kPeople,      &service::kGrants};
}

}  // namespace pingan::pairing

#endif  // PINGAN_SERVICES_PAIRING_PAIRING_TABLES_H_
