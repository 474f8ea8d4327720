#include "services/directory/unit_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/rpc/update_mask.h"
#include "services/directory/directory_errors.h"
#include "services/directory/directory_roles.h"
#include "services/directory/directory_tables.h"
#include "services/directory/placement_rules.h"
#include "services/directory/town_rules.h"

namespace pingan::directory {
namespace {

using v1::Unit;

constexpr absl::string_view kChangingFields[] = {"display_name", "office_phone"};

// Where the `X` of a unit outside the statutory list stands: behind the town's code.
constexpr size_t kTownDigits = 9;

int LevelOf(absl::string_view unit_id) {
  return static_cast<int>(std::count(unit_id.begin(), unit_id.end(), '-'));
}

absl::Status NotRetired(const Unit& unit, db::UnitOfWork& work) {
  if (unit.successor().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Unit& successor, work.Find(kUnits, unit.successor()));
  return UnitRetired(successor);
}

absl::Status CheckId(const v1::CreateUnitRequest& request) {
  if (!absl::StartsWith(request.unit_id(), base::TownOf(request.parent()))) {
    return base::RefuseField("unit_id", "单位代码须以本镇街的九位代码开头");
  }
  if (!KindFitsId(request.unit().kind(), request.unit_id())) {
    return base::RefuseField("unit.kind",
                             "单位类别与代码不符：12 位数字为村或社区，X "
                             "为工业社区，“-两位数字”为网格，再加“-两位数字”为微网格");
  }
  return absl::OkStatus();
}

absl::Status CheckSuccessor(const Unit& unit, const Unit& successor) {
  if (successor.name() == unit.name()) return base::RefuseField("successor", "不能并入自身");
  if (LevelOf(successor.name()) != LevelOf(unit.name())) {
    return base::RefuseField("successor", "只能并入同一层级的单位");
  }
  return absl::OkStatus();
}

void Merge(const Unit& unit, const Unit& successor, db::UnitOfWork& work) {
  for (const Unit* below : work.List(kUnitsBelow, work.tenant(), db::kAll, unit.name())) {
    if (below->successor().empty()) Merge(*below, successor, work);
  }
  work.Change(unit, "merged").set_successor(successor.name());
  HandOver(unit.name(), successor.name(), work);
}

}  // namespace

bool KindFitsId(v1::UnitKind kind, absl::string_view unit_id) {
  switch (LevelOf(unit_id)) {
    case 0:
      if (unit_id[kTownDigits] == 'X') return kind == v1::INDUSTRIAL_COMMUNITY;
      return kind == v1::VILLAGE || kind == v1::COMMUNITY;
    case 1:
      return kind == v1::GRID;
    default:
      return kind == v1::MICRO_GRID;
  }
}

std::string ParentUnitOf(absl::string_view unit) {
  const size_t dash = unit.rfind('-');
  return dash == unit.npos ? std::string() : std::string(unit.substr(0, dash));
}

absl::StatusOr<std::reference_wrapper<const Unit>> FindLiveUnit(absl::string_view name,
                                                                db::UnitOfWork& work) {
  if (base::TownOf(name) != work.tenant()) return db::RowNotFound(name);
  ASSIGN_OR_RETURN(const Unit& unit, work.Find(kUnits, name));
  RETURN_IF_ERROR(NotRetired(unit, work));
  return std::cref(unit);
}

absl::StatusOr<Unit> DecideCreateUnit(const v1::CreateUnitRequest& request,
                                      const rpc::Caller& caller, db::UnitOfWork& work) {
  RETURN_IF_ERROR(MayRunTown(request.parent(), caller, work));
  RETURN_IF_ERROR(CheckId(request));
  Unit unit = request.unit();
  unit.set_name(absl::StrCat(request.parent(), "/units/", request.unit_id()));
  unit.set_parent_unit(ParentUnitOf(unit.name()));
  if (!unit.parent_unit().empty()) RETURN_IF_ERROR(FindLiveUnit(unit.parent_unit(), work).status());
  return work.Insert(kUnits, std::move(unit), "created");
}

absl::StatusOr<Unit> DecideUpdateUnit(const v1::UpdateUnitRequest& request,
                                      const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Unit& found, work.Find(kUnits, request.unit().name()));
  RETURN_IF_ERROR(MayRunTown(absl::StrCat("towns/", work.tenant()), caller, work));
  RETURN_IF_ERROR(NotRetired(found, work));
  if (!request.unit().etag().empty() && request.unit().etag() != found.etag()) return StaleEtag();

  Unit& unit = work.Change(found, "updated");
  RETURN_IF_ERROR(
      rpc::ApplyUpdateMask(request.update_mask(), request.unit(), unit, kChangingFields));
  return unit;
}

absl::StatusOr<Unit> DecideMergeUnit(const v1::MergeUnitRequest& request, const rpc::Caller& caller,
                                     db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Unit& unit, work.Find(kUnits, request.name()));
  if (!RolesOf(caller, work).IsPlatformAdmin()) return Forbidden();
  RETURN_IF_ERROR(NotRetired(unit, work));
  ASSIGN_OR_RETURN(const Unit& successor, FindLiveUnit(request.successor(), work));
  RETURN_IF_ERROR(CheckSuccessor(unit, successor));
  Merge(unit, successor, work);
  return unit;
}

}  // namespace pingan::directory
