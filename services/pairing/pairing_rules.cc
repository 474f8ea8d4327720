#include "services/pairing/pairing_rules.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/pairing/pairing_errors.h"
#include "services/pairing/pairing_tables.h"

namespace pingan::pairing {
namespace {

using base::CompareDates;
using google::type::Date;
using service::Roles;
using service::RolesOf;
using v1::Pairing;

constexpr int kLongestTermYears = 5;
constexpr int kEarliestStartYears = 2;
constexpr int kEndsInOneStep = 100;
constexpr char kTermOver[] = "期满";

Date Today(const db::UnitOfWork& work) { return base::ToDate(base::DayOf(work.now())); }

Date YearsAfter(Date date, int years) {
  date.set_year(date.year() + years);
  return date;
}

const std::string& OtherSide(const Pairing& pairing) {
  return pairing.proposer() == pairing.unit() ? pairing.enterprise() : pairing.unit();
}

absl::Status CheckParties(const Pairing& pairing, db::UnitOfWork& work) {
  for (const std::string& party : {pairing.enterprise(), pairing.unit()}) {
    if (!service::IsParty(party, work)) return UnknownParty(party);
  }
  return absl::OkStatus();
}

v1::Transition TransitionTo(v1::PairingState state, const Pairing& pairing, db::UnitOfWork& work) {
  v1::Transition transition;
  transition.set_name(absl::StrCat(pairing.name(), "/transitions/", work.NewId()));
  transition.set_from_state(pairing.state());
  transition.set_to_state(state);
  transition.set_actor(work.actor());
  return transition;
}

// One step of a pairing's life.
struct Step {
  absl::string_view verb;
  absl::string_view past;  // what the change log calls it
  std::string reason = "";
  std::optional<Date> term_end = std::nullopt;  // the last day of the term that begins with it
};

// Takes the step and writes it down.
absl::StatusOr<std::reference_wrapper<Pairing>> Take(const Step& step, const Pairing& found,
                                                     db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const v1::PairingState state, kPairingStates.Next(found.state(), step.verb));
  v1::Transition transition = TransitionTo(state, found, work);
  transition.set_reason(step.reason);
  Pairing& pairing = work.Change(found, step.past);
  pairing.set_state(state);
  pairing.set_reason(step.reason);
  pairing.set_open(kPairingStates.Allows(state, "commit"));
  if (step.term_end.has_value()) {
    pairing.set_terms(pairing.terms() + 1);
    *pairing.mutable_end_date() = *step.term_end;
    *transition.mutable_end_date() = *step.term_end;
  }
  work.Insert(kTransitions, std::move(transition), "created");
  return std::ref(pairing);
}

// The pairing for an official of its town.
absl::StatusOr<std::reference_wrapper<const Pairing>> FindForOfficial(absl::string_view name,
                                                                      const rpc::Caller& caller,
                                                                      db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Pairing& pairing, work.Find(kPairings, name));
  const Roles roles = RolesOf(caller, work);
  if (!MayRead(roles, pairing)) return db::RowNotFound(name);
  if (!roles.IsOfficialOf(name)) return Forbidden();
  return std::cref(pairing);
}

// The pairing for somebody who acts for `side` of it.
absl::StatusOr<std::reference_wrapper<const Pairing>> FindForSide(
    absl::string_view name, const std::string& (*side)(const Pairing&), const rpc::Caller& caller,
    db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Pairing& pairing, work.Find(kPairings, name));
  const Roles roles = RolesOf(caller, work);
  RETURN_IF_ERROR(MayAct(roles, pairing));
  if (!roles.ActsFor(side(pairing))) return ForTheOtherSide();
  return std::cref(pairing);
}

