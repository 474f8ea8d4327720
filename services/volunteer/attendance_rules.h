// The rules of who came.
#ifndef PINGAN_SERVICES_VOLUNTEER_ATTENDANCE_RULES_H_
#define PINGAN_SERVICES_VOLUNTEER_ATTENDANCE_RULES_H_

#include "absl/status/statusor.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::volunteer {

// Whoever organises the event, or leads a team of one of its organisers. From two hours before the
// start to the end of the day on which the event ends. Checking in twice answers alike.
absl::StatusOr<v1::SignUp> DecideCheckIn(const v1::CheckInRequest& request,
                                         const rpc::Caller& caller, db::UnitOfWork& work);

// The same people, after the start; all or nothing. What was said before may be said otherwise,
// until the roster is frozen.
absl::StatusOr<v1::RecordAttendanceResponse> DecideRecordAttendance(
    const v1::RecordAttendanceRequest& request, const rpc::Caller& caller, db::UnitOfWork& work);

}  // namespace pingan::volunteer

#endif  // PINGAN_SERVICES_VOLUNTEER_ATTENDANCE_RULES_H_
