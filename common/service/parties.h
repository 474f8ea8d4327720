// Units and enterprises, for services that only ask whether one is there.
//
// directory owns both; a service that shows their names keeps copies of its own.
#ifndef PINGAN_COMMON_SERVICE_PARTIES_H_
#define PINGAN_COMMON_SERVICE_PARTIES_H_

#include "absl/strings/string_view.h"
#include "common/db/table.h"
#include "common/db/unit_of_work.h"
#include "pingan/directory/v1/directory.pb.h"

namespace pingan::service {

inline const db::TableOf<directory::v1::Unit> kUnits({.name = "units",
                                                      .resource = "towns/{town}/units/{unit}",
                                                      .logged = db::Logged::kEphemeral,
                                                      .unstored = {"display_name", "parent_unit",
                                                                   "office_phone", "create_time",
                                                                   "update_time", "etag"}});
inline const db::TableOf<directory::v1::Enterprise> kEnterprises(
    {.name = "enterprises",
     .resource = "towns/{town}/enterprises/{enterprise}",
     .logged = db::Logged::kEphemeral,
     .unstored = {"display_name", "uscc", "above_scale", "address", "party_branch", "office_phone",
                  "unit", "create_time", "update_time", "etag"}});

// A unit of the work's town that was not merged away, or an enterprise of it.
bool IsParty(absl::string_view name, db::UnitOfWork& work,
             const db::TableOf<directory::v1::Unit>& units = kUnits,
             const db::TableOf<directory::v1::Enterprise>& enterprises = kEnterprises);

}  // namespace pingan::service

#endif  // PINGAN_COMMON_SERVICE_PARTIES_H_
