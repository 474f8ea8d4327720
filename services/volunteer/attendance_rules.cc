#include "services/volunteer/attendance_rules.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "common/base/errors.h"
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
using v1::Roster;
using v1::SignUp;

constexpr absl::Duration kCheckInBefore = absl::Hours(2);
constexpr int64_t kMostTeamsLed = 100;

bool LeadsTeamOf(const Roster& roster, const rpc::Caller& caller, db::UnitOfWork& work) {
  if (caller.person.empty()) return false;
  for (const v1::Team* team : work.List(kTeamsLedBy, work.tenant(), kMostTeamsLed, caller.person)) {
    if (team->state() == v1::ACTIVE &&
        std::find(roster.organisers().begin(), roster.organisers().end(), team->party()) !=
            roster.organisers().end()) {
      return true;
    }
  }
  return false;
}

// Who may not is told NOT_FOUND for a place they cannot see.
absl::Status MayRecord(const Roster& roster, const rpc::Caller& caller, db::UnitOfWork& work) {
  if (service::RolesOf(caller, work).ActsForAny(roster.organisers()) ||
      LeadsTeamOf(roster, caller, work)) {
    return absl::OkStatus();
  }
  return Forbidden();
}

absl::Status SetAttended(const Roster& roster, absl::string_view person, absl::string_view verb,
                         db::UnitOfWork& work, v1::RecordAttendanceResponse& response) {
  ASSIGN_OR_RETURN(
      const SignUp& found,
      work.Find(kSignUps, absl::StrCat(roster.name(), "/signUps/", base::LastSegment(person))));
  ASSIGN_OR_RETURN(const v1::SignUpState state, kSignUpStates.Next(found.state(), verb));
  if (found.state() != state) {
    SignUp& sign_up = work.Change(found, state == v1::ATTENDED ? "attended" : "missed");
    sign_up.set_state(state);
    if (state == v1::NO_SHOW) sign_up.clear_check_in_time();
  }
  *response.add_sign_ups() = found;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SignUp> DecideCheckIn(const v1::CheckInRequest& request, const rpc::Caller& caller,
                                     db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Roster& roster,
                   work.Find(kRosters, request.name().substr(0, request.name().find("/signUps/"))));
  RETURN_IF_ERROR(MayRecord(roster, caller, work));
  ASSIGN_OR_RETURN(const SignUp& found, work.Find(kSignUps, request.name()));
  RETURN_IF_ERROR(CheckOpen(roster));
  const absl::Time from = FromTimestamp(roster.start_time()) - kCheckInBefore;
  const absl::Time until = base::EndOf(base::DayOf(FromTimestamp(roster.end_time())));
  if (work.now() < from || work.now() >= until) return CheckInClosed();
  if (found.state() == v1::ATTENDED) return found;
  ASSIGN_OR_RETURN(const v1::SignUpState state, kSignUpStates.Next(found.state(), "checkIn"));

  SignUp& sign_up = work.Change(found, "checked_in");
  sign_up.set_state(state);
  *sign_up.mutable_check_in_time() = work.now_timestamp();
  return sign_up;
}

absl::StatusOr<v1::RecordAttendanceResponse> DecideRecordAttendance(
    const v1::RecordAttendanceRequest& request, const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Roster& roster, work.Find(kRosters, request.parent()));
  RETURN_IF_ERROR(MayRecord(roster, caller, work));
  RETURN_IF_ERROR(CheckOpen(roster));
  if (work.now() < FromTimestamp(roster.start_time())) return CheckInClosed();
  for (const std::string& person : request.absent()) {
    if (std::find(request.attended().begin(), request.attended().end(), person) !=
        request.attended().end()) {
      return base::RefuseField("absent", "同一人不能既到场又未到场");
    }
  }

  v1::RecordAttendanceResponse response;
  for (const std::string& person : request.attended()) {
    RETURN_IF_ERROR(SetAttended(roster, person, "attend", work, response));
  }
  for (const std::string& person : request.absent()) {
    RETURN_IF_ERROR(SetAttended(roster, person, "miss", work, response));
  }
  return response;
}

}  // namespace pingan::volunteer
