#include "services/event/held_rules.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "services/event/event_errors.h"
#include "services/event/event_rules.h"
#include "services/event/event_tables.h"

namespace pingan::event {
namespace {

using base::FromTimestamp;
using service::Roles;
using service::RolesOf;
using v1::Correction;
using v1::Event;
using v1::HeldEvent;

std::string HeldName(const Event& event) {
  return absl::StrCat("towns/", base::TownOf(event.name()), "/heldEvents/",
                      base::LastSegment(event.name()));
}

// The event's own facts, as they count until somebody corrects them.
HeldEvent FactsOf(const Event& event) {
  HeldEvent held;
  held.set_name(HeldName(event));
  held.set_event(event.name());
  held.set_title(event.title());
  held.set_kind(event.kind());
  held.set_mechanism(event.mechanism());
  *held.mutable_organisers() = event.organisers();
  *held.mutable_day() = base::ToDate(base::DayOf(FromTimestamp(event.start_time())));
  held.set_attendance(event.outcome().attendance());
  held.set_late(!event.late_reason().empty());
  held.set_counted(true);
  return held;
}

bool CorrectsAnything(const Correction& correction) {
  return correction.has_kind() || correction.has_mechanism() || correction.organisers_size() > 0 ||
         correction.has_day() || correction.has_attendance() || correction.not_held();
}

void Apply(const Correction& correction, HeldEvent& held) {
  if (correction.has_kind()) held.set_kind(correction.kind());
  if (correction.has_mechanism()) held.set_mechanism(correction.mechanism());
  if (correction.organisers_size() > 0) *held.mutable_organisers() = correction.organisers();
  if (correction.has_day()) *held.mutable_day() = correction.day();
  if (correction.has_attendance()) held.set_attendance(correction.attendance());
  // Setting another fact right later says nothing about whether it was held.
  if (correction.not_held()) held.set_counted(false);
  held.set_corrected(true);
}

absl::Status CheckCorrection(const Correction& correction, db::UnitOfWork& work) {
  if (!CorrectsAnything(correction))
    return base::RefuseField("correction", "请至少填写一项要更正的内容");
  if (correction.has_kind() && correction.kind() == v1::EVENT_KIND_UNSPECIFIED) {
    return base::RefuseField("correction.kind", "请选择活动类型");
  }
  if (correction.has_mechanism() && correction.mechanism() == v1::MECHANISM_UNSPECIFIED) {
    return base::RefuseField("correction.mechanism", "请选择八联机制");
  }
  const google::type::Date today = base::ToDate(base::DayOf(work.now()));
  if (correction.has_day() && base::CompareDates(correction.day(), today) > 0) {
    return base::RefuseField("correction.day", "开展日期不能晚于今天");
  }
  Event organised;
  *organised.mutable_organisers() = correction.organisers();
  return CheckOrganisers(organised, work);
}

// Organising parties and the town's officials.
absl::Status MayRecord(const Roles& roles, const Event& event) {
  return roles.IsOfficialOf(event.name()) ? absl::OkStatus() : MayOrganise(roles, event);
}

}  // namespace

absl::Status MayHold(const Roles& roles, const Event& event, absl::Time now) {
  RETURN_IF_ERROR(MayOrganise(roles, event));
  RETURN_IF_ERROR(kEventStates.Next(event.state(), "hold").status());
  return FromTimestamp(event.start_time()) > now ? NotYetHeld() : absl::OkStatus();
}

absl::StatusOr<Event> DecideHoldEvent(const v1::HoldEventRequest& request,
                                      const volunteer::v1::FreezeRosterResponse& roster,
                                      const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Event& found, work.Find(kEvents, request.name()));
  RETURN_IF_ERROR(MayHold(RolesOf(caller, work), found, work.now()));

  Event& event = work.Change(found, "held");
  event.set_state(v1::HELD);
  *event.mutable_outcome() = request.outcome();
  event.mutable_outcome()->set_signed_up(roster.signed_up());
  event.mutable_outcome()->set_signed_up_attended(roster.attended());
  work.Insert(kHeldEvents, FactsOf(event), "held");
  return event;
}

absl::StatusOr<Event> DecideRecordHeldEvent(const v1::RecordHeldEventRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work) {
  Event event = request.event();
  event.set_name(absl::StrCat(request.parent(), "/events/", work.NewId()));
  const Roles roles = RolesOf(caller, work);
  if (!roles.IsOfficialOf(event.name()) && !roles.ActsForAny(event.organisers()))
    return NotOrganiser();
  RETURN_IF_ERROR(CheckTimes(event));
  if (FromTimestamp(event.end_time()) > work.now()) return NotInPast();
  RETURN_IF_ERROR(CheckOrganisers(event, work));

  event.set_state(v1::HELD);
  *event.mutable_outcome() = request.outcome();
  event.set_late_reason(request.reason());
  work.Insert(kHeldEvents, FactsOf(event), "held");
  return work.Insert(kEvents, std::move(event), "recorded_late");
}

absl::StatusOr<Correction> DecideCorrectEvent(const v1::CorrectEventRequest& request,
                                              const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Event& event, work.Find(kEvents, request.name()));
  RETURN_IF_ERROR(MayRecord(RolesOf(caller, work), event));
  RETURN_IF_ERROR(kEventStates.Next(event.state(), "correct").status());
  RETURN_IF_ERROR(CheckCorrection(request.correction(), work));
  ASSIGN_OR_RETURN(const HeldEvent& held, work.Find(kHeldEvents, HeldName(event)));

  Apply(request.correction(), work.Change(held, "corrected"));
  // A count beside the event; its own facts stay as they were recorded.
  Event& counted = work.Change(event, "corrected");
  counted.set_corrections(counted.corrections() + 1);
  Correction correction = request.correction();
  correction.set_name(absl::StrCat(event.name(), "/corrections/", work.NewId()));
  correction.set_corrector(caller.person);
  return work.Insert(kCorrections, std::move(correction), "created");
}

}  // namespace pingan::event
