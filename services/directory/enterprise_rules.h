// The rules of enterprises: what they are registered as, who changes what of them, where they move,
// and who sees what.
#ifndef PINGAN_SERVICES_DIRECTORY_ENTERPRISE_RULES_H_
#define PINGAN_SERVICES_DIRECTORY_ENTERPRISE_RULES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/service/grants.h"
#include "pingan/directory/v1/directory.pb.h"

namespace pingan::directory {

// Whether the code and contacts of an enterprise that is in `unit` today are shown: to its manager,
// the workers of the unit or one above it, and the officials of town and city.
bool SeesContacts(const service::Roles& roles, const v1::Enterprise& enterprise,
                  absl::string_view unit);

// The enterprise as `roles` see it, in the unit where it is today.
v1::Enterprise ShownTo(const service::Roles& roles, v1::Enterprise enterprise, std::string unit);

// The holder of a code in this town, or null.
const v1::Enterprise* HolderOf(absl::string_view uscc, db::UnitOfWork& work);

// Registers a checked enterprise; with a unit, it is placed there from today on.
v1::Enterprise RegisterEnterprise(absl::string_view town, v1::Enterprise enterprise,
                                  db::UnitOfWork& work);

absl::StatusOr<v1::Enterprise> DecideCreateEnterprise(const v1::CreateEnterpriseRequest& request,
                                                      const rpc::Caller& caller,
                                                      db::UnitOfWork& work);
// A town official changes all but code and unit, its manager the contacts.
absl::StatusOr<v1::Enterprise> DecideUpdateEnterprise(const v1::UpdateEnterpriseRequest& request,
                                                      const rpc::Caller& caller,
                                                      db::UnitOfWork& work);
// From today or a later day on, and not before a placement that is there already.
absl::StatusOr<v1::Placement> DecideMoveEnterprise(const v1::MoveEnterpriseRequest& request,
                                                   const rpc::Caller& caller, db::UnitOfWork& work);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_ENTERPRISE_RULES_H_
