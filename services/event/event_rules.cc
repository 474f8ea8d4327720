#include "services/event/event_rules.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "common/rpc/update_mask.h"
#include "common/service/parties.h"
#include "services/event/event_errors.h"
#include "services/event/event_tables.h"

namespace pingan::event {
namespace {

using base::FromTimestamp;
using service::Roles;
using service::RolesOf;
using v1::Event;

constexpr absl::Duration kLongestEvent = absl::Hours(24 * 31);

constexpr absl::string_view kDraftFields[] = {
    "title",      "description",       "kind",
    "mechanism",  "organisers",        "place",
    "start_time", "end_time",          "capacity",
    "audience",   "sign_up_open_time", "sign_up_close_time"};
constexpr absl::string_view kPublishedFields[] = {
    "title",      "description",       "place",
    "start_time", "end_time",          "capacity",
    "audience",   "sign_up_open_time", "sign_up_close_time"};

// The event for a caller who may change it.
absl::StatusOr<std::reference_wrapper<const Event>> FindOwn(absl::string_view name,
                                                            const Roles& roles,
                                                            db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Event& event, work.Find(kEvents, name));
  RETURN_IF_ERROR(MayOrganise(roles, event));
  return std::cref(event);
}

}  // namespace

bool MayRead(const Roles& roles, const Event& event) {
  return event.state() != v1::DRAFT || roles.ActsForAny(event.organisers()) ||
         roles.ReadsAsOfficialOf(event.name());
}

absl::Status MayOrganise(const Roles& roles, const Event& event) {
  if (!MayRead(roles, event)) return db::RowNotFound(event.name());
  return roles.ActsForAny(event.organisers()) ? absl::OkStatus() : NotOrganiser();
}

absl::Status CheckTimes(const Event& event) {
  std::vector<base::FieldViolation> bad;
  const absl::Time start = FromTimestamp(event.start_time());
  const absl::Time end = FromTimestamp(event.end_time());
  if (end <= start) bad.push_back({"event.end_time", "结束时间须晚于开始时间"});
  if (end - start > kLongestEvent) bad.push_back({"event.end_time", "一场活动最长 31 天"});
  if (event.has_sign_up_close_time()) {
    const absl::Time close = FromTimestamp(event.sign_up_close_time());
    if (close > end)
      bad.push_back({"event.sign_up_close_time", "报名截止时间不能晚于活动结束时间"});
    if (event.has_sign_up_open_time() && close <= FromTimestamp(event.sign_up_open_time())) {
      bad.push_back({"event.sign_up_close_time", "报名截止时间须晚于报名开始时间"});
    }
  }
  if (event.has_sign_up_open_time() && FromTimestamp(event.sign_up_open_time()) >= end) {
    bad.push_back({"event.sign_up_open_time", "报名开始时间须早于活动结束时间"});
  }
  return bad.empty() ? absl::OkStatus() : base::RefuseFields(std::move(bad));
}

absl::Status CheckOrganisers(const Event& event, db::UnitOfWork& work) {
  const std::string town = absl::StrCat("towns/", work.tenant());
  for (const std::string& organiser : event.organisers()) {
    if (organiser != town && !service::IsParty(organiser, work, kUnits, kEnterprises))
      return UnknownOrganiser(organiser);
  }
  return absl::OkStatus();
}

absl::StatusOr<Event> DecideCreateEvent(const v1::CreateEventRequest& request,
                                        const rpc::Caller& caller, db::UnitOfWork& work) {
  if (!RolesOf(caller, work).ActsForAny(request.event().organisers())) return NotOrganiser();
  RETURN_IF_ERROR(CheckTimes(request.event()));
  RETURN_IF_ERROR(CheckOrganisers(request.event(), work));

  Event event = request.event();
  event.set_name(absl::StrCat(request.parent(), "/events/", work.NewId()));
  event.set_state(v1::DRAFT);
  return work.Insert(kEvents, std::move(event), "created");
}

absl::StatusOr<Event> DecideUpdateEvent(const v1::UpdateEventRequest& request,
                                        const rpc::Caller& caller, db::UnitOfWork& work) {
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Event& found, FindOwn(request.event().name(), roles, work));
  RETURN_IF_ERROR(kEventStates.Next(found.state(), "update").status());
  if (!request.event().etag().empty() && request.event().etag() != found.etag()) {
    return base::Refuse(errors::v1::STALE_ETAG);
  }

  Event& event = work.Change(found, "updated");
  RETURN_IF_ERROR(rpc::ApplyUpdateMask(request.update_mask(), request.event(), event,
                                       event.state() == v1::DRAFT
                                           ? absl::MakeConstSpan(kDraftFields)
                                           : absl::MakeConstSpan(kPublishedFields)));
  RETURN_IF_ERROR(CheckTimes(event));
  // Nobody hands an event to organisers they do not act for.
  if (!roles.ActsForAny(event.organisers())) return NotOrganiser();
  RETURN_IF_ERROR(CheckOrganisers(event, work));
  return event;
}

absl::Status Publish(const Event& found, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const v1::EventState state, kEventStates.Next(found.state(), "publish"));
  if (!found.has_place()) return EventIncomplete("地点");
  if (FromTimestamp(found.end_time()) <= work.now()) return EventOver();
  work.Change(found, "published").set_state(state);
  return absl::OkStatus();
}

absl::StatusOr<Event> DecidePublishEvent(const v1::PublishEventRequest& request,
                                         const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Event& event, FindOwn(request.name(), RolesOf(caller, work), work));
  RETURN_IF_ERROR(Publish(event, work));
  return event;
}

absl::StatusOr<Event> DecideCancelEvent(const v1::CancelEventRequest& request,
                                        const rpc::Caller& caller, db::UnitOfWork& work) {
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Event& found, work.Find(kEvents, request.name()));
  if (!roles.IsOfficialOf(found.name())) RETURN_IF_ERROR(MayOrganise(roles, found));
  ASSIGN_OR_RETURN(const v1::EventState state, kEventStates.Next(found.state(), "cancel"));

  Event& event = work.Change(found, "cancelled");
  event.set_state(state);
  event.set_cancel_reason(request.reason());
  return event;
}

}  // namespace pingan::event
