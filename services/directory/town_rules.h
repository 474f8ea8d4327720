// The rules of towns: who opens one, and who runs it.
#ifndef PINGAN_SERVICES_DIRECTORY_TOWN_RULES_H_
#define PINGAN_SERVICES_DIRECTORY_TOWN_RULES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "pingan/directory/v1/directory.pb.h"

namespace pingan::directory {

// NOT_FOUND for a town that is not there, FORBIDDEN for whoever is not its official: the first line
// of everything that changes a town. `town` is a resource name.
absl::Status MayRunTown(absl::string_view town, const rpc::Caller& caller, db::UnitOfWork& work);

// Platform admins open towns, cities and the country, whose codes are then taken for good. The
// tenant is the new town.
absl::StatusOr<v1::Town> DecideCreateTown(const v1::CreateTownRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_TOWN_RULES_H_
