#include "services/directory/directory_service.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/rpc/page_token.h"
#include "services/directory/directory_errors.h"
#include "services/directory/directory_lists.h"
#include "services/directory/directory_roles.h"
#include "services/directory/directory_tables.h"
#include "services/directory/duty_rules.h"
#include "services/directory/enterprise_import.h"
#include "services/directory/enterprise_rules.h"
#include "services/directory/placement_rules.h"
#include "services/directory/town_rules.h"
#include "services/directory/unit_import.h"
#include "services/directory/unit_rules.h"

namespace pingan::directory {

using service::PatienceOf;

DirectoryService::DirectoryService(service::Runtime& runtime)
    : clock_(runtime.clock()),
      reader_(runtime.reader()),
      methods_("pingan.directory.v1.DirectoryService", runtime.adapter()),
      commands_(methods_, runtime.writer()) {}

absl::Status DirectoryService::Bind() {
  BindWrites();
  BindReads();
  return methods_.Complete();
}

void DirectoryService::BindWrites() {
  methods_.Handle("CreateTown", this, &DirectoryService::CreateTown);
  commands_.Bind("CreateUnit", DecideCreateUnit);
  commands_.Bind("UpdateUnit", DecideUpdateUnit);
  commands_.Bind("MergeUnit", DecideMergeUnit);
  methods_.Handle("ImportUnits", this, &DirectoryService::ImportUnits);
  commands_.Bind("CreateEnterprise", DecideCreateEnterprise);
  commands_.Bind("UpdateEnterprise", DecideUpdateEnterprise);
  commands_.Bind("MoveEnterprise", DecideMoveEnterprise);
  methods_.Handle("ImportEnterprises", this, &DirectoryService::ImportEnterprises);
  commands_.Bind("CreateDuty", DecideCreateDuty);
  commands_.Bind("EndDuty", DecideEndDuty);
}

void DirectoryService::BindReads() {
  methods_.Handle("GetTown", this, &DirectoryService::GetTown);
  methods_.Handle("ListTowns", this, &DirectoryService::ListTowns);
  methods_.Handle("GetUnit", this, &DirectoryService::GetUnit);
  methods_.Handle("ListUnits", this, &DirectoryService::ListUnits);
  methods_.Handle("GetEnterprise", this, &DirectoryService::GetEnterprise);
  methods_.Handle("ListEnterprises", this, &DirectoryService::ListEnterprises);
  methods_.Handle("ListPlacements", this, &DirectoryService::ListPlacements);
  methods_.Handle("ListDuties", this, &DirectoryService::ListDuties);
  methods_.Handle("LocateDuty", this, &DirectoryService::LocateDuty);
}

// --- towns

DirectoryService::Answer<v1::Town> DirectoryService::CreateTown(
    const rpc::Call& call, const v1::CreateTownRequest& request) {
  // The one request without a name: the tenant is the town to be.
  co_return co_await commands_.Run<v1::CreateTownRequest, v1::Town>(call, request.town_id(),
                                                                    request, DecideCreateTown);
}

DirectoryService::Answer<v1::Town> DirectoryService::GetTown(const rpc::Call& call,
                                                             const v1::GetTownRequest& request) {
  co_return co_await reader_.Find(kTowns, request.name(), PatienceOf(call));
}

DirectoryService::Answer<v1::ListTownsResponse> DirectoryService::ListTowns(
    const rpc::Call& call, const v1::ListTownsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  co_return co_await reader_.Read<v1::ListTownsResponse>(
      [&](db::ReadSession& session) { return ReadTowns(request, page, session); },
      PatienceOf(call));
}

// --- units

DirectoryService::Answer<v1::Unit> DirectoryService::GetUnit(const rpc::Call& call,
                                                             const v1::GetUnitRequest& request) {
  co_return co_await reader_.Find(kUnits, request.name(), PatienceOf(call));
}

DirectoryService::Answer<v1::ListUnitsResponse> DirectoryService::ListUnits(
    const rpc::Call& call, const v1::ListUnitsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  co_return co_await reader_.Read<v1::ListUnitsResponse>(
      [&](db::ReadSession& session) { return ReadUnits(request, page, session); },
      PatienceOf(call));
}

DirectoryService::Answer<service::ImportReport> DirectoryService::ImportUnits(
    const rpc::Call& call, const v1::ImportUnitsRequest& request) {
  CO_RETURN_IF_ERROR(co_await MayImport(call, request.parent()));
  CO_ASSIGN_OR_RETURN(service::ImportFile<rows::UnitChunk> file, ReadUnitFile(request));
  co_return co_await service::RunImport<rows::UnitChunk>(commands_, call, std::move(file),
                                                         DecideImportUnits, WantsOfImportUnits);
}

// --- enterprises

DirectoryService::Answer<v1::Enterprise> DirectoryService::GetEnterprise(
    const rpc::Call& call, const v1::GetEnterpriseRequest& request) {
  CO_ASSIGN_OR_RETURN(v1::Enterprise enterprise,
                      co_await reader_.Find(kEnterprises, request.name(), PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(std::string unit, co_await UnitToday(call, request.name()));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  co_return ShownTo(roles, std::move(enterprise), std::move(unit));
}

DirectoryService::Answer<v1::ListEnterprisesResponse> DirectoryService::ListEnterprises(
    const rpc::Call& call, const v1::ListEnterprisesRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  co_return co_await reader_.Read<v1::ListEnterprisesResponse>(
      [&](db::ReadSession& session) {
        return ReadEnterprises(request, page, roles, Today(), session);
      },
      PatienceOf(call));
}

DirectoryService::Answer<v1::ListPlacementsResponse> DirectoryService::ListPlacements(
    const rpc::Call& call, const v1::ListPlacementsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_RETURN_IF_ERROR(
      (co_await reader_.Find(kEnterprises, request.parent(), PatienceOf(call))).status());
  co_return co_await reader_.Read<v1::ListPlacementsResponse>(
      [&](db::ReadSession& session) { return ReadPlacements(request, page, session); },
      PatienceOf(call));
}

DirectoryService::Answer<service::ImportReport> DirectoryService::ImportEnterprises(
    const rpc::Call& call, const v1::ImportEnterprisesRequest& request) {
  CO_RETURN_IF_ERROR(co_await MayImport(call, request.parent()));
  CO_ASSIGN_OR_RETURN(service::ImportFile<rows::EnterpriseChunk> file, ReadEnterpriseFile(request));
  co_return co_await service::RunImport<rows::EnterpriseChunk>(
      commands_, call, std::move(file), DecideImportEnterprises, WantsOfImportEnterprises);
}

// --- duties

DirectoryService::Answer<v1::ListDutiesResponse> DirectoryService::ListDuties(
    const rpc::Call& call, const v1::ListDutiesRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  co_return co_await reader_.Read<v1::ListDutiesResponse>(
      [&](db::ReadSession& session) { return ReadDuties(request, page, session); },
      PatienceOf(call));
}

DirectoryService::Answer<v1::LocateDutyResponse> DirectoryService::LocateDuty(
    const rpc::Call& call, const v1::LocateDutyRequest& request) {
  CO_ASSIGN_OR_RETURN(const std::string place, co_await PlaceOf(call, request));
  v1::LocateDutyResponse response;
  for (const std::string& post : PostsAbove(place)) {
    std::vector<db::Value> of_post = {post};
    CO_ASSIGN_OR_RETURN(
        const std::vector<v1::Duty> duties,
        co_await reader_.List(kDutiesOf, post, db::kAll, std::move(of_post), PatienceOf(call)));
    if (const v1::Duty* duty = DutyOn(Today(), duties); duty != nullptr) {
      *response.mutable_duty() = *duty;
      co_return response;
    }
    if (post != request.parent()) response.add_vacant_units(post);
  }
  co_return NoDuty();
}

DirectoryService::Answer<std::string> DirectoryService::PlaceOf(
    const rpc::Call& call, const v1::LocateDutyRequest& request) {
  const bool of_enterprise = request.has_enterprise();
  const std::string& asked = of_enterprise ? request.enterprise() : request.unit();
  if (base::TownOf(asked) != base::TownOf(request.parent())) co_return db::RowNotFound(asked);
  std::string unit = asked;
  if (of_enterprise) {
    CO_RETURN_IF_ERROR((co_await reader_.Find(kEnterprises, asked, PatienceOf(call))).status());
    CO_ASSIGN_OR_RETURN(unit, co_await UnitToday(call, asked));
  }
  // A merged unit is answered for by the one it was merged into.
  while (!unit.empty()) {
    CO_ASSIGN_OR_RETURN(const v1::Unit found,
                        co_await reader_.Find(kUnits, unit, PatienceOf(call)));
    if (found.successor().empty()) co_return unit;
    unit = found.successor();
  }
  co_return request.parent();
}

// --- shared

google::type::Date DirectoryService::Today() { return base::ToDate(base::DayOf(clock_.Now())); }

DirectoryService::Answer<std::string> DirectoryService::UnitToday(const rpc::Call& call,
                                                                  const std::string& enterprise) {
  std::vector<db::Value> of_enterprise = {enterprise};
  CO_ASSIGN_OR_RETURN(const std::vector<v1::Placement> placements,
                      co_await reader_.List(kPlacementsOf, enterprise, db::kAll,
                                            std::move(of_enterprise), PatienceOf(call)));
  co_return UnitOn(Today(), placements);
}

base::Task<absl::Status> DirectoryService::MayImport(const rpc::Call& call,
                                                     const std::string& town) {
  CO_RETURN_IF_ERROR((co_await reader_.Find(kTowns, town, PatienceOf(call))).status());
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  co_return roles.IsOfficialOf(town) ? absl::OkStatus() : Forbidden();
}

}  // namespace pingan::directory