absl::Status End(const Pairing& found, absl::string_view reason, const Date& last_day,
                 db::UnitOfWork& work) {
  RETURN_IF_ERROR(Take({"end", "ended", std::string(reason)}, found, work).status());
  for (const v1::Commitment* open :
       work.List(kCommitmentsOf, found.name(), db::kAll, found.name())) {
    if (open->has_end_date()) continue;
    v1::Commitment& commitment = work.Change(*open, "ended");
    *commitment.mutable_end_date() = last_day;
    commitment.set_end_reason(std::string(reason));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsInside(const Roles& roles, const Pairing& pairing) {
  return roles.ActsFor(pairing.enterprise()) || roles.ActsFor(pairing.unit()) ||
         roles.ReadsAsOfficialOf(pairing.name());
}

bool MayRead(const Roles& roles, const Pairing& pairing) {
  return pairing.state() == v1::ACTIVE || pairing.state() == v1::ENDED || IsInside(roles, pairing);
}

Pairing ForOutsiders(Pairing pairing) {
  pairing.clear_enterprise_responsible();
  pairing.clear_unit_responsible();
  pairing.clear_reason();
  pairing.clear_last_deed_date();
  return pairing;
}

absl::Status MayAct(const Roles& roles, const Pairing& pairing) {
  if (!MayRead(roles, pairing)) return db::RowNotFound(pairing.name());
  const bool party = roles.ActsFor(pairing.enterprise()) || roles.ActsFor(pairing.unit());
  return party ? absl::OkStatus() : NotParty();
}

absl::Status CheckResponsible(absl::string_view field, const std::string& person,
                              const std::string& party, db::UnitOfWork& work) {
  if (person.empty()) return absl::OkStatus();
  if (base::TownOf(person) != work.tenant()) return UnknownResponsible(field);
  const directory::v1::Person* found = work.FindOrNull(kPeople, person);
  if (found == nullptr || found->erased()) return UnknownResponsible(field);
  if (found->enterprise() == party || service::Covers(party, found->unit()))
    return absl::OkStatus();
  rpc::Caller them;
  them.person = person;
  return RolesOf(them, work).ActsFor(party) ? absl::OkStatus() : UnknownResponsible(field);
}

absl::StatusOr<Pairing> DecideCreatePairing(const v1::CreatePairingRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work) {
  Pairing pairing = request.pairing();
  const Roles roles = RolesOf(caller, work);
  const bool for_enterprise = roles.ActsFor(pairing.enterprise());
  const bool for_unit = roles.ActsFor(pairing.unit());
  if (!for_enterprise && !for_unit) return NotParty();
  // Who acts for both proposes for the side whose person they name.
  const bool by_enterprise = for_enterprise && (!for_unit || pairing.unit_responsible().empty());
  RETURN_IF_ERROR(CheckParties(pairing, work));
  pairing.set_proposer(by_enterprise ? pairing.enterprise() : pairing.unit());

  const absl::string_view own =
      by_enterprise ? "pairing.enterprise_responsible" : "pairing.unit_responsible";
  const std::string& responsible =
      by_enterprise ? pairing.enterprise_responsible() : pairing.unit_responsible();
  const std::string& others =
      by_enterprise ? pairing.unit_responsible() : pairing.enterprise_responsible();
  if (responsible.empty()) return base::RefuseField(own, "请指定本方责任人");
  RETURN_IF_ERROR(CheckResponsible(own, responsible, pairing.proposer(), work));
  if (!others.empty()) {
    return base::RefuseField(
        by_enterprise ? "pairing.unit_responsible" : "pairing.enterprise_responsible",
        "对方的责任人由对方在同意时指定");
  }
  for (const Pairing* open :
       work.List(kOpenPairingsOf, work.tenant(), 1, pairing.enterprise(), pairing.unit())) {
    return PairingOpen(open->name());
  }

  pairing.set_name(absl::StrCat(request.parent(), "/pairings/", work.NewId()));
  work.Insert(kTransitions, TransitionTo(v1::PROPOSED, pairing, work), "created");
  pairing.set_state(v1::PROPOSED);
  pairing.set_open(true);
  return work.Insert(kPairings, std::move(pairing), "proposed");
}

absl::StatusOr<Pairing> DecideAcceptPairing(const v1::AcceptPairingRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Pairing& found, FindForSide(request.name(), OtherSide, caller, work));
  RETURN_IF_ERROR(kPairingStates.Next(found.state(), "accept").status());
  RETURN_IF_ERROR(CheckResponsible("responsible", request.responsible(), OtherSide(found), work));
  ASSIGN_OR_RETURN(Pairing & pairing, Take({"accept", "accepted"}, found, work));
  if (OtherSide(pairing) == pairing.unit()) {
    pairing.set_unit_responsible(request.responsible());
  } else {
    pairing.set_enterprise_responsible(request.responsible());
  }
  return pairing;
}

absl::StatusOr<Pairing> DecideDeclinePairing(const v1::DeclinePairingRequest& request,
                                             const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Pairing& found, FindForSide(request.name(), OtherSide, caller, work));
  ASSIGN_OR_RETURN(const Pairing& pairing,
                   Take({"decline", "declined", request.reason()}, found, work));
  return pairing;
}

