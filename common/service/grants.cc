#include "common/service/grants.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/service/commands.h"

namespace pingan::service {
namespace {

using directory::v1::Grant;

// More than any person holds; a guard for the reader, not a rule.
constexpr int64_t kMostGrants = 1000;

// 330481000 covers 330481003, 000000000 everything: a padded code stands for all codes that begin
// as it does.
bool CoversTown(absl::string_view code, absl::string_view town) {
  if (code == town || code == "000000000") return true;
  return absl::EndsWith(code, "000") && absl::StartsWith(town, code.substr(0, code.size() - 3));
}

}  // namespace

bool Covers(absl::string_view scope, absl::string_view resource) {
  if (scope == resource) return true;
  absl::string_view rest = scope;
  if (absl::ConsumePrefix(&rest, "towns/") && !absl::StrContains(rest, '/')) {
    return CoversTown(rest, base::TownOf(resource));
  }
  if (!absl::StartsWith(resource, scope)) return false;
  // Below a unit: its grids (`...005-01`), and what lies under its name.
  const char next = resource[scope.size()];
  return next == '/' || (next == '-' && absl::StrContains(scope, "/units/"));
}

bool Roles::Has(directory::v1::Role role, absl::string_view resource) const {
  for (const Grant& grant : grants_) {
    if (grant.role() == role && Covers(grant.scope(), resource)) return true;
  }
  return false;
}

bool Roles::IsPlatformAdmin() const {
  for (const Grant& grant : grants_) {
    if (grant.role() == directory::v1::PLATFORM_ADMIN) return true;
  }
  return false;
}

bool Roles::ActsFor(absl::string_view party) const {
  if (absl::StrContains(party, "/enterprises/"))
    return Has(directory::v1::ENTERPRISE_MANAGER, party);
  if (absl::StrContains(party, "/units/")) return Has(directory::v1::VILLAGE_WORKER, party);
  return IsOfficialOf(party);
}

std::vector<std::string> Roles::Parties() const {
  std::vector<std::string> parties;
  for (const directory::v1::Grant& grant : grants_) {
    if (ActsFor(grant.scope())) parties.push_back(grant.scope());
  }
  return parties;
}

Roles RolesOf(const rpc::Caller& caller, db::UnitOfWork& work,
              const db::QueryOf<Grant>& active_grants_of) {
  std::vector<Grant> grants;
  if (caller.person.empty()) return Roles();
  for (const Grant* grant :
       work.List(active_grants_of, caller.person, kMostGrants, caller.person, true)) {
    grants.push_back(*grant);
  }
  return Roles(std::move(grants));
}

base::Task<absl::StatusOr<Roles>> RolesOf(const rpc::Call& call, db::RowReader& reader,
                                          const db::QueryOf<Grant>& active_grants_of) {
  if (call.caller.person.empty()) co_return Roles();
  std::vector<db::Value> active = {call.caller.person, true};
  CO_ASSIGN_OR_RETURN(std::vector<Grant> grants,
                      co_await reader.List(active_grants_of, call.caller.person, kMostGrants,
                                           std::move(active), PatienceOf(call)));
  co_return Roles(std::move(grants));
}

}  // namespace pingan::service
