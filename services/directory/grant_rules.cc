#include "services/directory/grant_rules.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/directory/directory_errors.h"
#include "services/directory/directory_roles.h"
#include "services/directory/directory_tables.h"
#include "services/directory/people_errors.h"
#include "services/directory/people_tables.h"
#include "services/directory/unit_rules.h"

namespace pingan::directory {
namespace {

using v1::Grant;

const RoleRule* RuleOf(v1::Role role) {
  for (const RoleRule& rule : kRoleRules) {
    if (rule.role == role) return &rule;
  }
  return nullptr;
}

absl::string_view WantedScope(ScopeShape shape) {
  switch (shape) {
    case ScopeShape::kEnterprise:
      return "该角色的范围须是一家企业";
    case ScopeShape::kUnit:
      return "该角色的范围须是一个村社或网格";
    case ScopeShape::kTown:
      return "该角色的范围须是一个镇街";
    case ScopeShape::kCity:
      return "该角色的范围须是一个市";
    case ScopeShape::kCountry:
      return "该角色的范围须是全国";
  }
  return "";
}

absl::Status CheckScope(const Grant& grant, db::UnitOfWork& work) {
  const ScopeShape wanted = RuleOf(grant.role())->scope;
  if (ShapeOf(grant.scope()) != wanted)
    return base::RefuseField("grant.scope", WantedScope(wanted));
  if (base::TownOf(grant.scope()) != work.tenant()) {
    return base::RefuseField("grant.scope", "角色范围须属于本镇街");
  }
  switch (wanted) {
    case ScopeShape::kEnterprise:
      return work.Find(kEnterprises, grant.scope()).status();
    case ScopeShape::kUnit:
      return FindLiveUnit(grant.scope(), work).status();
    default:
      return work.Find(kTowns, grant.scope()).status();
  }
}

absl::Status CheckHolder(const Grant& grant, db::UnitOfWork& work) {
  if (base::TownOf(grant.person()) != work.tenant()) {
    return base::RefuseField("grant.person", "须先在本镇街登记，才能担任角色");
  }
  ASSIGN_OR_RETURN(const v1::Person& person, work.Find(kPeople, grant.person()));
  return person.erased() ? PersonErased() : absl::OkStatus();
}

}  // namespace

ScopeShape ShapeOf(absl::string_view scope) {
  if (absl::StrContains(scope, "/enterprises/")) return ScopeShape::kEnterprise;
  if (absl::StrContains(scope, "/units/")) return ScopeShape::kUnit;
  if (scope == "towns/000000000") return ScopeShape::kCountry;
  return absl::EndsWith(scope, "000") ? ScopeShape::kCity : ScopeShape::kTown;
}

bool GivesRole(const Roles& roles, v1::Role role, absl::string_view scope) {
  const RoleRule* rule = RuleOf(role);
  return rule != nullptr && rule->giver != v1::ROLE_UNSPECIFIED && roles.Has(rule->giver, scope);
}

bool SeesGrantsOf(const Roles& roles, absl::string_view town) {
  if (roles.ReadsAsOfficialOf(town)) return true;
  return roles.IsPlatformAdmin() && ShapeOf(town) != ScopeShape::kTown;
}

absl::StatusOr<Grant> InsertGrant(const Grant& asked, db::UnitOfWork& work) {
  RETURN_IF_ERROR(CheckScope(asked, work));
  RETURN_IF_ERROR(CheckHolder(asked, work));
  for (const Grant* held :
       work.List(kActiveGrantsOf, work.tenant(), db::kAll, asked.person(), true)) {
    if (held->role() == asked.role() && held->scope() == asked.scope())
      return AlreadyGranted(held->name());
  }
  Grant grant;
  grant.set_name(absl::StrCat("towns/", work.tenant(), "/grants/", work.NewId()));
  grant.set_person(asked.person());
  grant.set_role(asked.role());
  grant.set_scope(asked.scope());
  grant.set_active(true);
  return work.Insert(kGrants, std::move(grant), "created");
}

absl::StatusOr<Grant> DecideCreateGrant(const v1::CreateGrantRequest& request,
                                        const rpc::Caller& caller, db::UnitOfWork& work) {
  if (!GivesRole(RolesOf(caller, work), request.grant().role(), request.grant().scope()))
    return Forbidden();
  return InsertGrant(request.grant(), work);
}

absl::StatusOr<Grant> DecideRevokeGrant(const v1::RevokeGrantRequest& request,
                                        const rpc::Caller& caller, db::UnitOfWork& work) {
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Grant& found, work.Find(kGrants, request.name()));
  if (!GivesRole(roles, found.role(), found.scope())) {
    const bool may_read = caller.person == found.person() ||
                          SeesGrantsOf(roles, absl::StrCat("towns/", work.tenant()));
    return may_read ? Forbidden() : db::RowNotFound(found.name());
  }
  if (!found.active()) return AlreadyRevoked();
  Grant& grant = work.Change(found, "revoked");
  grant.set_active(false);
  *grant.mutable_revoke_time() = work.now_timestamp();
  return grant;
}

}  // namespace pingan::directory
