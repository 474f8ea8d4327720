// The rules of planning: from draft to published, changed or cancelled.
//
// Each Decide function is one method: rows, request, caller and time in; changed rows or a named
// refusal out. Who may do what follows "who sees and changes what": organising parties plan and
// change, town officials may also cancel.
#ifndef PINGAN_SERVICES_EVENT_EVENT_RULES_H_
#define PINGAN_SERVICES_EVENT_EVENT_RULES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/state_table.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/service/grants.h"
#include "pingan/event/v1/event.pb.h"

namespace pingan::event {

inline constexpr base::StateTable kEventStates({
    base::Transition<v1::EventState>{v1::DRAFT, "update", v1::DRAFT, "修改"},
    {v1::DRAFT, "publish", v1::PUBLISHED, "发布"},
    {v1::DRAFT, "cancel", v1::CANCELLED, "取消"},
    {v1::PUBLISHED, "update", v1::PUBLISHED, "修改"},
    {v1::PUBLISHED, "hold", v1::HELD, "登记开展"},
    {v1::PUBLISHED, "cancel", v1::CANCELLED, "取消"},
    {v1::HELD, "correct", v1::HELD, "更正"},
});

// What of an event anyone may read; a draft is for its organisers and the town's officials.
bool MayRead(const service::Roles& roles, const v1::Event& event);

// Times in order, a sign-up window that ends before the event does, at most 31 days long. Names all
// bad fields.
absl::Status CheckTimes(const v1::Event& event);

// Every organiser is a unit or enterprise of this town that is still there, or the town itself.
absl::Status CheckOrganisers(const v1::Event& event, db::UnitOfWork& work);

// NOT_FOUND for what the caller may not read, NOT_ORGANISER for what they may read but not change.
absl::Status MayOrganise(const service::Roles& roles, const v1::Event& event);

absl::StatusOr<v1::Event> DecideCreateEvent(const v1::CreateEventRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work);
// A draft changes in everything; of a published event the kind, mechanism and organisers stay as
// they were announced.
absl::StatusOr<v1::Event> DecideUpdateEvent(const v1::UpdateEventRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Event> DecidePublishEvent(const v1::PublishEventRequest& request,
                                             const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Event> DecideCancelEvent(const v1::CancelEventRequest& request,
                                            const rpc::Caller& caller, db::UnitOfWork& work);

// Publishes one event that the caller was found to organise: for an event alone and for those of a
// co-building day.
absl::Status Publish(const v1::Event& event, db::UnitOfWork& work);

}  // namespace pingan::event

#endif  // PINGAN_SERVICES_EVENT_EVENT_RULES_H_
