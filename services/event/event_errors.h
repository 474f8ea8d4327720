// How event says no, beyond what every service says (common/base/errors.h).
#ifndef PINGAN_SERVICES_EVENT_EVENT_ERRORS_H_
#define PINGAN_SERVICES_EVENT_EVENT_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"

namespace pingan::event {

// PERMISSION_DENIED: the caller acts for none of the event's organisers.
inline absl::Status NotOrganiser() { return base::Refuse(errors::v1::NOT_ORGANISER); }

// FAILED_PRECONDITION: no such unit or enterprise in this town, or it was merged away.
inline absl::Status UnknownOrganiser(absl::string_view organiser) {
  return base::Refuse(errors::v1::UNKNOWN_ORGANISER, {{"organiser", std::string(organiser)}});
}

// FAILED_PRECONDITION: `missing` names in Chinese what the event lacks to be published.
inline absl::Status EventIncomplete(absl::string_view missing) {
  return base::Refuse(errors::v1::EVENT_INCOMPLETE, {{"missing", std::string(missing)}});
}

// FAILED_PRECONDITION: what is published must still be to come.
inline absl::Status EventOver() { return base::Refuse(errors::v1::EVENT_OVER); }

// FAILED_PRECONDITION: an event that has not begun was not held.
inline absl::Status NotYetHeld() { return base::Refuse(errors::v1::NOT_YET_HELD); }

// FAILED_PRECONDITION: only what is over is recorded late.
inline absl::Status NotInPast() { return base::Refuse(errors::v1::NOT_IN_PAST); }

// ALREADY_EXISTS: these organisers have a co-building day on that day.
inline absl::Status DayAlreadyPlanned(absl::string_view name) {
  return base::Refuse(errors::v1::DAY_ALREADY_PLANNED, {{"co_building_day", std::string(name)}});
}

}  // namespace pingan::event

#endif  // PINGAN_SERVICES_EVENT_EVENT_ERRORS_H_
