#include "services/directory/placement_rules.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "services/directory/directory_tables.h"

namespace pingan::directory {
namespace {

using v1::Enterprise;
using v1::Placement;

std::vector<const Placement*> PlacementsOf(absl::string_view enterprise, db::UnitOfWork& work) {
  return work.List(kPlacementsOf, work.tenant(), db::kAll, enterprise);
}

google::type::Date Today(db::UnitOfWork& work) { return base::ToDate(base::DayOf(work.now())); }

std::string EnterpriseOf(const Placement& placement) {
  return placement.name().substr(0, placement.name().rfind("/placements/"));
}

}  // namespace

std::string UnitOn(const google::type::Date& day, const std::vector<const Placement*>& placements) {
  for (const Placement* placement : placements) {
    if (base::CompareDates(placement->start_date(), day) <= 0) return placement->unit();
  }
  return "";
}

std::string UnitOn(const google::type::Date& day, const std::vector<Placement>& placements) {
  std::vector<const Placement*> pointers;
  pointers.reserve(placements.size());
  for (const Placement& placement : placements) pointers.push_back(&placement);
  return UnitOn(day, pointers);
}

std::string UnitToday(absl::string_view enterprise, db::UnitOfWork& work) {
  return UnitOn(Today(work), PlacementsOf(enterprise, work));
}

Placement AddPlacement(const Enterprise& enterprise, absl::string_view unit,
                       const google::type::Date& start_date, db::UnitOfWork& work) {
  Placement placement;
  placement.set_name(absl::StrCat(enterprise.name(), "/placements/", work.NewId()));
  placement.set_unit(std::string(unit));
  *placement.mutable_start_date() = start_date;
  const Placement& placed = work.Insert(kPlacements, std::move(placement), "created");
  std::string today = UnitToday(enterprise.name(), work);
  if (today != enterprise.unit()) work.Change(enterprise, "moved").set_unit(std::move(today));
  return placed;
}

void HandOver(absl::string_view unit, absl::string_view successor, db::UnitOfWork& work) {
  const google::type::Date today = Today(work);
  std::set<std::string> enterprises;
  for (const Placement* placement : work.List(kPlacementsIn, work.tenant(), db::kAll, unit)) {
    enterprises.insert(EnterpriseOf(*placement));
  }
  for (const std::string& name : enterprises) {
    const Enterprise* enterprise = work.FindOrNull(kEnterprises, name);
    if (enterprise == nullptr) continue;
    for (const Placement* placement : PlacementsOf(name, work)) {
      const bool begun = base::CompareDates(placement->start_date(), today) <= 0;
      if (placement->unit() == unit)
        AddPlacement(*enterprise, successor, begun ? today : placement->start_date(), work);
      if (begun) break;  // what is older is history
    }
  }
}

}  // namespace pingan::directory