absl::StatusOr<Pairing> DecideWithdrawPairing(const v1::WithdrawPairingRequest& request,
                                              const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Pairing& found,
                   FindForSide(
                       request.name(),
                       [](const Pairing& asked) -> const std::string& { return asked.proposer(); },
                       caller, work));
  ASSIGN_OR_RETURN(const Pairing& pairing,
                   Take({"withdraw", "withdrawn", request.reason()}, found, work));
  return pairing;
}

absl::StatusOr<Pairing> DecideApprovePairing(const v1::ApprovePairingRequest& request,
                                             const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Pairing& found, FindForOfficial(request.name(), caller, work));
  RETURN_IF_ERROR(kPairingStates.Next(found.state(), "approve").status());
  RETURN_IF_ERROR(CheckParties(found, work));  // a unit may have been merged since
  const Date today = Today(work);
  std::vector<base::FieldViolation> bad;
  if (CompareDates(request.start_date(), today) > 0 ||
      CompareDates(YearsAfter(request.start_date(), kEarliestStartYears), today) < 0) {
    bad.push_back({"start_date", "起始日期须在今天之前的两年之内"});
  }
  if (CompareDates(request.end_date(), today) < 0)
    bad.push_back({"end_date", "截止日期不能早于今天"});
  if (CompareDates(request.end_date(), YearsAfter(request.start_date(), kLongestTermYears)) > 0)
    bad.push_back({"end_date", "一期最长五年"});
  if (!bad.empty()) return base::RefuseFields(std::move(bad));

  ASSIGN_OR_RETURN(Pairing & pairing,
                   Take({"approve", "approved", "", request.end_date()}, found, work));
  *pairing.mutable_start_date() = request.start_date();
  for (const v1::Commitment* waiting :
       work.List(kCommitmentsOf, found.name(), db::kAll, found.name())) {
    if (!waiting->has_end_date())
      *work.Change(*waiting, "began").mutable_start_date() = request.start_date();
  }
  return pairing;
}

absl::StatusOr<Pairing> DecideSuspendPairing(const v1::SuspendPairingRequest& request,
                                             const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Pairing& found, FindForOfficial(request.name(), caller, work));
  ASSIGN_OR_RETURN(const Pairing& pairing,
                   Take({"suspend", "suspended", request.reason()}, found, work));
  return pairing;
}

absl::StatusOr<Pairing> DecideResumePairing(const v1::ResumePairingRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Pairing& found, FindForOfficial(request.name(), caller, work));
  ASSIGN_OR_RETURN(const Pairing& pairing, Take({"resume", "resumed"}, found, work));
  return pairing;
}

absl::StatusOr<Pairing> DecideRenewPairing(const v1::RenewPairingRequest& request,
                                           const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Pairing& found, FindForOfficial(request.name(), caller, work));
  RETURN_IF_ERROR(kPairingStates.Next(found.state(), "renew").status());
  if (CompareDates(request.end_date(), found.end_date()) <= 0)
    return base::RefuseField("end_date", "新一期的截止日期须晚于当前一期");
  if (CompareDates(request.end_date(), YearsAfter(found.end_date(), kLongestTermYears)) > 0)
    return base::RefuseField("end_date", "一期最长五年");
  ASSIGN_OR_RETURN(const Pairing& pairing,
                   Take({"renew", "renewed", "", request.end_date()}, found, work));
  return pairing;
}

absl::StatusOr<Pairing> DecideEndPairing(const v1::EndPairingRequest& request,
                                         const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Pairing& pairing, work.Find(kPairings, request.name()));
  RETURN_IF_ERROR(MayAct(RolesOf(caller, work), pairing));
  RETURN_IF_ERROR(End(pairing, request.reason(), Today(work), work));
  return pairing;
}

absl::StatusOr<bool> EndPairingsThatAreOver(db::UnitOfWork& work) {
  const Date today = Today(work);
  const auto first = work.List(kOpenPairingsByEnd, work.tenant(), kEndsInOneStep);
  size_t ended = 0;
  for (const Pairing* pairing : first) {
    if (!pairing->has_end_date() || CompareDates(pairing->end_date(), today) >= 0) break;
    RETURN_IF_ERROR(End(*pairing, kTermOver, pairing->end_date(), work));
    ++ended;
  }
  return ended == kEndsInOneStep;
}

}  // namespace pingan::pairing
