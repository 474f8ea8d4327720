// The rules of roles: who gives which, over what.
#ifndef PINGAN_SERVICES_DIRECTORY_GRANT_RULES_H_
#define PINGAN_SERVICES_DIRECTORY_GRANT_RULES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/service/grants.h"
#include "pingan/directory/v1/people.pb.h"

namespace pingan::directory {

enum class ScopeShape { kEnterprise, kUnit, kTown, kCity, kCountry };

// A role, who gives it, and what its scope is.
struct RoleRule {
  v1::Role role;
  v1::Role giver;  // ROLE_UNSPECIFIED: nobody, only the program's own `bootstrap`
  ScopeShape scope;
};

// Whoever gives a role holds the one named beside it over the same scope, so nobody gives a role as
// high as their own.
inline constexpr RoleRule kRoleRules[] = {
    {v1::RESIDENT_ROLE, v1::TOWN_OFFICIAL, ScopeShape::kUnit},
    {v1::EMPLOYEE_ROLE, v1::TOWN_OFFICIAL, ScopeShape::kEnterprise},
    {v1::ENTERPRISE_MANAGER, v1::TOWN_OFFICIAL, ScopeShape::kEnterprise},
    {v1::VILLAGE_WORKER, v1::TOWN_OFFICIAL, ScopeShape::kUnit},
    {v1::GRID_LEADER, v1::TOWN_OFFICIAL, ScopeShape::kUnit},
    {v1::TOWN_OFFICIAL, v1::CITY_OFFICIAL, ScopeShape::kTown},
    {v1::CITY_OFFICIAL, v1::PLATFORM_ADMIN, ScopeShape::kCity},
    {v1::PLATFORM_ADMIN, v1::ROLE_UNSPECIFIED, ScopeShape::kCountry},
};

// What a scope is by the look of its name.
ScopeShape ShapeOf(absl::string_view scope);

// Whether these roles may give or take back `role` over `scope`.
bool GivesRole(const service::Roles& roles, v1::Role role, absl::string_view scope);

// Whether they see all grants of a town: its officials, its city's, and administrators where they
// appoint.
bool SeesGrantsOf(const service::Roles& roles, absl::string_view town);

// The grant as it is to be: person and scope belong to the tenant, are there, and fit the role; no
// second one like it.
absl::StatusOr<v1::Grant> InsertGrant(const v1::Grant& asked, db::UnitOfWork& work);

absl::StatusOr<v1::Grant> DecideCreateGrant(const v1::CreateGrantRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work);
// Whoever could give it takes it back, once.
absl::StatusOr<v1::Grant> DecideRevokeGrant(const v1::RevokeGrantRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_GRANT_RULES_H_
