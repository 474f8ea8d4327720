// Logins, which belong to no town. The tenant of a table is the first variable of its names: an
// account, the blind index of a phone, or whatever is limited.
//
// None of it is logged: it is secrets, and ties to human beings that must be forgotten when they
// ask for it.
#ifndef PINGAN_SERVICES_DIRECTORY_ACCOUNT_TABLES_H_
#define PINGAN_SERVICES_DIRECTORY_ACCOUNT_TABLES_H_

#include "common/db/table.h"
#include "services/directory/rows.pb.h"

namespace pingan::directory {

inline const db::TableOf<rows::Account> kAccounts({.name = "accounts",
                                                   .resource = "accounts/{account}",
                                                   .logged = db::Logged::kEphemeral});

inline const db::TableOf<rows::Membership> kMemberships(
    {.name = "memberships",
     .resource = "accounts/{account}/memberships/{town}",
     .logged = db::Logged::kEphemeral});
inline const db::QueryOf<rows::Membership> kMembershipsOf(kMemberships, {});

inline const db::TableOf<rows::Session> kSessions(
    {.name = "sessions",
     .resource = "accounts/{account}/sessions/{session}",
     .logged = db::Logged::kEphemeral,
     .kept = db::Kept{"expire_time", absl::ZeroDuration()}});
// The one that ends first comes first.
inline const db::QueryOf<rows::Session> kSessionsOf(kSessions, {.order = {"expire_time"}});

inline const db::TableOf<rows::Login> kLogins({.name = "logins",
                                               .resource = "logins/{login}",
                                               .logged = db::Logged::kEphemeral});

inline const db::TableOf<rows::SignInCode> kSignInCodes({.name = "sign_in_codes",
                                                         .resource = "signInCodes/{login}",
                                                         .logged = db::Logged::kEphemeral,
                                                         .kept = db::Kept{"expire_time",
                                                                          absl::ZeroDuration()}});

// No limit looks back further than a day.
inline const db::TableOf<rows::Attempts> kAttempts(
    {.name = "attempts",
     .resource = "subjects/{subject}/attempts/{kind}",
     .logged = db::Logged::kEphemeral,
     .kept = db::Kept{"start_time", absl::Hours(24)}});

inline db::Tables AccountTables() {
  return {&kAccounts, &kMemberships, &kSessions, &kLogins, &kSignInCodes, &kAttempts};
}

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_ACCOUNT_TABLES_H_
