// What volunteer stores: its own rows, and those it follows from directory.
#ifndef PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_TABLES_H_
#define PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_TABLES_H_

#include "common/db/table.h"
#include "common/service/grants.h"
#include "pingan/directory/v1/people.pb.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::volunteer {

// The shape of names that volunteer stores by their id and whose messages it does not import.
inline constexpr char kPersonPattern[] = "towns/{town}/people/{person}";

// A roster's counters change with every sign-up: of one transaction only the last version is
// logged.
inline const db::TableOf<v1::Roster> kRosters({.name = "rosters",
                                               .resource = "towns/{town}/rosters/{roster}",
                                               .logged = db::Logged::kLast,
                                               .unstored = {"event", "own_sign_up"}});

inline const db::TableOf<v1::SignUp> kSignUps(
    {.name = "sign_ups",
     .resource = "towns/{town}/rosters/{roster}/signUps/{person}",
     .unstored = {"position", "title", "masked_name", "signed_up_by_masked_name", "has_overlap"},
     .references = {{"person", kPersonPattern}, {"signed_up_by", kPersonPattern}}});
// Everything of a person that ends after a time: it answers "already in" and "overlaps" in one
// probe.
inline const db::QueryOf<v1::SignUp> kSignUpsEndingAfter(kSignUps, {.equal = {"person"},
                                                                    .floor = "end_time"});
// Those of a roster in one state, in the order of signing up: the waiting line, the seated.
inline const db::QueryOf<v1::SignUp> kSignUpsInState(kSignUps, {.equal = {"roster", "state"},
                                                                .order = {"rank"}});

inline const db::TableOf<v1::Team> kTeams({.name = "teams",
                                           .resource = "towns/{town}/teams/{team}",
                                           .references = {{"leader", kPersonPattern}}});
inline const db::QueryOf<v1::Team> kTeamsLedBy(kTeams, {.equal = {"leader"}});
inline const db::TableOf<v1::Member> kMembers(
    {.name = "members",
     .resource = "towns/{town}/teams/{team}/members/{person}",
     .unstored = {"masked_name"}});

// Followed.
inline const db::TableOf<directory::v1::Person> kPeople(
    {.name = "people",
     .resource = "towns/{town}/people/{person}",
     .logged = db::Logged::kEphemeral,
     .unstored = {"kind", "display_name", "phone", "registered", "create_time", "update_time",
                  "etag"}});

inline db::Tables AllTables() {
  return {&kRosters, &kSignUps, &kTeams, &kMembers, &kPeople, &service::kGrants};
}

}  // namespace pingan::volunteer

#endif  // PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_TABLES_H_
