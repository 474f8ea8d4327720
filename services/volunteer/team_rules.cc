#include "services/volunteer/team_rules.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/service/grants.h"
#include "services/volunteer/volunteer_errors.h"
#include "services/volunteer/volunteer_tables.h"

namespace pingan::volunteer {
namespace {

using v1::Member;
using v1::Team;

absl::Status IsRegistered(const rpc::Caller& caller, db::UnitOfWork& work) {
  return base::TownOf(caller.person) == work.tenant() ? absl::OkStatus() : NotRegistered();
}

std::string MemberName(absl::string_view team, absl::string_view person) {
  return absl::StrCat(team, "/members/", base::LastSegment(person));
}

// Moves a member along `verb`; the team's size follows who is active.
absl::StatusOr<Member> Move(const Team& team, const Member& found, absl::string_view verb,
                            absl::string_view logged, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const v1::MemberState state, kMemberStates.Next(found.state(), verb));
  const int before = found.state() == v1::MEMBER_ACTIVE;
  const int after = state == v1::MEMBER_ACTIVE;
  if (before != after) {
    Team& resized = work.Change(team, "resized");
    resized.set_size(resized.size() + after - before);
  }
  Member& member = work.Change(found, logged);
  member.set_state(state);
  return member;
}

absl::StatusOr<Member> DecideAsLeader(const std::string& name, const rpc::Caller& caller,
                                      absl::string_view verb, absl::string_view logged,
                                      db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Team& team, work.Find(kTeams, name.substr(0, name.find("/members/"))));
  if (team.leader() != caller.person) return Forbidden();
  ASSIGN_OR_RETURN(const Member& member, work.Find(kMembers, name));
  return Move(team, member, verb, logged, work);
}

}  // namespace

absl::StatusOr<Team> DecideCreateTeam(const v1::CreateTeamRequest& request,
                                      const rpc::Caller& caller, db::UnitOfWork& work) {
  RETURN_IF_ERROR(IsRegistered(caller, work));
  if (base::TownOf(request.team().party()) != work.tenant()) {
    return base::RefuseField("team.party", "队伍须属于本镇街的村社或企业");
  }
  Team team = request.team();
  team.set_name(absl::StrCat(request.parent(), "/teams/", work.NewId()));
  team.set_leader(caller.person);
  team.set_state(v1::PENDING);
  team.set_size(1);
  Member leader;
  leader.set_name(MemberName(team.name(), caller.person));
  leader.set_state(v1::MEMBER_ACTIVE);
  work.Insert(kMembers, std::move(leader), "founded");
  return work.Insert(kTeams, std::move(team), "created");
}

absl::StatusOr<Team> DecideApproveTeam(const v1::ApproveTeamRequest& request,
                                       const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Team& found, work.Find(kTeams, request.name()));
  if (!service::RolesOf(caller, work).IsOfficialOf(found.name())) return Forbidden();
  ASSIGN_OR_RETURN(const v1::TeamState state, kTeamStates.Next(found.state(), "approve"));
  Team& team = work.Change(found, "approved");
  team.set_state(state);
  return team;
}

absl::StatusOr<Member> DecideJoinTeam(const v1::JoinTeamRequest& request, const rpc::Caller& caller,
                                      db::UnitOfWork& work) {
  RETURN_IF_ERROR(IsRegistered(caller, work));
  ASSIGN_OR_RETURN(const Team& team, work.Find(kTeams, request.name()));
  RETURN_IF_ERROR(kTeamStates.Next(team.state(), "join").status());
  Member fresh;
  fresh.set_name(MemberName(team.name(), caller.person));
  const Member* before = work.FindOrNull(kMembers, fresh.name());
  if (before == nullptr) {
    fresh.set_state(v1::APPLIED);
    return work.Insert(kMembers, std::move(fresh), "applied");
  }
  if (before->state() == v1::APPLIED || before->state() == v1::MEMBER_ACTIVE)
    return AlreadyMember();
  return Move(team, *before, "join", "applied", work);
}

absl::StatusOr<Member> DecideAcceptMember(const v1::AcceptMemberRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work) {
  return DecideAsLeader(request.name(), caller, "accept", "accepted", work);
}

absl::StatusOr<Member> DecideRejectMember(const v1::RejectMemberRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work) {
  return DecideAsLeader(request.name(), caller, "reject", "rejected", work);
}

absl::StatusOr<Member> DecideLeaveTeam(const v1::LeaveTeamRequest& request,
                                       const rpc::Caller& caller, db::UnitOfWork& work) {
  RETURN_IF_ERROR(IsRegistered(caller, work));
  ASSIGN_OR_RETURN(const Team& team, work.Find(kTeams, request.name()));
  if (team.leader() == caller.person) return Forbidden();
  ASSIGN_OR_RETURN(const Member& member,
                   work.Find(kMembers, MemberName(team.name(), caller.person)));
  return Move(team, member, "leave", "left", work);
}

}  // namespace pingan::volunteer
