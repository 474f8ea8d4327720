// How directory says no about towns, units, enterprises and duties, beyond what every service says
// (common/base/errors.h).
#ifndef PINGAN_SERVICES_DIRECTORY_DIRECTORY_ERRORS_H_
#define PINGAN_SERVICES_DIRECTORY_DIRECTORY_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "common/base/errors.h"
#include "pingan/directory/v1/directory.pb.h"

namespace pingan::directory {

// PERMISSION_DENIED: may read it, may not change it.
inline absl::Status Forbidden() { return base::Refuse(errors::v1::FORBIDDEN); }

// ABORTED: the caller changes what they saw before somebody else changed it.
inline absl::Status StaleEtag() { return base::Refuse(errors::v1::STALE_ETAG); }

// ALREADY_EXISTS: another enterprise of the town has this code. Only for those who may know which.
inline absl::Status UsccTaken(const v1::Enterprise& holder) {
  return base::Refuse(errors::v1::USCC_TAKEN,
                      {{"enterprise", holder.name()}, {"enterprise_zh", holder.display_name()}});
}

// FAILED_PRECONDITION: a merged unit takes nothing new; `successor` is the unit it was merged into.
inline absl::Status UnitRetired(const v1::Unit& successor) {
  return base::Refuse(errors::v1::UNIT_RETIRED, {{"successor", successor.name()},
                                                 {"successor_zh", successor.display_name()}});
}

// FAILED_PRECONDITION: the enterprise has a placement that begins later.
inline absl::Status PlacementNotLater() { return base::Refuse(errors::v1::PLACEMENT_NOT_LATER); }

// FAILED_PRECONDITION: `other` leads the unit on a day of the new duty.
inline absl::Status DutyOverlaps(const v1::Duty& other) {
  return base::Refuse(errors::v1::DUTY_OVERLAPS, {{"duty", other.name()}});
}

// NOT_FOUND: every post is vacant, from the place asked for up to the town.
inline absl::Status NoDuty() { return base::Refuse(errors::v1::NO_DUTY); }

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_DIRECTORY_ERRORS_H_
