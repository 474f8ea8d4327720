// The rules of accounts: sessions that open, go on and end, the password, and in which towns the
// account is a person.
//
// The tenant is the account. What sealing, hashing and chance give is made before and handed in.
#ifndef PINGAN_SERVICES_DIRECTORY_ACCOUNT_RULES_H_
#define PINGAN_SERVICES_DIRECTORY_ACCOUNT_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/unit_of_work.h"
#include "services/directory/rows.pb.h"

namespace pingan::directory {

// A session ends when nobody refreshed it for so long.
inline constexpr absl::Duration kSessionIdle = absl::Hours(24 * 30);
// How long a lost answer to Refresh may be asked for again.
inline constexpr absl::Duration kRefreshGrace = absl::Seconds(60);
// One more ends the session that would end first.
inline constexpr int kMostSessions = 20;

// What a session's tokens say.
struct SessionFacts {
  rows::Session session;
  std::vector<std::string> people;  // all memberships, in order of their town
};

// As whom to act: of the town asked for (nobody if the account is no person of it), else as before,
// else as the only one.
std::string PickPerson(const std::vector<std::string>& people, absl::string_view town,
                       absl::string_view before);

// Makes the account unless it is there. `account` is its row; `secret_hash` that of a new family of
// refresh tokens.
absl::StatusOr<SessionFacts> DecideOpenSession(const rows::Account& account,
                                               const std::string& secret_hash,
                                               const std::string& town, db::UnitOfWork& work);

// A refresh token that was presented; directory made it.
struct PresentedToken {
  std::string session;  // resource name
  int generation;
  std::string secret_hash;
};

// The next generation; the same one again for the same request soon after. Any other use of a token
// that was used ends the session: one of its two users is a thief. Facts without a session's name:
// ended.
absl::StatusOr<SessionFacts> DecideRefresh(const PresentedToken& token,
                                           const std::string& request_id, const std::string& town,
                                           db::UnitOfWork& work);

// Ended or unknown ones are let be.
absl::Status DecideEndSession(const PresentedToken& token, db::UnitOfWork& work);

// NOT_FOUND without the account.
absl::Status DecideSetPassword(const std::string& password_hash, db::UnitOfWork& work);

// Once more changes nothing.
absl::Status DecideAddMembership(const std::string& person, db::UnitOfWork& work);

// Ends the membership with the sessions in which it is used; with the last one all sessions and the
// account itself. Whether it was the last.
absl::StatusOr<bool> DecideEndMembership(const std::string& person, db::UnitOfWork& work);

// The tenant is a login: it is nobody's any more, unless it has become another account's.
absl::Status DecideForgetLogin(const std::string& account, db::UnitOfWork& work);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_ACCOUNT_RULES_H_
