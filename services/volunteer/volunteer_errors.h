// How volunteer says no, beyond what every service says (common/base/errors.h).
#ifndef PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_ERRORS_H_
#define PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"

namespace pingan::volunteer {

// The person has a place on the roster of another event at the same time.
inline absl::Status Overlaps(absl::string_view roster) {
  return base::Refuse(errors::v1::OVERLAPS, {{"roster", std::string(roster)}});
}
inline absl::Status NotOpenYet() { return base::Refuse(errors::v1::NOT_OPEN_YET); }
inline absl::Status Closed() { return base::Refuse(errors::v1::CLOSED); }
inline absl::Status EventCancelled() { return base::Refuse(errors::v1::EVENT_CANCELLED); }
inline absl::Status RosterFrozen() { return base::Refuse(errors::v1::ROSTER_FROZEN); }
// The event is for the people of its organisers, and this person is none of them.
inline absl::Status NotEligible() { return base::Refuse(errors::v1::NOT_ELIGIBLE); }
// The caller is nobody in this town yet.
inline absl::Status NotRegistered() { return base::Refuse(errors::v1::NOT_REGISTERED); }
inline absl::Status CheckInClosed() { return base::Refuse(errors::v1::CHECK_IN_CLOSED); }
inline absl::Status AlreadyMember() { return base::Refuse(errors::v1::ALREADY_MEMBER); }
inline absl::Status Forbidden() { return base::Refuse(errors::v1::FORBIDDEN); }

}  // namespace pingan::volunteer

#endif  // PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_ERRORS_H_
