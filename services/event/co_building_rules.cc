#include "services/event/co_building_rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "services/event/event_errors.h"
#include "services/event/event_rules.h"
#include "services/event/event_tables.h"

namespace pingan::event {
namespace {

using service::Roles;
using service::RolesOf;
using v1::CoBuildingDay;
using v1::Event;

// A handful: every set of organisers has one day, and a town has few dozen sets.
constexpr int64_t kMostDaysAtOnce = 1000;

std::set<std::string> OrganisersOf(const CoBuildingDay& day) {
  return {day.organisers().begin(), day.organisers().end()};
}

absl::Status CheckPlan(const v1::CreateCoBuildingDayRequest& request) {
  std::vector<base::FieldViolation> bad;
  std::set<v1::EventKind> kinds;
  for (int i = 0; i < request.events_size(); ++i) {
    const v1::PlannedEvent& event = request.events(i);
    if (!kinds.insert(event.kind()).second) {
      bad.push_back({absl::StrCat("events[", i, "].kind"), "同一天每类活动最多一场"});
    }
    const google::type::Date day =
        base::ToDate(base::DayOf(base::FromTimestamp(event.start_time())));
    if (base::CompareDates(day, request.co_building_day().day()) != 0) {
      bad.push_back({absl::StrCat("events[", i, "].start_time"), "活动须在共建日当天开始"});
    }
  }
  return bad.empty() ? absl::OkStatus() : base::RefuseFields(std::move(bad));
}

Event DraftOf(const v1::PlannedEvent& planned, const CoBuildingDay& day, std::string name) {
  Event event;
  event.set_name(std::move(name));
  event.set_title(planned.title());
  event.set_description(planned.description());
  event.set_kind(planned.kind());
  event.set_mechanism(planned.mechanism());
  *event.mutable_organisers() = day.organisers();
  if (planned.has_place()) *event.mutable_place() = planned.place();
  *event.mutable_start_time() = planned.start_time();
  *event.mutable_end_time() = planned.end_time();
  event.set_capacity(planned.capacity());
  event.set_audience(planned.audience());
  event.set_state(v1::DRAFT);
  event.set_co_building_day(day.name());
  return event;
}

// A day is there for whoever may read one of its events.
bool MayReadSome(const Roles& roles, const CoBuildingDay& day, db::UnitOfWork& work) {
  return std::any_of(day.events().begin(), day.events().end(), [&](const std::string& name) {
    const Event* event = work.FindOrNull(kEvents, name);
    return event != nullptr && MayRead(roles, *event);
  });
}

}  // namespace

absl::StatusOr<CoBuildingDay> DecideCreateCoBuildingDay(
    const v1::CreateCoBuildingDayRequest& request, const rpc::Caller& caller,
    db::UnitOfWork& work) {
  if (!RolesOf(caller, work).ActsForAny(request.co_building_day().organisers()))
    return NotOrganiser();
  RETURN_IF_ERROR(CheckPlan(request));
  for (const CoBuildingDay* other : work.List(kCoBuildingDaysOn, work.tenant(), kMostDaysAtOnce,
                                              request.co_building_day().day())) {
    if (OrganisersOf(*other) == OrganisersOf(request.co_building_day()))
      return DayAlreadyPlanned(other->name());
  }

  CoBuildingDay day = request.co_building_day();
  day.set_name(absl::StrCat(request.parent(), "/coBuildingDays/", work.NewId()));
  std::vector<v1::PlannedEvent> planned(request.events().begin(), request.events().end());
  std::sort(planned.begin(), planned.end(),
            [](const auto& a, const auto& b) { return a.kind() < b.kind(); });
  for (const v1::PlannedEvent& one : planned) {
    Event event = DraftOf(one, day, absl::StrCat(request.parent(), "/events/", work.NewId()));
    RETURN_IF_ERROR(CheckTimes(event));
    RETURN_IF_ERROR(CheckOrganisers(event, work));
    day.add_events(work.Insert(kEvents, std::move(event), "created").name());
  }
  return work.Insert(kCoBuildingDays, std::move(day), "created");
}

absl::StatusOr<CoBuildingDay> DecidePublishCoBuildingDay(
    const v1::PublishCoBuildingDayRequest& request, const rpc::Caller& caller,
    db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const CoBuildingDay& day, work.Find(kCoBuildingDays, request.name()));
  if (const Roles roles = RolesOf(caller, work); !roles.ActsForAny(day.organisers()))
    return MayReadSome(roles, day, work) ? NotOrganiser() : db::RowNotFound(day.name());
  for (const std::string& name : day.events()) {
    ASSIGN_OR_RETURN(const Event& event, work.Find(kEvents, name));
    if (event.state() == v1::DRAFT) RETURN_IF_ERROR(Publish(event, work));
  }
  return day;
}

}  // namespace pingan::event
