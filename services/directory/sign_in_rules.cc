#include "services/directory/sign_in_rules.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/hash.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "services/directory/account_tables.h"
#include "services/directory/people_errors.h"

namespace pingan::directory {
namespace {

std::string AttemptsName(const AttemptLimit& limit, const db::UnitOfWork& work) {
  return absl::StrCat("subjects/", work.tenant(), "/attempts/", limit.kind);
}

}  // namespace

absl::Status CountAttempt(const AttemptLimit& limit, db::UnitOfWork& work) {
  if (limit.most == 0) return absl::OkStatus();
  const rows::Attempts* found = work.FindOrNull(kAttempts, AttemptsName(limit, work));
  if (found == nullptr) {
    rows::Attempts first;
    first.set_name(AttemptsName(limit, work));
    *first.mutable_start_time() = work.now_timestamp();
    first.set_attempts(1);
    work.Insert(kAttempts, std::move(first), "counted");
    return absl::OkStatus();
  }
  const absl::Time ends = base::FromTimestamp(found->start_time()) + limit.window;
  const bool is_over = work.now() >= ends;
  if (!is_over && found->attempts() >= limit.most) return RateLimited(ends - work.now());
  rows::Attempts& attempts = work.Change(*found, "counted");
  if (is_over) *attempts.mutable_start_time() = work.now_timestamp();
  attempts.set_attempts(is_over ? 1 : attempts.attempts() + 1);
  return absl::OkStatus();
}

absl::Status DecideSendCode(const std::string& code_hash, const SignInLimits& limits,
                            db::UnitOfWork& work) {
  RETURN_IF_ERROR(CountAttempt(limits.codes_of_phone_per_minute, work));
  RETURN_IF_ERROR(CountAttempt(limits.codes_of_phone_per_day, work));
  const std::string name = absl::StrCat("signInCodes/", work.tenant());
  const rows::SignInCode* before = work.FindOrNull(kSignInCodes, name);
  rows::SignInCode fresh;
  fresh.set_name(name);
  rows::SignInCode& code = before != nullptr ? work.Change(*before, "sent")
                                             : work.Insert(kSignInCodes, std::move(fresh), "sent");
  code.set_code_hash(code_hash);
  code.set_tries(0);
  *code.mutable_expire_time() = base::ToTimestamp(work.now() + kCodeLifetime);
  return absl::OkStatus();
}

absl::StatusOr<std::string> DecideUseCode(const std::string& code_hash, const std::string& account,
                                          db::UnitOfWork& work) {
  const rows::SignInCode* code =
      work.FindOrNull(kSignInCodes, absl::StrCat("signInCodes/", work.tenant()));
  const std::string login_name = absl::StrCat("logins/", work.tenant());
  const rows::Login* login = work.FindOrNull(kLogins, login_name);
  if (code == nullptr) return "";
  if (work.now() >= base::FromTimestamp(code->expire_time())) {
    work.Delete(*code);
    return "";
  }
  const bool is_own = account.empty() || (login != nullptr && login->account() == account);
  if (!base::ConstantTimeEquals(code->code_hash(), code_hash) || !is_own) {
    if (code->tries() + 1 >= kCodeTries) {
      work.Delete(*code);
    } else {
      rows::SignInCode& tried = work.Change(*code, "tried");
      tried.set_tries(tried.tries() + 1);
    }
    return "";
  }
  work.Delete(*code);
  if (login != nullptr) return login->account();
  rows::Login first;
  first.set_name(login_name);
  first.set_account(work.NewId());
  return work.Insert(kLogins, std::move(first), "created").account();
}

absl::StatusOr<std::string> DecideTryPassword(const SignInLimits& limits, db::UnitOfWork& work) {
  RETURN_IF_ERROR(CountAttempt(limits.passwords_of_phone, work));
  const rows::Login* login = work.FindOrNull(kLogins, absl::StrCat("logins/", work.tenant()));
  return login == nullptr ? "" : login->account();
}

absl::Status DecideForgetTries(const SignInLimits& limits, db::UnitOfWork& work) {
  const rows::Attempts* tries =
      work.FindOrNull(kAttempts, AttemptsName(limits.passwords_of_phone, work));
  if (tries != nullptr) work.Delete(*tries);
  return absl::OkStatus();
}

}  // namespace pingan::directory
