#include "services/volunteer/roster_rules.h"

#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "services/volunteer/seats.h"
#include "services/volunteer/volunteer_errors.h"
#include "services/volunteer/volunteer_tables.h"

namespace pingan::volunteer {
namespace {

using event::v1::Event;
using v1::Roster;
using v1::SignUp;

int64_t RevisionOf(const Event& event) {
  int64_t revision = 0;
  return absl::SimpleAtoi(event.etag(), &revision) ? revision : 0;
}

// What a roster takes over from its event; its counters stay.
void CopyPlan(const Event& event, Roster& roster) {
  roster.set_title(event.title());
  *roster.mutable_organisers() = event.organisers();
  *roster.mutable_start_time() = event.start_time();
  *roster.mutable_end_time() = event.end_time();
  roster.clear_sign_up_open_time();
  roster.clear_sign_up_close_time();
  if (event.has_sign_up_open_time())
    *roster.mutable_sign_up_open_time() = event.sign_up_open_time();
  if (event.has_sign_up_close_time())
    *roster.mutable_sign_up_close_time() = event.sign_up_close_time();
  roster.set_audience(event.audience());
  roster.set_capacity(event.capacity());
  roster.set_event_revision(RevisionOf(event));
}

// Sign-ups carry their event's times, so that one probe of a person finds overlaps; cancelled ones
// too, because they may be taken up again.
void MoveSignUps(const Roster& roster, db::UnitOfWork& work) {
  for (const v1::SignUpState state : {v1::CONFIRMED, v1::WAITLISTED, v1::SIGN_UP_CANCELLED}) {
    for (const SignUp* found :
         work.List(kSignUpsInState, roster.name(), db::kAll, roster.name(), state)) {
      SignUp& sign_up = work.Change(*found, "moved");
      *sign_up.mutable_start_time() = roster.start_time();
      *sign_up.mutable_end_time() = roster.end_time();
    }
  }
}

void CancelSignUps(Roster& roster, db::UnitOfWork& work) {
  for (const v1::SignUpState state : {v1::CONFIRMED, v1::WAITLISTED}) {
    for (const SignUp* found :
         work.List(kSignUpsInState, roster.name(), db::kAll, roster.name(), state)) {
      work.Change(*found, "event_cancelled").set_state(v1::SIGN_UP_CANCELLED);
      if (state == v1::CONFIRMED) {
        roster.set_confirmed(roster.confirmed() - 1);
      } else {
        roster.set_waiting(roster.waiting() - 1);
      }
    }
  }
}

absl::Status FollowPlan(const Event& event, const Roster& found, db::UnitOfWork& work) {
  // The roster is frozen a moment before its event is held. What changes in between comes too late
  // for it, and must not hold up the town's other events.
  if (!kRosterStates.Allows(found.state(), "follow")) return absl::OkStatus();
  const bool moved =
      found.start_time() != event.start_time() || found.end_time() != event.end_time();
  Roster& roster = work.Change(found, "followed");
  CopyPlan(event, roster);
  if (moved) MoveSignUps(roster, work);
  FillSeats(roster, work);
  return absl::OkStatus();
}

// A roster for an event seen for the first time, in the state the event is in.
Roster NewRoster(const Event& event) {
  Roster roster;
  roster.set_name(RosterNameOf(event.name()));
  CopyPlan(event, roster);
  roster.set_state(event.state() == event::v1::PUBLISHED ? v1::OPEN
                   : event.state() == event::v1::HELD    ? v1::FROZEN
                                                         : v1::EVENT_OFF);
  return roster;
}

}  // namespace

std::string RosterNameOf(absl::string_view event) {
  return absl::StrCat("towns/", base::TownOf(event), "/rosters/", base::LastSegment(event));
}

std::string EventNameOf(absl::string_view roster) {
  return absl::StrCat("towns/", base::TownOf(roster), "/events/", base::Segment(roster, "rosters"));
}

absl::Status FollowEvent(const Event& event, db::UnitOfWork& work) {
  if (event.state() == event::v1::DRAFT || !event.late_reason().empty()) return absl::OkStatus();
  const Roster* found = work.FindOrNull(kRosters, RosterNameOf(event.name()));
  if (found == nullptr) {
    work.Insert(kRosters, NewRoster(event), "followed");
    return absl::OkStatus();
  }
  if (RevisionOf(event) <= found->event_revision()) return absl::OkStatus();
  if (event.state() == event::v1::PUBLISHED) return FollowPlan(event, *found, work);

  const bool off = event.state() == event::v1::CANCELLED;
  // An ended roster stays ended; a correction of a held event changes nothing in it.
  if (!kRosterStates.Allows(found->state(), off ? "cancel" : "freeze")) return absl::OkStatus();
  Roster& roster = work.Change(*found, "followed");
  roster.set_event_revision(RevisionOf(event));
  if (off) CancelSignUps(roster, work);
  roster.set_state(off ? v1::EVENT_OFF : v1::FROZEN);
  return absl::OkStatus();
}

absl::StatusOr<Roster> DecideLearnRoster(const Event& event, const rpc::Caller&,
                                         db::UnitOfWork& work) {
  RETURN_IF_ERROR(FollowEvent(event, work));
  ASSIGN_OR_RETURN(const Roster& roster, work.Find(kRosters, RosterNameOf(event.name())));
  return roster;
}

absl::StatusOr<v1::FreezeRosterResponse> DecideFreezeRoster(const v1::FreezeRosterRequest& request,
                                                            const rpc::Caller&,
                                                            db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Roster& roster, work.Find(kRosters, request.name()));
  ASSIGN_OR_RETURN(const v1::RosterState state, kRosterStates.Next(roster.state(), "freeze"));
  if (roster.state() != state) work.Change(roster, "frozen").set_state(state);
  v1::FreezeRosterResponse response;
  response.set_signed_up(roster.confirmed());
  response.set_attended(static_cast<int32_t>(
      work.List(kSignUpsInState, roster.name(), db::kAll, roster.name(), v1::ATTENDED).size()));
  return response;
}

bool MaySeeSignUps(const service::Roles& roles, const Roster& roster) {
  return roles.ActsForAny(roster.organisers()) || roles.ReadsAsOfficialOf(roster.name());
}

bool MaySeeSignUp(const service::Roles& roles, const Roster& roster, absl::string_view unit) {
  return roles.WorksFor(unit) || MaySeeSignUps(roles, roster);
}

absl::Status CheckOpen(const Roster& roster) {
  if (roster.state() == v1::EVENT_OFF) return EventCancelled();
  return roster.state() == v1::OPEN ? absl::OkStatus() : RosterFrozen();
}

}  // namespace pingan::volunteer
