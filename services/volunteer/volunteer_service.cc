#include "services/volunteer/volunteer_service.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/rpc/page_token.h"
#include "common/rpc/peer.h"
#include "common/service/grants.h"
#include "services/volunteer/attendance_rules.h"
#include "services/volunteer/roster_rules.h"
#include "services/volunteer/sign_up_rules.h"
#include "services/volunteer/team_rules.h"
#include "services/volunteer/volunteer_errors.h"
#include "services/volunteer/volunteer_lists.h"
#include "services/volunteer/volunteer_tables.h"

namespace pingan::volunteer {
namespace {

using service::PatienceOf;
using service::Roles;
using service::RolesOf;
using EventStub = event::v1::EventService::StubInterface::async_interface;

}  // namespace

VolunteerService::VolunteerService(service::Runtime& runtime)
    : reader_(runtime.reader()),
      event_peer_(runtime.peer("event")),
      masked_names_(runtime.peer("directory")),
      event_(event::v1::EventService::NewStub(event_peer_.channel())),
      methods_("pingan.volunteer.v1.VolunteerService", runtime.adapter()),
      commands_(methods_, runtime.writer()) {}

absl::StatusOr<std::unique_ptr<service::Handlers>> VolunteerService::Make(
    service::Runtime& runtime) {
  std::unique_ptr<VolunteerService> service(new VolunteerService(runtime));
  service->BindWrites();
  service->BindReads();
  RETURN_IF_ERROR(service->methods_.Complete());
  service->Follow(runtime);
  return service;
}

void VolunteerService::BindWrites() {
  methods_.Handle("CreateSignUp", this, &VolunteerService::CreateSignUp);
  commands_.Bind<v1::CancelSignUpRequest, v1::SignUp>("CancelSignUp", DecideCancelSignUp,
                                                      {.principal = PrincipalOf});
  commands_.Bind("CheckIn", DecideCheckIn);
  commands_.Bind("RecordAttendance", DecideRecordAttendance);
  methods_.Handle("FreezeRoster", this, &VolunteerService::FreezeRoster);
  commands_.Bind("CreateTeam", DecideCreateTeam);
  commands_.Bind("ApproveTeam", DecideApproveTeam);
  commands_.Bind("JoinTeam", DecideJoinTeam);
  commands_.Bind("AcceptMember", DecideAcceptMember);
  commands_.Bind("RejectMember", DecideRejectMember);
  commands_.Bind("LeaveTeam", DecideLeaveTeam);
}

void VolunteerService::BindReads() {
  methods_.Handle("GetRoster", this, &VolunteerService::GetRoster);
  methods_.Handle("GetSignUp", this, &VolunteerService::GetSignUp);
  methods_.Handle("ListSignUps", this, &VolunteerService::ListSignUps);
  methods_.Handle("ListMySignUps", this, &VolunteerService::ListMySignUps);
  methods_.Handle("GetTeam", this, &VolunteerService::GetTeam);
  methods_.Handle("ListTeams", this, &VolunteerService::ListTeams);
  methods_.Handle("ListMembers", this, &VolunteerService::ListMembers);
}

void VolunteerService::Follow(service::Runtime& runtime) {
  runtime.Follow("event").On<event::v1::Event>(
      [](const changes::v1::Change&, const event::v1::Event& event, db::UnitOfWork& work) {
        return FollowEvent(event, work);
      });
  changes::Follower& directory = runtime.Follow("directory");
  directory.Mirror(kPeople);
  directory.Mirror(service::kGrants);
}

VolunteerService::Answer<v1::Roster> VolunteerService::LearnRoster(const rpc::Call& call,
                                                                   std::string name) {
  event::v1::GetEventRequest asked;
  asked.set_name(EventNameOf(name));
  CO_ASSIGN_OR_RETURN(const event::v1::Event event,
                      (co_await rpc::Ask<EventStub>(event_peer_, event_->async(),
                                                    &EventStub::GetEvent, call, asked)));
  co_return co_await commands_.Run<event::v1::Event, v1::Roster>(
      call, std::string(base::TownOf(name)), event, DecideLearnRoster);
}

VolunteerService::Answer<v1::Roster> VolunteerService::FindOrLearnRoster(const rpc::Call& call,
                                                                         std::string name) {
  CO_ASSIGN_OR_RETURN(std::optional<v1::Roster> roster,
                      co_await reader_.FindOrNull(kRosters, name, PatienceOf(call)));
  if (roster.has_value()) co_return *std::move(roster);
  co_return co_await LearnRoster(call, std::move(name));
}

VolunteerService::Answer<v1::SignUp> VolunteerService::CreateSignUp(
    const rpc::Call& call, const v1::CreateSignUpRequest& request) {
  const std::string town(base::TownOf(request.parent()));
  const service::MethodOptions<v1::CreateSignUpRequest> options{.wants = WantsOf,
                                                                .principal = PrincipalOf};
  absl::StatusOr<v1::SignUp> sign_up = co_await commands_.Run<v1::CreateSignUpRequest, v1::SignUp>(
      call, town, request, DecideCreateSignUp, options);
  if (absl::IsNotFound(sign_up.status())) {
    // Not followed yet, or not there at all: event knows.
    CO_RETURN_IF_ERROR((co_await FindOrLearnRoster(call, request.parent())).status());
    sign_up = co_await commands_.Run<v1::CreateSignUpRequest, v1::SignUp>(
        call, town, request, DecideCreateSignUp, options);
  }
  co_return sign_up;
}

VolunteerService::Answer<v1::FreezeRosterResponse> VolunteerService::FreezeRoster(
    const rpc::Call& call, const v1::FreezeRosterRequest& request) {
  CO_RETURN_IF_ERROR((co_await FindOrLearnRoster(call, request.name())).status());
  co_return co_await commands_.Run<v1::FreezeRosterRequest, v1::FreezeRosterResponse>(
      call, std::string(base::TownOf(request.name())), request, DecideFreezeRoster);
}

VolunteerService::Answer<v1::SignUp> VolunteerService::Completed(const rpc::Call& call,
                                                                 v1::SignUp sign_up) {
  co_return co_await reader_.Read<v1::SignUp>(
      [&](db::ReadSession& session) -> absl::StatusOr<v1::SignUp> {
        RETURN_IF_ERROR(Complete({&sign_up}, session));
        return sign_up;
      },
      PatienceOf(call));
}

VolunteerService::Answer<v1::Roster> VolunteerService::GetRoster(
    const rpc::Call& call, const v1::GetRosterRequest& request) {
  CO_ASSIGN_OR_RETURN(v1::Roster roster, co_await FindOrLearnRoster(call, request.name()));
  roster.set_event(EventNameOf(roster.name()));
  if (base::TownOf(call.caller.person) != base::TownOf(roster.name())) co_return roster;
  const std::string own =
      absl::StrCat(roster.name(), "/signUps/", base::LastSegment(call.caller.person));
  CO_ASSIGN_OR_RETURN(std::optional<v1::SignUp> sign_up,
                      co_await reader_.FindOrNull(kSignUps, own, PatienceOf(call)));
  if (sign_up.has_value()) {
    CO_ASSIGN_OR_RETURN(*roster.mutable_own_sign_up(),
                        co_await Completed(call, *std::move(sign_up)));
  }
  co_return roster;
}

VolunteerService::Answer<v1::SignUp> VolunteerService::GetSignUp(
    const rpc::Call& call, const v1::GetSignUpRequest& request) {
  CO_ASSIGN_OR_RETURN(v1::SignUp sign_up,
                      co_await reader_.Find(kSignUps, request.name(), PatienceOf(call)));
  if (sign_up.person() != call.caller.person) {
    CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
    CO_ASSIGN_OR_RETURN(
        const v1::Roster roster,
        co_await reader_.Find(kRosters, RosterOf(request.name()), PatienceOf(call)));
    CO_ASSIGN_OR_RETURN(const auto person,
                        co_await reader_.FindOrNull(kPeople, sign_up.person(), PatienceOf(call)));
    if (!MaySeeSignUp(roles, roster, person.has_value() ? person->unit() : ""))
      co_return db::RowNotFound(request.name());
  }
  co_return co_await Completed(call, std::move(sign_up));
}

VolunteerService::Answer<v1::ListSignUpsResponse> VolunteerService::ListSignUps(
    const rpc::Call& call, const v1::ListSignUpsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_ASSIGN_OR_RETURN(const v1::Roster roster,
                      co_await reader_.Find(kRosters, request.parent(), PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  // Anyone may read the counts, so the roster is there for them; its names are not.
  if (!MaySeeSignUps(roles, roster)) co_return Forbidden();
  CO_ASSIGN_OR_RETURN(
      v1::ListSignUpsResponse response,
      co_await reader_.Read<v1::ListSignUpsResponse>(
          [&](db::ReadSession& session) { return ReadSignUps(request, page, session); },
          PatienceOf(call)));
  std::vector<std::string> people;
  for (const v1::SignUp& sign_up : response.sign_ups()) {
    people.push_back(sign_up.person());
    if (!sign_up.signed_up_by().empty()) people.push_back(sign_up.signed_up_by());
  }
  const auto names = co_await masked_names_.Of(call, request.parent(), std::move(people));
  for (v1::SignUp& sign_up : *response.mutable_sign_ups()) {
    if (const auto name = names.find(sign_up.person()); name != names.end())
      sign_up.set_masked_name(name->second);
    if (const auto name = names.find(sign_up.signed_up_by()); name != names.end()) {
      sign_up.set_signed_up_by_masked_name(name->second);
    }
  }
  co_return response;
}

VolunteerService::Answer<v1::ListMySignUpsResponse> VolunteerService::ListMySignUps(
    const rpc::Call& call, const v1::ListMySignUpsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  // Who is nobody in this town has signed up for nothing in it.
  if (base::TownOf(call.caller.person) != base::TownOf(request.parent()))
    co_return v1::ListMySignUpsResponse();
  co_return co_await reader_.Read<v1::ListMySignUpsResponse>(
      [&](db::ReadSession& session) {
        return ReadSignUpsOf(call.caller.person, request, page, session);
      },
      PatienceOf(call));
}

VolunteerService::Answer<v1::Team> VolunteerService::GetTeam(const rpc::Call& call,
                                                             const v1::GetTeamRequest& request) {
  co_return co_await reader_.Find(kTeams, request.name(), PatienceOf(call));
}

VolunteerService::Answer<v1::ListTeamsResponse> VolunteerService::ListTeams(
    const rpc::Call& call, const v1::ListTeamsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  co_return co_await reader_.Read<v1::ListTeamsResponse>(
      [&](db::ReadSession& session) { return ReadTeams(request, page, session); },
      PatienceOf(call));
}

VolunteerService::Answer<v1::ListMembersResponse> VolunteerService::ListMembers(
    const rpc::Call& call, const v1::ListMembersRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_ASSIGN_OR_RETURN(const v1::Team team,
                      co_await reader_.Find(kTeams, request.parent(), PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  const std::string own =
      absl::StrCat(team.name(), "/members/", base::LastSegment(call.caller.person));
  CO_ASSIGN_OR_RETURN(const auto member,
                      co_await reader_.FindOrNull(kMembers, own, PatienceOf(call)));
  const bool belongs = member.has_value() && member->state() == v1::MEMBER_ACTIVE;
  if (!belongs && !roles.ReadsAsOfficialOf(team.name())) co_return Forbidden();
  CO_ASSIGN_OR_RETURN(
      v1::ListMembersResponse response,
      co_await reader_.Read<v1::ListMembersResponse>(
          [&](db::ReadSession& session) { return ReadMembers(request, page, session); },
          PatienceOf(call)));
  std::vector<std::string> people;
  for (const v1::Member& one : response.members()) people.push_back(PersonOf(one.name()));
  const auto names = co_await masked_names_.Of(call, team.name(), std::move(people));
  for (v1::Member& one : *response.mutable_members()) {
    if (const auto name = names.find(PersonOf(one.name())); name != names.end())
      one.set_masked_name(name->second);
  }
  co_return response;
}

}  // namespace pingan::volunteer
