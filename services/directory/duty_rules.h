// The rules of duties: who leads a unit from when to when, and who answers for a place.
#ifndef PINGAN_SERVICES_DIRECTORY_DUTY_RULES_H_
#define PINGAN_SERVICES_DIRECTORY_DUTY_RULES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "google/type/date.pb.h"
#include "pingan/directory/v1/directory.pb.h"

namespace pingan::directory {

// The duty in force on a day; null when the post is vacant then. Both ends of a duty are days of
// it.
const v1::Duty* DutyOn(const google::type::Date& day, const std::vector<v1::Duty>& duties);

// Who is asked in turn for a place: the unit, those above it, at last the town itself. `place` is a
// unit or a town.
std::vector<std::string> PostsAbove(absl::string_view place);

// One leader at a time per post. The leader's account, where one is named, is a person of the town.
absl::StatusOr<v1::Duty> DecideCreateDuty(const v1::CreateDutyRequest& request,
                                          const rpc::Caller& caller, db::UnitOfWork& work);
// The end may lie in the past (it is told late) or move, as long as nobody else leads on those
// days.
absl::StatusOr<v1::Duty> DecideEndDuty(const v1::EndDutyRequest& request, const rpc::Caller& caller,
                                       db::UnitOfWork& work);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_DUTY_RULES_H_
