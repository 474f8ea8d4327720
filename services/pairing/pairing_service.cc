#include "services/pairing/pairing_service.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/base/calendar.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/rpc/page_token.h"
#include "services/pairing/commitment_rules.h"
#include "services/pairing/pairing_errors.h"
#include "services/pairing/pairing_lists.h"
#include "services/pairing/pairing_rules.h"
#include "services/pairing/pairing_tables.h"

namespace pingan::pairing {
namespace {

using service::PatienceOf;
using service::Roles;
using service::RolesOf;

}  // namespace

PairingService::PairingService(service::Runtime& runtime)
    : clock_(runtime.clock()),
      reader_(runtime.reader()),
      masked_names_(runtime.peer("directory")),
      methods_("pingan.pairing.v1.PairingService", runtime.adapter()),
      commands_(methods_, runtime.writer()) {}

absl::StatusOr<std::unique_ptr<service::Handlers>> PairingService::Make(service::Runtime& runtime) {
  std::unique_ptr<PairingService> service(new PairingService(runtime));
  service->BindWrites();
  service->BindReads();
  RETURN_IF_ERROR(service->methods_.Complete());
  Follow(runtime);
  runtime.Every({.name = "end_pairings",
                 .due_towns = kTownsWithPairingsOver,
                 .step = EndPairingsThatAreOver,
                 .every = absl::Minutes(1)});
  return service;
}

void PairingService::BindWrites() {
  commands_.Bind("CreatePairing", DecideCreatePairing);
  commands_.Bind("AcceptPairing", DecideAcceptPairing);
  commands_.Bind("DeclinePairing", DecideDeclinePairing);
  commands_.Bind("WithdrawPairing", DecideWithdrawPairing);
  commands_.Bind("ApprovePairing", DecideApprovePairing);
  commands_.Bind("SuspendPairing", DecideSuspendPairing);
  commands_.Bind("ResumePairing", DecideResumePairing);
  commands_.Bind("RenewPairing", DecideRenewPairing);
  commands_.Bind("EndPairing", DecideEndPairing);
  commands_.Bind("CreateCommitment", DecideCreateCommitment);
  commands_.Bind("UpdateCommitment", DecideUpdateCommitment);
  commands_.Bind("EndCommitment", DecideEndCommitment);
}

void PairingService::BindReads() {
  methods_.Handle("GetPairing", this, &PairingService::GetPairing);
  methods_.Handle("ListPairings", this, &PairingService::ListPairings);
  methods_.Handle("ListTransitions", this, &PairingService::ListTransitions);
  methods_.Handle("GetCommitment", this, &PairingService::GetCommitment);
  methods_.Handle("ListCommitments", this, &PairingService::ListCommitments);
  methods_.Handle("ListDeeds", this, &PairingService::ListDeeds);
  methods_.Handle("CountCommitments", this, &PairingService::CountCommitments);
}

void PairingService::Follow(service::Runtime& runtime) {
  changes::Follower& directory = runtime.Follow("directory");
  directory.Mirror(kUnits);
  directory.Mirror(kEnterprises);
  directory.Mirror(kPeople);
  directory.Mirror(service::kGrants);
  runtime.Follow("event").On<event::v1::HeldEvent>(
      [](const changes::v1::Change&, const event::v1::HeldEvent& held, db::UnitOfWork& work) {
        return FollowHeldEvent(held, work);
      });
  runtime.Follow("exchange")
      .On<exchange::v1::Match>([](const changes::v1::Change&, const exchange::v1::Match& match,
                                  db::UnitOfWork& work) { return FollowMatch(match, work); });
}

google::type::Date PairingService::Today() { return base::ToDate(base::DayOf(clock_.Now())); }

PairingService::Answer<v1::Pairing> PairingService::GetPairing(
    const rpc::Call& call, const v1::GetPairingRequest& request) {
  CO_ASSIGN_OR_RETURN(v1::Pairing pairing,
                      co_await reader_.Find(kPairings, request.name(), PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  if (!MayRead(roles, pairing)) co_return db::RowNotFound(request.name());
  if (!IsInside(roles, pairing)) co_return ForOutsiders(std::move(pairing));
  CO_ASSIGN_OR_RETURN(pairing, co_await reader_.Read<v1::Pairing>(
                                   [&](db::ReadSession& session) -> absl::StatusOr<v1::Pairing> {
                                     RETURN_IF_ERROR(FillLastDeeds({&pairing}, session));
                                     return pairing;
                                   },
                                   PatienceOf(call)));
  std::vector<v1::Pairing*> shown = {&pairing};
  co_await FillNames(call, std::move(shown));
  co_return pairing;
}

PairingService::Answer<v1::ListPairingsResponse> PairingService::ListPairings(
    const rpc::Call& call, const v1::ListPairingsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  if (request.idle_days() > 0 && !roles.ReadsAsOfficialOf(request.parent())) co_return Forbidden();
  CO_ASSIGN_OR_RETURN(v1::ListPairingsResponse response,
                      co_await reader_.Read<v1::ListPairingsResponse>(
                          [&](db::ReadSession& session) {
                            return ReadPairings(request, page, roles, Today(), session);
                          },
                          PatienceOf(call)));
  std::vector<v1::Pairing*> inside;
  for (v1::Pairing& pairing : *response.mutable_pairings()) {
    if (IsInside(roles, pairing)) {
      inside.push_back(&pairing);
    } else {
      pairing = ForOutsiders(std::move(pairing));
    }
  }
  co_await FillNames(call, std::move(inside));
  co_return response;
}

base::Task<void> PairingService::FillNames(const rpc::Call& call,
                                           std::vector<v1::Pairing*> pairings) {
  std::vector<std::string> people;
  for (const v1::Pairing* pairing : pairings) {
    people.push_back(pairing->enterprise_responsible());
    people.push_back(pairing->unit_responsible());
  }
  if (pairings.empty()) co_return;
  const auto names = co_await masked_names_.Of(call, pairings[0]->name(), std::move(people));
  for (v1::Pairing* pairing : pairings) {
    if (const auto name = names.find(pairing->enterprise_responsible()); name != names.end())
      pairing->set_enterprise_responsible_masked_name(name->second);
    if (const auto name = names.find(pairing->unit_responsible()); name != names.end())
      pairing->set_unit_responsible_masked_name(name->second);
  }
}

base::Task<absl::Status> PairingService::MustBeInside(const rpc::Call& call, std::string pairing) {
  CO_ASSIGN_OR_RETURN(const v1::Pairing found,
                      co_await reader_.Find(kPairings, pairing, PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  if (IsInside(roles, found)) co_return absl::OkStatus();
  co_return MayRead(roles, found) ? Forbidden() : db::RowNotFound(pairing);
}

PairingService::Answer<v1::ListTransitionsResponse> PairingService::ListTransitions(
    const rpc::Call& call, const v1::ListTransitionsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_RETURN_IF_ERROR(co_await MustBeInside(call, request.parent()));
  co_return co_await reader_.Read<v1::ListTransitionsResponse>(
      [&](db::ReadSession& session) { return ReadTransitions(request, page, session); },
      PatienceOf(call));
}

PairingService::Answer<v1::Commitment> PairingService::FindCommitment(const rpc::Call& call,
                                                                      std::string name) {
  CO_ASSIGN_OR_RETURN(v1::Commitment commitment,
                      co_await reader_.Find(kCommitments, name, PatienceOf(call)));
  const absl::Status inside = co_await MustBeInside(call, PairingOf(name));
  if (base::ReasonOf(inside) == errors::v1::Reason_Name(errors::v1::FORBIDDEN))
    co_return db::RowNotFound(name);
  CO_RETURN_IF_ERROR(inside);
  co_return commitment;
}

PairingService::Answer<v1::Commitment> PairingService::GetCommitment(
    const rpc::Call& call, const v1::GetCommitmentRequest& request) {
  CO_ASSIGN_OR_RETURN(v1::Commitment commitment, co_await FindCommitment(call, request.name()));
  co_return co_await reader_.Read<v1::Commitment>(
      [&](db::ReadSession& session) -> absl::StatusOr<v1::Commitment> {
        RETURN_IF_ERROR(FillProgress({&commitment}, Today(), session));
        return commitment;
      },
      PatienceOf(call));
}

PairingService::Answer<v1::ListCommitmentsResponse> PairingService::ListCommitments(
    const rpc::Call& call, const v1::ListCommitmentsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  if (absl::EndsWith(request.parent(), "/-")) {
    CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
    if (!roles.ReadsAsOfficialOf(request.parent())) co_return Forbidden();
  } else {
    CO_RETURN_IF_ERROR(co_await MustBeInside(call, request.parent()));
  }
  co_return co_await reader_.Read<v1::ListCommitmentsResponse>(
      [&](db::ReadSession& session) { return ReadCommitments(request, page, Today(), session); },
      PatienceOf(call));
}

PairingService::Answer<v1::ListDeedsResponse> PairingService::ListDeeds(
    const rpc::Call& call, const v1::ListDeedsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_RETURN_IF_ERROR((co_await FindCommitment(call, request.parent())).status());
  co_return co_await reader_.Read<v1::ListDeedsResponse>(
      [&](db::ReadSession& session) { return ReadDeeds(request, page, session); },
      PatienceOf(call));
}

PairingService::Answer<v1::CountCommitmentsResponse> PairingService::CountCommitments(
    const rpc::Call& call, const v1::CountCommitmentsRequest& request) {
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  if (!roles.ReadsAsOfficialOf(request.parent())) co_return Forbidden();
  co_return co_await reader_.Read<v1::CountCommitmentsResponse>(
      [&](db::ReadSession& session) {
        return pairing::CountCommitments(request.parent(), Today(), session);
      },
      PatienceOf(call));
}

}  // namespace pingan::pairing
