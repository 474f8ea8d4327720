#include "services/volunteer/sign_up_rules.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "common/service/grants.h"
#include "services/volunteer/roster_rules.h"
#include "services/volunteer/seats.h"
#include "services/volunteer/volunteer_errors.h"
#include "services/volunteer/volunteer_tables.h"

namespace pingan::volunteer {
namespace {

using base::FromTimestamp;
using directory::v1::Person;
using service::RolesOf;
using v1::Roster;
using v1::SignUp;

// For oneself, or as their village's worker for somebody of the village.
bool ActsFor(absl::string_view person, const rpc::Caller& caller, db::UnitOfWork& work) {
  if (person == caller.person) return true;
  const Person* other = work.FindOrNull(kPeople, person);
  return other != nullptr && !other->erased() && RolesOf(caller, work).WorksFor(other->unit());
}

absl::Status IsInWindow(const Roster& roster, absl::Time now) {
  if (roster.has_sign_up_open_time() && now < FromTimestamp(roster.sign_up_open_time()))
    return NotOpenYet();
  const absl::Time close = FromTimestamp(
      roster.has_sign_up_close_time() ? roster.sign_up_close_time() : roster.start_time());
  return now < close && roster.capacity() > 0 ? absl::OkStatus() : Closed();
}

absl::Status IsEligible(const Roster& roster, absl::string_view name, db::UnitOfWork& work) {
  if (roster.audience() != event::v1::ORGANISERS) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Person& person, work.Find(kPeople, name));
  const bool belongs = std::any_of(
      roster.organisers().begin(), roster.organisers().end(), [&](const auto& organiser) {
        return (!person.unit().empty() && service::Covers(organiser, person.unit())) ||
               organiser == person.enterprise();
      });
  return belongs ? absl::OkStatus() : NotEligible();
}

bool AtTheSameTime(const SignUp& sign_up, const Roster& roster) {
  return FromTimestamp(sign_up.start_time()) < FromTimestamp(roster.end_time()) &&
         FromTimestamp(roster.start_time()) < FromTimestamp(sign_up.end_time());
}

std::string SignUpName(const Roster& roster, absl::string_view person) {
  return absl::StrCat(roster.name(), "/signUps/", base::LastSegment(person));
}

// The caller's name stands on what they do for another.
std::string SignedUpBy(absl::string_view person, const rpc::Caller& caller) {
  return person == caller.person ? std::string() : caller.person;
}

}  // namespace

std::string RosterOf(absl::string_view sign_up) {
  return std::string(sign_up.substr(0, sign_up.find("/signUps/")));
}

std::string PersonOf(absl::string_view sign_up) {
  return absl::StrCat("towns/", base::TownOf(sign_up), "/people/", base::LastSegment(sign_up));
}

std::string PrincipalOf(const v1::CreateSignUpRequest& request, const rpc::Caller& caller) {
  return request.person() == caller.person ? std::string() : request.person();
}

std::string PrincipalOf(const v1::CancelSignUpRequest& request, const rpc::Caller& caller) {
  std::string person = PersonOf(request.name());
  return person == caller.person ? std::string() : person;
}

std::vector<db::Want> WantsOf(const v1::CreateSignUpRequest& request, const rpc::Caller& caller) {
  const std::string& person = caller.person;
  if (person.empty() || (!request.person().empty() && request.person() != person)) return {};
  return {db::Want::ForRow(kRosters, request.parent()), db::Want::ForRow(kPeople, person),
          db::Want::ForListFromNow(kSignUpsEndingAfter, person, db::kAll, person)};
}

absl::StatusOr<SignUp> DecideCreateSignUp(const v1::CreateSignUpRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work) {
  const std::string& person = request.person().empty() ? caller.person : request.person();
  if (person.empty() || base::TownOf(person) != work.tenant()) return NotRegistered();
  // Who is not theirs to know is not there.
  if (!ActsFor(person, caller, work)) return db::RowNotFound(person);
  ASSIGN_OR_RETURN(const Roster& roster, work.Find(kRosters, request.parent()));
  const std::string name = SignUpName(roster, person);
  const SignUp* before = nullptr;
  const SignUp* overlap = nullptr;
  for (const SignUp* other : work.List(kSignUpsEndingAfter, person, db::kAll, person, work.now())) {
    if (other->name() == name) {
      before = other;
    } else if (HasPlace(*other) && AtTheSameTime(*other, roster)) {
      overlap = other;
    }
  }
  if (before != nullptr && HasPlace(*before)) return *before;
  RETURN_IF_ERROR(CheckOpen(roster));
  RETURN_IF_ERROR(IsInWindow(roster, work.now()));
  RETURN_IF_ERROR(IsEligible(roster, person, work));
  if (overlap != nullptr)
    return Overlaps(overlap->name().substr(0, overlap->name().find("/signUps/")));

  SignUp fresh;
  fresh.set_name(name);
  fresh.set_person(person);
  *fresh.mutable_start_time() = roster.start_time();
  *fresh.mutable_end_time() = roster.end_time();
  SignUp& sign_up = before == nullptr ? work.Insert(kSignUps, std::move(fresh), "created")
                                      : work.Change(*before, "created_again");
  sign_up.set_signed_up_by(SignedUpBy(person, caller));
  Roster& counted = work.Change(roster, "counted");
  TakeSeatOrLineUp(counted, sign_up);
  SignUp answer = sign_up;
  if (answer.state() == v1::WAITLISTED) answer.set_position(counted.waiting());
  return answer;
}

absl::StatusOr<SignUp> DecideCancelSignUp(const v1::CancelSignUpRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const SignUp& sign_up, work.Find(kSignUps, request.name()));
  ASSIGN_OR_RETURN(const Roster& roster, work.Find(kRosters, RosterOf(request.name())));
  const std::string person = PersonOf(request.name());
  if (!ActsFor(person, caller, work)) {
    const Person* other = work.FindOrNull(kPeople, person);
    return MaySeeSignUp(RolesOf(caller, work), roster, other == nullptr ? "" : other->unit())
               ? Forbidden()
               : db::RowNotFound(request.name());
  }
  RETURN_IF_ERROR(CheckOpen(roster));
  RETURN_IF_ERROR(kSignUpStates.Next(sign_up.state(), "cancel").status());
  if (FromTimestamp(roster.start_time()) <= work.now()) return Closed();
  GiveUpPlace(roster, sign_up, work);
  return sign_up;
}

}  // namespace pingan::volunteer
