// What directory stores of towns, units, enterprises and duties. Its people are in people_tables.h.
#ifndef PINGAN_SERVICES_DIRECTORY_DIRECTORY_TABLES_H_
#define PINGAN_SERVICES_DIRECTORY_DIRECTORY_TABLES_H_

#include "common/db/table.h"
#include "pingan/directory/v1/directory.pb.h"

namespace pingan::directory {

inline const db::TableOf<v1::Town> kTowns({.name = "towns", .resource = "towns/{town}"});

inline const db::TableOf<v1::Unit> kUnits({.name = "units",
                                           .resource = "towns/{town}/units/{unit}"});
inline const db::QueryOf<v1::Unit> kUnitsBelow(kUnits, {.equal = {"parent_unit"}});
inline const db::QueryOf<v1::Unit> kUnitsCalled(kUnits, {.equal = {"display_name"}});

// `unit` is where the enterprise was when its row was last written; where it is on a day is asked
// of its placements.
inline const db::TableOf<v1::Enterprise> kEnterprises(
    {.name = "enterprises", .resource = "towns/{town}/enterprises/{enterprise}"});
inline const db::QueryOf<v1::Enterprise> kEnterprisesByUscc(kEnterprises, {.equal = {"uscc"}});

inline const db::TableOf<v1::Placement> kPlacements(
    {.name = "placements",
     .resource = "towns/{town}/enterprises/{enterprise}/placements/{placement}"});
// Newest first: by the day it begins, then by when it was made.
inline const db::QueryOf<v1::Placement> kPlacementsOf(kPlacements, {.equal = {"enterprise"},
                                                                    .order = {"start_date"},
                                                                    .descending = true});
inline const db::QueryOf<v1::Placement> kPlacementsIn(kPlacements, {.equal = {"unit"}});

inline const db::TableOf<v1::Duty> kDuties({.name = "duties",
                                            .resource = "towns/{town}/duties/{duty}",
                                            .references = {
                                                {"leader", "towns/{town}/people/{person}"}}});
// Latest beginning first.
inline const db::QueryOf<v1::Duty> kDutiesOf(kDuties, {.equal = {"unit"},
                                                       .order = {"start_date"},
                                                       .descending = true});

inline db::Tables DirectoryTables() {
  return {&kTowns, &kUnits, &kEnterprises, &kPlacements, &kDuties};
}

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_DIRECTORY_TABLES_H_
