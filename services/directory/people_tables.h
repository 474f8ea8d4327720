// What directory stores of people and their roles. Followers see `people` and `grants`;
// `personal_data` is ciphertext.
#ifndef PINGAN_SERVICES_DIRECTORY_PEOPLE_TABLES_H_
#define PINGAN_SERVICES_DIRECTORY_PEOPLE_TABLES_H_

#include "common/db/table.h"
#include "pingan/directory/v1/people.pb.h"
#include "services/directory/rows.pb.h"

namespace pingan::directory {

inline const db::TableOf<v1::Person> kPeople(
    {.name = "people",
     .resource = "towns/{town}/people/{person}",
     .unstored = {"display_name", "phone"},
     .references = {{"enterprise", "towns/{town}/enterprises/{enterprise}"}}});

inline const db::TableOf<rows::PersonalData> kPersonalData(
    {.name = "personal_data", .resource = "towns/{town}/personalData/{person}"});

inline const db::TableOf<rows::PersonKey> kPersonKeys(
    {.name = "person_keys",
     .resource = "towns/{town}/personKeys/{person}",
     .logged = db::Logged::kEphemeral});
// At most one each.
inline const db::QueryOf<rows::PersonKey> kPersonKeyOfPhone(kPersonKeys,
                                                            {.equal = {"phone_index"}});
inline const db::QueryOf<rows::PersonKey> kPersonKeyOfAccount(kPersonKeys, {.equal = {"account"}});

inline const db::TableOf<rows::PhoneReveal> kPhoneReveals(
    {.name = "phone_reveals",
     .resource = "towns/{town}/phoneReveals/{reveal}",
     .references = {{"person", "towns/{town}/people/{person}"}}});

// The original of what other services follow (common/service/grants.h), so it is logged.
inline const db::TableOf<v1::Grant> kGrants({.name = "grants",
                                             .resource = "towns/{town}/grants/{id}"});
inline const db::QueryOf<v1::Grant> kActiveGrantsOf(kGrants, {.equal = {"person", "active"}});

inline db::Tables PeopleTables() {
  return {&kPeople, &kPersonalData, &kPersonKeys, &kPhoneReveals, &kGrants};
}

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_PEOPLE_TABLES_H_
