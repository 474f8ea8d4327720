// How directory says no about people, roles and signing in, beyond what every service says
// (common/base/errors.h).
#ifndef PINGAN_SERVICES_DIRECTORY_PEOPLE_ERRORS_H_
#define PINGAN_SERVICES_DIRECTORY_PEOPLE_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/errors.h"

namespace pingan::directory {

// ALREADY_EXISTS: the account is this person of the town already.
inline absl::Status AlreadyRegistered(absl::string_view person) {
  return base::Refuse(errors::v1::ALREADY_REGISTERED, {{"person", std::string(person)}});
}

// ALREADY_EXISTS: the phone belongs to somebody of the town. Who, is said only to those who may
// read them.
inline absl::Status PhoneTaken(absl::string_view person = {}) {
  if (person.empty()) return base::Refuse(errors::v1::ALREADY_EXISTS);
  return base::Refuse(errors::v1::ALREADY_EXISTS, {{"person", std::string(person)}});
}

// FAILED_PRECONDITION: nothing is done to a person whose data was erased.
inline absl::Status PersonErased() { return base::Refuse(errors::v1::PERSON_ERASED); }

// FAILED_PRECONDITION: nobody ever gave a phone for this person.
inline absl::Status NoPhone() { return base::Refuse(errors::v1::NO_PHONE); }

// ALREADY_EXISTS: the person has this role over this scope.
inline absl::Status AlreadyGranted(absl::string_view grant) {
  return base::Refuse(errors::v1::ALREADY_EXISTS, {{"grant", std::string(grant)}});
}

// FAILED_PRECONDITION: a role is taken back once.
inline absl::Status AlreadyRevoked() {
  return base::Refuse(
      errors::v1::WRONG_STATE,
      {{"state", "REVOKED"}, {"state_zh", "已收回"}, {"allowed", ""}, {"allowed_zh", "无"}});
}

// UNAUTHENTICATED: phone, code or password; which one is not said.
inline absl::Status WrongCode() { return base::Refuse(errors::v1::CODE_WRONG); }

// UNAUTHENTICATED: the refresh token belongs to no session, or to one that has ended.
inline absl::Status SessionEnded() { return base::Refuse(errors::v1::SESSION_ENDED); }

// RESOURCE_EXHAUSTED, saying after how many seconds the next try counts again.
inline absl::Status RateLimited(absl::Duration retry_after) {
  const absl::Duration whole = absl::Ceil(retry_after, absl::Seconds(1));
  return base::RefuseFor(whole, errors::v1::RATE_LIMITED,
                         {{"retry_after_seconds", absl::StrCat(absl::ToInt64Seconds(whole))}});
}

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_PEOPLE_ERRORS_H_
