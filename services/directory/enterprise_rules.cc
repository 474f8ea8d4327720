#include "services/directory/enterprise_rules.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/uscc.h"
#include "common/rpc/update_mask.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/directory/directory_errors.h"
#include "services/directory/directory_roles.h"
#include "services/directory/directory_tables.h"
#include "services/directory/placement_rules.h"
#include "services/directory/town_rules.h"
#include "services/directory/unit_rules.h"

namespace pingan::directory {
namespace {

using v1::Enterprise;
using v1::Placement;

constexpr absl::string_view kChangingFields[] = {"display_name", "above_scale", "address",
                                                 "party_branch", "office_phone"};

absl::Status CheckUscc(absl::string_view uscc, db::UnitOfWork& work) {
  if (const std::string problem = base::UsccProblem(uscc); !problem.empty()) {
    return base::RefuseField("enterprise.uscc", problem);
  }
  const Enterprise* holder = HolderOf(uscc, work);
  return holder == nullptr ? absl::OkStatus() : UsccTaken(*holder);
}

bool DifferOnlyInContacts(Enterprise before, const Enterprise& after) {
  before.set_office_phone(after.office_phone());
  return google::protobuf::util::MessageDifferencer::Equals(before, after);
}

}  // namespace

bool SeesContacts(const service::Roles& roles, const Enterprise& enterprise,
                  absl::string_view unit) {
  return roles.ActsFor(enterprise.name()) || roles.WorksFor(unit) ||
         roles.ReadsAsOfficialOf(enterprise.name());
}

Enterprise ShownTo(const service::Roles& roles, Enterprise enterprise, std::string unit) {
  if (!SeesContacts(roles, enterprise, unit)) {
    enterprise.clear_uscc();
    enterprise.clear_office_phone();
  }
  enterprise.set_unit(std::move(unit));
  return enterprise;
}

const Enterprise* HolderOf(absl::string_view uscc, db::UnitOfWork& work) {
  const std::vector<const Enterprise*> holders =
      work.List(kEnterprisesByUscc, work.tenant(), 1, uscc);
  return holders.empty() ? nullptr : holders[0];
}

Enterprise RegisterEnterprise(absl::string_view town, Enterprise enterprise, db::UnitOfWork& work) {
  enterprise.set_name(absl::StrCat(town, "/enterprises/", work.NewId()));
  const std::string unit = std::move(*enterprise.mutable_unit());
  enterprise.clear_unit();
  const Enterprise& registered = work.Insert(kEnterprises, std::move(enterprise), "created");
  if (!unit.empty()) AddPlacement(registered, unit, base::ToDate(base::DayOf(work.now())), work);
  return registered;
}

absl::StatusOr<Enterprise> DecideCreateEnterprise(const v1::CreateEnterpriseRequest& request,
                                                  const rpc::Caller& caller, db::UnitOfWork& work) {
  RETURN_IF_ERROR(MayRunTown(request.parent(), caller, work));
  const Enterprise& enterprise = request.enterprise();
  RETURN_IF_ERROR(CheckUscc(enterprise.uscc(), work));
  if (!enterprise.unit().empty()) RETURN_IF_ERROR(FindLiveUnit(enterprise.unit(), work).status());
  return RegisterEnterprise(request.parent(), enterprise, work);
}

absl::StatusOr<Enterprise> DecideUpdateEnterprise(const v1::UpdateEnterpriseRequest& request,
                                                  const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Enterprise& found, work.Find(kEnterprises, request.enterprise().name()));
  const Roles roles = RolesOf(caller, work);
  const bool official = roles.IsOfficialOf(found.name());
  if (!official && !roles.ActsFor(found.name())) return Forbidden();
  if (!request.enterprise().etag().empty() && request.enterprise().etag() != found.etag())
    return StaleEtag();

  Enterprise& enterprise = work.Change(found, "updated");
  // The caller may send back the unit they were shown, which is today's.
  enterprise.set_unit(UnitToday(found.name(), work));
  const Enterprise before = enterprise;
  RETURN_IF_ERROR(rpc::ApplyUpdateMask(request.update_mask(), request.enterprise(), enterprise,
                                       kChangingFields));
  if (!official && !DifferOnlyInContacts(before, enterprise)) return Forbidden();
  return enterprise;
}

absl::StatusOr<Placement> DecideMoveEnterprise(const v1::MoveEnterpriseRequest& request,
                                               const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Enterprise& enterprise, work.Find(kEnterprises, request.name()));
  RETURN_IF_ERROR(MayRunTown(absl::StrCat("towns/", work.tenant()), caller, work));
  if (base::CompareDates(request.start_date(), base::ToDate(base::DayOf(work.now()))) < 0) {
    return base::RefuseField("start_date", "迁入日期不能早于今天");
  }
  RETURN_IF_ERROR(FindLiveUnit(request.unit(), work).status());
  const std::vector<const Placement*> newest =
      work.List(kPlacementsOf, work.tenant(), 1, enterprise.name());
  if (!newest.empty() && base::CompareDates(request.start_date(), newest[0]->start_date()) < 0) {
    return PlacementNotLater();
  }
  return AddPlacement(enterprise, request.unit(), request.start_date(), work);
}

}  // namespace pingan::directory
