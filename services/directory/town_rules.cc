#include "services/directory/town_rules.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/directory/directory_errors.h"
#include "services/directory/directory_roles.h"
#include "services/directory/directory_tables.h"

namespace pingan::directory {

absl::Status MayRunTown(absl::string_view town, const rpc::Caller& caller, db::UnitOfWork& work) {
  RETURN_IF_ERROR(work.Find(kTowns, town).status());
  return RolesOf(caller, work).IsOfficialOf(town) ? absl::OkStatus() : Forbidden();
}

absl::StatusOr<v1::Town> DecideCreateTown(const v1::CreateTownRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work) {
  if (!RolesOf(caller, work).IsPlatformAdmin()) return Forbidden();
  v1::Town town = request.town();
  town.set_name(absl::StrCat("towns/", request.town_id()));
  return work.Insert(kTowns, std::move(town), "created");
}

}  // namespace pingan::directory
