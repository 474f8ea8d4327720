// How a roster follows its event, and how it ends.
#ifndef PINGAN_SERVICES_VOLUNTEER_ROSTER_RULES_H_
#define PINGAN_SERVICES_VOLUNTEER_ROSTER_RULES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/state_table.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/service/grants.h"
#include "pingan/event/v1/event.pb.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::volunteer {

inline constexpr base::StateTable kRosterStates({
    base::Transition<v1::RosterState>{v1::OPEN, "follow", v1::OPEN, "随活动更新"},
    {v1::OPEN, "freeze", v1::FROZEN, "登记结果"},
    {v1::OPEN, "cancel", v1::EVENT_OFF, "取消活动"},
    {v1::FROZEN, "freeze", v1::FROZEN, "登记结果"},
    {v1::FROZEN, "cancel", v1::EVENT_OFF, "取消活动"},  // where holding it came to nothing
});

// towns/{town}/rosters/{event}.
std::string RosterNameOf(absl::string_view event);
std::string EventNameOf(absl::string_view roster);

// Brings the roster up to this version of its event; an older version than it knows does nothing,
// nor does a draft or an event recorded late. Published: seats and times follow, more seats are
// filled in order, fewer take nobody's away, a moved event takes its sign-ups along; a frozen
// roster stays as it is. Cancelled: so are its sign-ups. Held: frozen.
absl::Status FollowEvent(const event::v1::Event& event, db::UnitOfWork& work);

// The same as a command, for an event that was asked for. NOT_FOUND when it makes no roster.
absl::StatusOr<v1::Roster> DecideLearnRoster(const event::v1::Event& event,
                                             const rpc::Caller& caller, db::UnitOfWork& work);

absl::StatusOr<v1::FreezeRosterResponse> DecideFreezeRoster(const v1::FreezeRosterRequest& request,
                                                            const rpc::Caller& caller,
                                                            db::UnitOfWork& work);

// Whose counts anyone may read: whether the caller may also see who is on it.
bool MaySeeSignUps(const service::Roles& roles, const v1::Roster& roster);
// The same, and their village's worker, for the sign-up of one who lives in `unit` ("": not known).
bool MaySeeSignUp(const service::Roles& roles, const v1::Roster& roster, absl::string_view unit);

// OK while the roster may change; else why it may not.
absl::Status CheckOpen(const v1::Roster& roster);

}  // namespace pingan::volunteer

#endif  // PINGAN_SERVICES_VOLUNTEER_ROSTER_RULES_H_
