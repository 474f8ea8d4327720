// What event stores: its own rows, and those it follows from directory.
#ifndef PINGAN_SERVICES_EVENT_EVENT_TABLES_H_
#define PINGAN_SERVICES_EVENT_EVENT_TABLES_H_

#include "common/db/table.h"
#include "common/service/grants.h"
#include "pingan/directory/v1/directory.pb.h"
#include "pingan/event/v1/event.pb.h"
#include "pingan/pairing/v1/pairing.pb.h"

namespace pingan::event {

inline const db::TableOf<v1::Event> kEvents({.name = "events",
                                             .resource = "towns/{town}/events/{event}"});
inline const db::TableOf<v1::HeldEvent> kHeldEvents(
    {.name = "held_events", .resource = "towns/{town}/heldEvents/{event}"});
inline const db::TableOf<v1::Correction> kCorrections(
    {.name = "corrections",
     .resource = "towns/{town}/events/{event}/corrections/{correction}",
     .references = {{"corrector", "towns/{town}/people/{person}"}}});
inline const db::TableOf<v1::CoBuildingDay> kCoBuildingDays(
    {.name = "co_building_days", .resource = "towns/{town}/coBuildingDays/{co_building_day}"});
inline const db::QueryOf<v1::CoBuildingDay> kCoBuildingDaysOn(kCoBuildingDays, {.equal = {"day"}});

// Followed: copies without what event does not need.
inline const db::TableOf<directory::v1::Town> kTowns({.name = "towns",
                                                      .resource = "towns/{town}",
                                                      .logged = db::Logged::kEphemeral,
                                                      .unstored = {"create_time", "update_time",
                                                                   "etag"}});
inline const db::TableOf<directory::v1::Unit> kUnits(
    {.name = "units",
     .resource = "towns/{town}/units/{unit}",
     .logged = db::Logged::kEphemeral,
     .unstored = {"parent_unit", "office_phone", "create_time", "update_time", "etag"}});
inline const db::TableOf<directory::v1::Enterprise> kEnterprises(
    {.name = "enterprises",
     .resource = "towns/{town}/enterprises/{enterprise}",
     .logged = db::Logged::kEphemeral,
     .unstored = {"uscc", "above_scale", "address", "party_branch", "office_phone", "unit",
                  "create_time", "update_time", "etag"}});

inline const db::TableOf<pairing::v1::Pairing> kPairings(
    {.name = "pairings",
     .resource = "towns/{town}/pairings/{pairing}",
     .logged = db::Logged::kEphemeral,
     .unstored = {"enterprise_responsible", "unit_responsible", "state", "proposer", "terms",
                  "open", "reason", "last_deed_date", "enterprise_responsible_masked_name",
                  "unit_responsible_masked_name", "create_time", "update_time", "etag"},
     .references = {{"enterprise", "towns/{town}/enterprises/{enterprise}"}}});

inline db::Tables AllTables() {
  return {&kEvents, &kHeldEvents,  &kCorrections, &kCoBuildingDays, &kTowns,
          &kUnits,  &kEnterprises, &kPairings,    &service::kGrants};
}

}  // namespace pingan::event

#endif  // PINGAN_SERVICES_EVENT_EVENT_TABLES_H_
