// The rules of signing up and stepping back.
#ifndef PINGAN_SERVICES_VOLUNTEER_SIGN_UP_RULES_H_
#define PINGAN_SERVICES_VOLUNTEER_SIGN_UP_RULES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/command.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::volunteer {

// Seats a person on a roster, or lines them up. A person who has a place already is answered with
// it. Refuses with NOT_REGISTERED, NOT_FOUND (somebody else, and not their village's worker),
// EVENT_CANCELLED, ROSTER_FROZEN, NOT_OPEN_YET, CLOSED, NOT_ELIGIBLE, OVERLAPS (naming the other
// roster).
absl::StatusOr<v1::SignUp> DecideCreateSignUp(const v1::CreateSignUpRequest& request,
                                              const rpc::Caller& caller, db::UnitOfWork& work);

// What it asks for when somebody signs up for themselves; nothing is known beforehand of others.
std::vector<db::Want> WantsOf(const v1::CreateSignUpRequest& request, const rpc::Caller& caller);

// Until the event begins. FORBIDDEN for whoever may only see it.
absl::StatusOr<v1::SignUp> DecideCancelSignUp(const v1::CancelSignUpRequest& request,
                                              const rpc::Caller& caller, db::UnitOfWork& work);

// Whose sign-up it is, where it is not the caller's own; "" where it is.
std::string PrincipalOf(const v1::CreateSignUpRequest& request, const rpc::Caller& caller);
std::string PrincipalOf(const v1::CancelSignUpRequest& request, const rpc::Caller& caller);

// towns/{town}/rosters/{event} and towns/{town}/people/{person} of a sign-up's name.
std::string RosterOf(absl::string_view sign_up);
std::string PersonOf(absl::string_view sign_up);

}  // namespace pingan::volunteer

#endif  // PINGAN_SERVICES_VOLUNTEER_SIGN_UP_RULES_H_
