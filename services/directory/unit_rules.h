// The rules of units: ids that say where a unit stands, names that change, mergers.
#ifndef PINGAN_SERVICES_DIRECTORY_UNIT_RULES_H_
#define PINGAN_SERVICES_DIRECTORY_UNIT_RULES_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "pingan/directory/v1/directory.pb.h"

namespace pingan::directory {

// Whether the id (`330481003005-01`) is one of this kind: twelve digits are a village or community,
// `X` an industrial community, one `-dd` a grid, two a micro-grid.
bool KindFitsId(v1::UnitKind kind, absl::string_view unit_id);

// The unit above, by the name of the one below; "" right below the town.
std::string ParentUnitOf(absl::string_view unit);

// A unit of this town that takes something new. NOT_FOUND when there is none, UNIT_RETIRED when it
// was merged.
absl::StatusOr<std::reference_wrapper<const v1::Unit>> FindLiveUnit(absl::string_view name,
                                                                    db::UnitOfWork& work);

absl::StatusOr<v1::Unit> DecideCreateUnit(const v1::CreateUnitRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Unit> DecideUpdateUnit(const v1::UpdateUnitRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work);
// Platform admin. The grids below end with the unit, and its enterprises belong to the successor
// from today on; the successor is a live unit of the same level and town. README.md says why.
absl::StatusOr<v1::Unit> DecideMergeUnit(const v1::MergeUnitRequest& request,
                                         const rpc::Caller& caller, db::UnitOfWork& work);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_UNIT_RULES_H_
