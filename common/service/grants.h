// What a caller may act as: the grants of domain rules, asked for like any other rows.
//
// Every service has the table `grants`: directory owns it, the others follow it. So a rule reads
// its caller's grants inside the same transaction as everything else, and a revoked grant stops
// working as soon as it is followed.
#ifndef PINGAN_COMMON_SERVICE_GRANTS_H_
#define PINGAN_COMMON_SERVICE_GRANTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/task.h"
#include "common/db/row_reader.h"
#include "common/db/table.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "pingan/directory/v1/people.pb.h"

namespace pingan::service {

// As the services that follow it keep it; directory declares its own, logged. (`grant` is a word of
// SQL, so the key is `id`.)
inline const db::TableOf<directory::v1::Grant> kGrants({.name = "grants",
                                                        .resource = "towns/{town}/grants/{id}",
                                                        .logged = db::Logged::kEphemeral,
                                                        .unstored = {"create_time",
                                                                     "revoke_time"}});
inline const db::QueryOf<directory::v1::Grant> kActiveGrantsOf(kGrants,
                                                               {.equal = {"person", "active"}});

// Whether a scope (a unit, an enterprise, a town, a city or the country as padded codes) covers a
// resource: itself, the grids of a unit, everything of a town, the towns of a city.
bool Covers(absl::string_view scope, absl::string_view resource);

// The active grants of one person; nobody's when the caller is nobody.
class Roles {
 public:
  Roles() = default;
  explicit Roles(std::vector<directory::v1::Grant> grants) : grants_(std::move(grants)) {}

  // Whether the caller has `role` over `resource`.
  bool Has(directory::v1::Role role, absl::string_view resource) const;
  // A town official of this town.
  bool IsOfficialOf(absl::string_view town) const {
    return Has(directory::v1::TOWN_OFFICIAL, town);
  }
  // Reads as a town official of this town does: also the officials of its city.
  bool ReadsAsOfficialOf(absl::string_view town) const {
    return IsOfficialOf(town) || Has(directory::v1::CITY_OFFICIAL, town);
  }
  bool IsPlatformAdmin() const;
  // The manager of this enterprise, the worker of this unit or one above it, or, for the town
  // itself, its official.
  bool ActsFor(absl::string_view party) const;
  // The units, enterprises and towns the caller acts for, as granted.
  std::vector<std::string> Parties() const;
  // Acts for at least one of them.
  template <class Parties>
  bool ActsForAny(const Parties& parties) const {
    for (const auto& party : parties) {
      if (ActsFor(party)) return true;
    }
    return false;
  }
  // A village's worker for somebody who lives in this unit.
  bool WorksFor(absl::string_view unit) const {
    return !unit.empty() && Has(directory::v1::VILLAGE_WORKER, unit);
  }

  const std::vector<directory::v1::Grant>& grants() const { return grants_; }

 private:
  std::vector<directory::v1::Grant> grants_;
};

// Inside a rule. directory names the query over its own table of grants.
Roles RolesOf(const rpc::Caller& caller, db::UnitOfWork& work,
              const db::QueryOf<directory::v1::Grant>& active_grants_of = kActiveGrantsOf);
// Inside a handler.
base::Task<absl::StatusOr<Roles>> RolesOf(
    const rpc::Call& call, db::RowReader& reader,
    const db::QueryOf<directory::v1::Grant>& active_grants_of = kActiveGrantsOf);

}  // namespace pingan::service

#endif  // PINGAN_COMMON_SERVICE_GRANTS_H_
