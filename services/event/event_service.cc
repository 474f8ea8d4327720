#include "services/event/event_service.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "common/rpc/page_token.h"
#include "common/rpc/peer.h"
#include "services/event/co_building_rules.h"
#include "services/event/event_lists.h"
#include "services/event/event_rules.h"
#include "services/event/event_tables.h"
#include "services/event/held_lists.h"
#include "services/event/held_rules.h"

ABSL_FLAG(bool, bare_echo, false, "Also answer the bare echo that tests/load compares with.");

namespace pingan::event {
namespace {

using service::PatienceOf;
using service::Roles;
using service::RolesOf;
using volunteer::v1::FreezeRosterResponse;
using VolunteerStub = volunteer::v1::VolunteerService::StubInterface::async_interface;

// Town totals are anyone's; what is counted by party is for the party and the town's officials.
template <class Filter>
absl::Status MayCount(const Roles& roles, const Filter& filter) {
  if (roles.ReadsAsOfficialOf(filter.parent())) return absl::OkStatus();
  const bool own = (!filter.unit().empty() && roles.ActsFor(filter.unit())) ||
                   (!filter.enterprise().empty() && roles.ActsFor(filter.enterprise()));
  return own ? absl::OkStatus() : base::Refuse(errors::v1::FORBIDDEN);
}

bool IsTownTotal(const v1::CountHeldEventsRequest& request) {
  const bool by_party = request.group_by() == v1::BY_UNIT ||
                        request.group_by() == v1::BY_ENTERPRISE ||
                        request.group_by() == v1::BY_PAIRING;
  return request.unit().empty() && request.enterprise().empty() && request.pairing().empty() &&
         !by_party;
}

}  // namespace

EventService::EventService(service::Runtime& runtime)
    : runtime_(runtime),
      reader_(runtime.reader()),
      volunteer_peer_(runtime.peer("volunteer")),
      volunteer_(volunteer::v1::VolunteerService::NewStub(volunteer_peer_.channel())),
      methods_("pingan.event.v1.EventService", runtime.adapter()),
      commands_(methods_, runtime.writer()) {}

absl::StatusOr<std::unique_ptr<service::Handlers>> EventService::Make(service::Runtime& runtime) {
  std::unique_ptr<EventService> service(new EventService(runtime));
  service->BindWrites();
  service->BindReads();
  RETURN_IF_ERROR(service->methods_.Complete());
  changes::Follower& directory = runtime.Follow("directory");
  directory.Mirror(kTowns);
  directory.Mirror(kUnits);
  directory.Mirror(kEnterprises);
  directory.Mirror(service::kGrants);
  runtime.Follow("pairing").Mirror(kPairings);
  return service;
}

std::vector<grpc::Service*> EventService::services() {
  if (absl::GetFlag(FLAGS_bare_echo)) return {&methods_, &bare_echo_};
  return {&methods_};
}

void EventService::BindWrites() {
  commands_.Bind("CreateEvent", DecideCreateEvent);
  commands_.Bind("UpdateEvent", DecideUpdateEvent);
  commands_.Bind("PublishEvent", DecidePublishEvent);
  commands_.Bind("CancelEvent", DecideCancelEvent);
  commands_.Bind("CorrectEvent", DecideCorrectEvent);
  commands_.Bind("RecordHeldEvent", DecideRecordHeldEvent);
  commands_.Bind("CreateCoBuildingDay", DecideCreateCoBuildingDay);
  commands_.Bind("PublishCoBuildingDay", DecidePublishCoBuildingDay);
  methods_.Handle("HoldEvent", this, &EventService::HoldEvent);
}

void EventService::BindReads() {
  methods_.Handle("GetEvent", this, &EventService::GetEvent);
  methods_.Handle("ListEvents", this, &EventService::ListEvents);
  methods_.Handle("ListCorrections", this, &EventService::ListCorrections);
  methods_.Handle("GetCoBuildingDay", this, &EventService::GetCoBuildingDay);
  methods_.Handle("SummarizeEvents", this, &EventService::SummarizeEvents);
  methods_.Handle("CountHeldEvents", this, &EventService::CountHeldEvents);
  methods_.Handle("ListHeldEvents", this, &EventService::ListHeldEvents);
  methods_.Handle("ExportHeldEvents", this, &EventService::ExportHeldEvents);
}

EventService::Answer<v1::Event> EventService::GetEvent(const rpc::Call& call,
                                                       const v1::GetEventRequest& request) {
  co_return co_await FindReadable(call, request.name());
}

EventService::Answer<v1::Event> EventService::FindReadable(const rpc::Call& call,
                                                           std::string name) {
  CO_ASSIGN_OR_RETURN(v1::Event event, co_await reader_.Find(kEvents, name, PatienceOf(call)));
  if (event.state() == v1::DRAFT) {
    CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
    if (!MayRead(roles, event)) co_return db::RowNotFound(name);
  }
  co_return event;
}

EventService::Answer<v1::ListEventsResponse> EventService::ListEvents(
    const rpc::Call& call, const v1::ListEventsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  co_return co_await reader_.Read<v1::ListEventsResponse>(
      [&](db::ReadSession& session) { return ReadEvents(request, page, roles, session); },
      PatienceOf(call));
}

EventService::Answer<v1::ListCorrectionsResponse> EventService::ListCorrections(
    const rpc::Call& call, const v1::ListCorrectionsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_RETURN_IF_ERROR((co_await FindReadable(call, request.parent())).status());
  co_return co_await reader_.Read<v1::ListCorrectionsResponse>(
      [&](db::ReadSession& session) { return ReadCorrections(request, page, session); },
      PatienceOf(call));
}

EventService::Answer<v1::CoBuildingDay> EventService::GetCoBuildingDay(
    const rpc::Call& call, const v1::GetCoBuildingDayRequest& request) {
  CO_ASSIGN_OR_RETURN(v1::CoBuildingDay day,
                      co_await reader_.Find(kCoBuildingDays, request.name(), PatienceOf(call)));
  std::vector<std::string> names(day.events().begin(), day.events().end());
  CO_ASSIGN_OR_RETURN(const auto events,
                      co_await reader_.FindMany(kEvents, std::move(names), PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  // Of a day, everyone sees the events they may read; a day of which they may read none is not
  // there for them.
  day.clear_events();
  for (const std::optional<v1::Event>& event : events) {
    if (event.has_value() && MayRead(roles, *event)) day.add_events(event->name());
  }
  if (day.events().empty()) co_return db::RowNotFound(request.name());
  co_return day;
}

EventService::Answer<v1::Event> EventService::HoldEvent(const rpc::Call& call,
                                                        const v1::HoldEventRequest& request) {
  CO_ASSIGN_OR_RETURN(const v1::Event event,
                      co_await reader_.Find(kEvents, request.name(), PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  FreezeRosterResponse roster;
  // Where it may not be held the rule says why, or finds that this very request has held it.
  if (MayHold(roles, event, runtime_.clock().Now()).ok()) {
    volunteer::v1::FreezeRosterRequest freeze;
    freeze.set_name(absl::StrCat("towns/", base::TownOf(event.name()), "/rosters/",
                                 base::LastSegment(event.name())));
    CO_ASSIGN_OR_RETURN(
        roster, (co_await rpc::Ask<VolunteerStub>(volunteer_peer_, volunteer_->async(),
                                                  &VolunteerStub::FreezeRoster, call, freeze)));
  }
  co_return co_await commands_.Run<v1::HoldEventRequest, v1::Event>(
      call, std::string(base::TownOf(request.name())), request,
      [&roster](const v1::HoldEventRequest& asked, const rpc::Caller& caller,
                db::UnitOfWork& work) { return DecideHoldEvent(asked, roster, caller, work); });
}

EventService::Answer<v1::EventSummary> EventService::SummarizeEvents(
    const rpc::Call& call, const v1::SummarizeEventsRequest& request) {
  CO_ASSIGN_OR_RETURN(v1::EventSummary summary, co_await reader_.Read<v1::EventSummary>(
                                                    [&](db::ReadSession& session) {
                                                      return Summarize(request.parent(), session);
                                                    },
                                                    PatienceOf(call)));
  *summary.mutable_as_of_time() = base::ToTimestamp(runtime_.clock().Now());
  co_return summary;
}

EventService::Answer<v1::CountHeldEventsResponse> EventService::CountHeldEvents(
    const rpc::Call& call, const v1::CountHeldEventsRequest& request) {
  const HeldFilter filter = HeldFilter::Of(request);
  CO_RETURN_IF_ERROR(CheckMonths(filter));
  if (!IsTownTotal(request)) {
    CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
    CO_RETURN_IF_ERROR(MayCount(roles, request));
  }
  co_return co_await reader_.Read<v1::CountHeldEventsResponse>(
      [&](db::ReadSession& session) {
        return event::CountHeldEvents(filter, request.group_by(), session);
      },
      PatienceOf(call));
}

EventService::Answer<v1::ListHeldEventsResponse> EventService::ListHeldEvents(
    const rpc::Call& call, const v1::ListHeldEventsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_RETURN_IF_ERROR(CheckMonths(HeldFilter::Of(request)));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  CO_RETURN_IF_ERROR(MayCount(roles, request));
  co_return co_await reader_.Read<v1::ListHeldEventsResponse>(
      [&](db::ReadSession& session) { return ReadHeldEvents(request, page, session); },
      PatienceOf(call));
}

EventService::Answer<google::api::HttpBody> EventService::ExportHeldEvents(
    const rpc::Call& call, const v1::ExportHeldEventsRequest& request) {
  const HeldFilter filter = HeldFilter::Of(request);
  CO_RETURN_IF_ERROR(CheckMonths(filter));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  CO_RETURN_IF_ERROR(MayCount(roles, request));
  google::api::HttpBody file;
  CO_ASSIGN_OR_RETURN(*file.mutable_data(), co_await reader_.Read<std::string>(
                                                [&](db::ReadSession& session) {
                                                  return event::ExportHeldEvents(filter, session);
                                                },
                                                PatienceOf(call)));
  file.set_content_type("text/csv; charset=utf-8");
  co_return file;
}

}  // namespace pingan::event
