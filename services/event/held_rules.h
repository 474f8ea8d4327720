// The rules of what was held: recording it, on time or late, and setting it right afterwards.
//
// A held event is never rewritten. What numbers are counted from is its row in `held_events`, which
// starts as the event's own facts and changes only by corrections.
#ifndef PINGAN_SERVICES_EVENT_HELD_RULES_H_
#define PINGAN_SERVICES_EVENT_HELD_RULES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/service/grants.h"
#include "pingan/event/v1/event.pb.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::event {

// Whether this caller may say now that the event was held: asked before its roster is frozen, and
// again by the rule.
absl::Status MayHold(const service::Roles& roles, const v1::Event& event, absl::Time now);

// `roster` is the attendance that volunteer gave when it froze the roster.
absl::StatusOr<v1::Event> DecideHoldEvent(const v1::HoldEventRequest& request,
                                          const volunteer::v1::FreezeRosterResponse& roster,
                                          const rpc::Caller& caller, db::UnitOfWork& work);
// 补录. Organising parties and town officials; only what is over.
absl::StatusOr<v1::Event> DecideRecordHeldEvent(const v1::RecordHeldEventRequest& request,
                                                const rpc::Caller& caller, db::UnitOfWork& work);
// 更正. Organising parties and town officials; at least one fact.
absl::StatusOr<v1::Correction> DecideCorrectEvent(const v1::CorrectEventRequest& request,
                                                  const rpc::Caller& caller, db::UnitOfWork& work);

}  // namespace pingan::event

#endif  // PINGAN_SERVICES_EVENT_HELD_RULES_H_
