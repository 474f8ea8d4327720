// The rules of proving who one is: how often one may try, what a code is worth, whose login it is.
//
// They run in tenants of their own (account_tables.h): the blind index of a phone, or of an
// address. A wrong code must be counted, and a refused command changes nothing, so what is wrong is
// an answer here and a refusal only in the handler.
#ifndef PINGAN_SERVICES_DIRECTORY_SIGN_IN_RULES_H_
#define PINGAN_SERVICES_DIRECTORY_SIGN_IN_RULES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/unit_of_work.h"

namespace pingan::directory {

inline constexpr absl::Duration kCodeLifetime = absl::Minutes(5);
inline constexpr int kCodeTries = 5;

// So many in a window that begins with the first. 0: any number.
struct AttemptLimit {
  absl::string_view kind;  // tells the counters of one subject apart
  absl::Duration window;
  int most;
};

struct SignInLimits {
  AttemptLimit codes_of_phone_per_minute{"codes_per_minute", absl::Minutes(1), 1};
  AttemptLimit codes_of_phone_per_day{"codes_per_day", absl::Hours(24), 10};
  AttemptLimit codes_of_address{"codes", absl::Hours(1), 60};
  AttemptLimit sign_ins_of_address{"sign_ins", absl::Hours(1), 600};
  AttemptLimit passwords_of_phone{"passwords", absl::Hours(1), 10};
};

// Counts one attempt of the tenant, or refuses it with RATE_LIMITED, uncounted.
absl::Status CountAttempt(const AttemptLimit& limit, db::UnitOfWork& work);

// A new code for the tenant's phone, in place of the one before.
absl::Status DecideSendCode(const std::string& code_hash, const SignInLimits& limits,
                            db::UnitOfWork& work);

// Whether the code is the tenant's, in time and not tried too often; then it is used up. `account`:
// it must be that account's phone; "" takes any, and makes a login for a phone that has none. The
// answer is the account; "" is wrong.
absl::StatusOr<std::string> DecideUseCode(const std::string& code_hash, const std::string& account,
                                          db::UnitOfWork& work);

// Counts one try of a password; the account of the tenant's phone, "" without one.
absl::StatusOr<std::string> DecideTryPassword(const SignInLimits& limits, db::UnitOfWork& work);
// A right password makes the tries before it forgotten.
absl::Status DecideForgetTries(const SignInLimits& limits, db::UnitOfWork& work);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_SIGN_IN_RULES_H_
