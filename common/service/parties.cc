#include "common/service/parties.h"

#include "absl/strings/match.h"
#include "common/base/ids.h"

namespace pingan::service {

bool IsParty(absl::string_view name, db::UnitOfWork& work,
             const db::TableOf<directory::v1::Unit>& units,
             const db::TableOf<directory::v1::Enterprise>& enterprises) {
  if (base::TownOf(name) != work.tenant()) return false;
  if (absl::StrContains(name, "/enterprises/"))
    return work.FindOrNull(enterprises, name) != nullptr;
  const directory::v1::Unit* unit = work.FindOrNull(units, name);
  return unit != nullptr && unit->successor().empty();
}

}  // namespace pingan::service
