#include "services/pairing/commitment_rules.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/base/calendar.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "common/rpc/update_mask.h"
#include "common/service/grants.h"
#include "services/pairing/pairing_errors.h"
#include "services/pairing/pairing_rules.h"
#include "services/pairing/pairing_tables.h"

namespace pingan::pairing {
namespace {

using service::RolesOf;
using v1::Commitment;
using v1::Deed;
using v1::Pairing;

constexpr absl::string_view kChangeable[] = {"title", "enterprise_responsible", "unit_responsible"};

absl::Status CheckResponsibles(const Commitment& commitment, const Pairing& pairing,
                               db::UnitOfWork& work) {
  RETURN_IF_ERROR(CheckResponsible("commitment.enterprise_responsible",
                                   commitment.enterprise_responsible(), pairing.enterprise(),
                                   work));
  return CheckResponsible("commitment.unit_responsible", commitment.unit_responsible(),
                          pairing.unit(), work);
}

// The commitment for one of its two sides, as long as it has not ended.
absl::StatusOr<std::reference_wrapper<const Commitment>> FindOwn(absl::string_view name,
                                                                 const rpc::Caller& caller,
                                                                 db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Commitment& commitment, work.Find(kCommitments, name));
  ASSIGN_OR_RETURN(const Pairing& pairing, work.Find(kPairings, PairingOf(name)));
  const service::Roles roles = RolesOf(caller, work);
  if (!IsInside(roles, pairing)) return db::RowNotFound(name);
  RETURN_IF_ERROR(MayAct(roles, pairing));
  if (commitment.has_end_date()) return CommitmentOver();
  return std::cref(commitment);
}

// The unit a pairing would be with: a grid counts as the village or community it lies in.
absl::string_view PairedUnit(absl::string_view unit) {
  const size_t grid = unit.find('-', unit.rfind('/'));
  return unit.substr(0, grid);
}

std::string DeedName(absl::string_view town, absl::string_view id, absl::string_view enterprise,
                     absl::string_view unit) {
  return absl::StrCat("towns/", town, "/deeds/", id, "/enterprises/", base::LastSegment(enterprise),
                      "/units/", base::LastSegment(unit));
}

// Makes the deeds of one source what they should be, by name.
void Settle(absl::string_view id, std::map<std::string, Deed> wanted, db::UnitOfWork& work) {
  for (const Deed* known : work.List(kDeedsOf, work.tenant(), db::kAll, id)) {
    const auto found = wanted.find(known->name());
    if (found == wanted.end()) {
      work.Delete(*known);
      continue;
    }
    work.Change(*known, "followed").CopyFrom(found->second);
    wanted.erase(found);
  }
  for (auto& [name, deed] : wanted) work.Insert(kDeeds, std::move(deed), "followed");
}

}  // namespace

std::string PairingOf(absl::string_view commitment) {
  return std::string(commitment.substr(0, commitment.find("/commitments/")));
}

absl::StatusOr<Commitment> DecideCreateCommitment(const v1::CreateCommitmentRequest& request,
                                                  const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Pairing& pairing, work.Find(kPairings, request.parent()));
  RETURN_IF_ERROR(MayAct(RolesOf(caller, work), pairing));
  RETURN_IF_ERROR(kPairingStates.Next(pairing.state(), "commit").status());
  Commitment commitment = request.commitment();
  if (commitment.measure() != v1::HELD_EVENTS &&
      commitment.event_kind() != event::v1::EVENT_KIND_UNSPECIFIED) {
    return base::RefuseField("commitment.event_kind", "只有开展活动的承诺才能限定活动类型");
  }
  RETURN_IF_ERROR(CheckResponsibles(commitment, pairing, work));

  commitment.set_name(absl::StrCat(pairing.name(), "/commitments/", work.NewId()));
  if (pairing.has_start_date())
    *commitment.mutable_start_date() = base::ToDate(base::DayOf(work.now()));
  return work.Insert(kCommitments, std::move(commitment), "created");
}

absl::StatusOr<Commitment> DecideUpdateCommitment(const v1::UpdateCommitmentRequest& request,
                                                  const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Commitment& found, FindOwn(request.commitment().name(), caller, work));
  if (!request.commitment().etag().empty() && request.commitment().etag() != found.etag())
    return base::Refuse(errors::v1::STALE_ETAG);
  ASSIGN_OR_RETURN(const Pairing& pairing, work.Find(kPairings, PairingOf(found.name())));

  Commitment& commitment = work.Change(found, "updated");
  RETURN_IF_ERROR(rpc::ApplyUpdateMask(request.update_mask(), request.commitment(), commitment,
                                       absl::MakeConstSpan(kChangeable)));
  RETURN_IF_ERROR(CheckResponsibles(commitment, pairing, work));
  return commitment;
}

absl::StatusOr<Commitment> DecideEndCommitment(const v1::EndCommitmentRequest& request,
                                               const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Commitment& found, FindOwn(request.name(), caller, work));
  Commitment& commitment = work.Change(found, "ended");
  *commitment.mutable_end_date() = base::ToDate(base::DayOf(work.now()));
  commitment.set_end_reason(request.reason());
  return commitment;
}

absl::Status FollowHeldEvent(const event::v1::HeldEvent& held, db::UnitOfWork& work) {
  const absl::string_view id = base::LastSegment(held.name());
  std::map<std::string, Deed> wanted;
  for (const std::string& enterprise : held.organisers()) {
    if (!held.counted() || !absl::StrContains(enterprise, "/enterprises/")) continue;
    for (const std::string& unit : held.organisers()) {
      if (!absl::StrContains(unit, "/units/")) continue;
      Deed deed;
      deed.set_name(DeedName(work.tenant(), id, enterprise, PairedUnit(unit)));
      deed.set_source(held.event());
      deed.set_measure(v1::HELD_EVENTS);
      deed.set_mechanism(held.mechanism());
      deed.set_event_kind(held.kind());
      deed.set_title(held.title());
      *deed.mutable_day() = held.day();
      wanted[deed.name()] = std::move(deed);
    }
  }
  Settle(id, std::move(wanted), work);
  return absl::OkStatus();
}

absl::Status FollowMatch(const exchange::v1::Match& match, db::UnitOfWork& work) {
  const bool enterprise_gives = absl::StrContains(match.giver(), "/enterprises/");
  const std::string& enterprise = enterprise_gives ? match.giver() : match.receiver();
  const std::string& unit = enterprise_gives ? match.receiver() : match.giver();
  const absl::string_view id = base::LastSegment(match.name());
  std::map<std::string, Deed> wanted;
  if (match.confirmed() > 0 && absl::StrContains(enterprise, "/enterprises/") &&
      absl::StrContains(unit, "/units/")) {
    Deed deed;
    deed.set_name(DeedName(work.tenant(), id, enterprise, PairedUnit(unit)));
    deed.set_source(match.name());
    deed.set_measure(v1::DELIVERIES);
    deed.set_mechanism(match.mechanism());
    deed.set_title(match.title());
    *deed.mutable_day() = base::ToDate(base::DayOf(base::FromTimestamp(match.confirm_time())));
    wanted[deed.name()] = std::move(deed);
  }
  Settle(id, std::move(wanted), work);
  return absl::OkStatus();
}

}  // namespace pingan::pairing
