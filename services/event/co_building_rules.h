// The rules of the monthly 平安共建日: an inspection, a patrol and a publicity event on one day,
// planned and published together.
#ifndef PINGAN_SERVICES_EVENT_CO_BUILDING_RULES_H_
#define PINGAN_SERVICES_EVENT_CO_BUILDING_RULES_H_

#include "absl/status/statusor.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "pingan/event/v1/event.pb.h"

namespace pingan::event {

// At most one event of each kind, all of them on the day; one such day per set of organisers.
absl::StatusOr<v1::CoBuildingDay> DecideCreateCoBuildingDay(
    const v1::CreateCoBuildingDayRequest& request, const rpc::Caller& caller, db::UnitOfWork& work);
// All or none of its drafts; what was published or cancelled alone before is left as it is.
absl::StatusOr<v1::CoBuildingDay> DecidePublishCoBuildingDay(
    const v1::PublishCoBuildingDayRequest& request, const rpc::Caller& caller,
    db::UnitOfWork& work);

}  // namespace pingan::event

#endif  // PINGAN_SERVICES_EVENT_CO_BUILDING_RULES_H_
