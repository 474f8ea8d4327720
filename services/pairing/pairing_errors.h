// How pairing says no, beyond what every service says (common/base/errors.h).
#ifndef PINGAN_SERVICES_PAIRING_PAIRING_ERRORS_H_
#define PINGAN_SERVICES_PAIRING_PAIRING_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"

namespace pingan::pairing {

// PERMISSION_DENIED: the caller may read this, and it is for others to change.
inline absl::Status Forbidden() { return base::Refuse(errors::v1::FORBIDDEN); }

// PERMISSION_DENIED: the caller acts for neither side.
inline absl::Status NotParty() { return base::Refuse(errors::v1::NOT_PARTY); }

// FAILED_PRECONDITION: one's own proposal is for the other side to accept.
inline absl::Status ForTheOtherSide() { return base::Refuse(errors::v1::FOR_THE_OTHER_SIDE); }

// ALREADY_EXISTS: the two have a pairing that has not ended.
inline absl::Status PairingOpen(absl::string_view pairing) {
  return base::Refuse(errors::v1::PAIRING_OPEN, {{"pairing", std::string(pairing)}});
}

// FAILED_PRECONDITION: no such unit or enterprise in this town, or it was merged away.
inline absl::Status UnknownParty(absl::string_view party) {
  return base::Refuse(errors::v1::UNKNOWN_PARTY, {{"party", std::string(party)}});
}

// FAILED_PRECONDITION: nobody of this name, or nobody of that party.
inline absl::Status UnknownResponsible(absl::string_view field) {
  return base::Refuse(errors::v1::UNKNOWN_RESPONSIBLE, {{"field", std::string(field)}});
}

// FAILED_PRECONDITION: what has ended is not changed.
inline absl::Status CommitmentOver() { return base::Refuse(errors::v1::COMMITMENT_OVER); }

}  // namespace pingan::pairing

#endif  // PINGAN_SERVICES_PAIRING_PAIRING_ERRORS_H_
