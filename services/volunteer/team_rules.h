// The rules of teams and their members.
#ifndef PINGAN_SERVICES_VOLUNTEER_TEAM_RULES_H_
#define PINGAN_SERVICES_VOLUNTEER_TEAM_RULES_H_

#include "absl/status/statusor.h"
#include "common/base/state_table.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::volunteer {

inline constexpr base::StateTable kTeamStates({
    base::Transition<v1::TeamState>{v1::PENDING, "approve", v1::ACTIVE, "批准"},
    {v1::ACTIVE, "join", v1::ACTIVE, "申请加入"},
});

inline constexpr base::StateTable kMemberStates({
    base::Transition<v1::MemberState>{v1::APPLIED, "accept", v1::MEMBER_ACTIVE, "同意加入"},
    {v1::APPLIED, "reject", v1::MEMBER_REJECTED, "不同意加入"},
    {v1::APPLIED, "leave", v1::LEFT, "退出"},
    {v1::MEMBER_ACTIVE, "leave", v1::LEFT, "退出"},
    {v1::LEFT, "join", v1::APPLIED, "申请加入"},
    {v1::MEMBER_REJECTED, "join", v1::APPLIED, "申请加入"},
});

// Anyone registered in the town founds a team and leads it; it works once a town official has
// approved it.
absl::StatusOr<v1::Team> DecideCreateTeam(const v1::CreateTeamRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Team> DecideApproveTeam(const v1::ApproveTeamRequest& request,
                                           const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Member> DecideJoinTeam(const v1::JoinTeamRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work);
// The leader's decision.
absl::StatusOr<v1::Member> DecideAcceptMember(const v1::AcceptMemberRequest& request,
                                              const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Member> DecideRejectMember(const v1::RejectMemberRequest& request,
                                              const rpc::Caller& caller, db::UnitOfWork& work);
// Everyone but the leader, without whom there is no team.
absl::StatusOr<v1::Member> DecideLeaveTeam(const v1::LeaveTeamRequest& request,
                                           const rpc::Caller& caller, db::UnitOfWork& work);

}  // namespace pingan::volunteer

#endif  // PINGAN_SERVICES_VOLUNTEER_TEAM_RULES_H_
