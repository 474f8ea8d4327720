#include "services/directory/account_rules.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "common/base/hash.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "services/directory/account_tables.h"

namespace pingan::directory {
namespace {

using rows::Session;

std::string AccountName(const db::UnitOfWork& work) {
  return absl::StrCat("accounts/", work.tenant());
}

std::vector<std::string> PeopleOf(db::UnitOfWork& work) {
  std::vector<std::string> people;
  for (const rows::Membership* membership : work.List(kMembershipsOf, work.tenant(), db::kAll)) {
    people.push_back(membership->person());
  }
  return people;
}

bool HasEnded(const Session& session, const db::UnitOfWork& work) {
  return work.now() >= base::FromTimestamp(session.expire_time());
}

// Clears away what has ended, and makes room for one more.
void TidySessions(db::UnitOfWork& work) {
  const std::vector<const Session*> sessions = work.List(kSessionsOf, work.tenant(), db::kAll);
  size_t left = sessions.size();
  for (const Session* session : sessions) {
    if (!HasEnded(*session, work) && left < kMostSessions) return;
    work.Delete(*session);
    --left;
  }
}

// The session of a token, or null; one whose time is over is removed.
const Session* FindSession(const PresentedToken& token, db::UnitOfWork& work) {
  const Session* session = work.FindOrNull(kSessions, token.session);
  if (session == nullptr || !base::ConstantTimeEquals(session->secret_hash(), token.secret_hash))
    return nullptr;
  if (!HasEnded(*session, work)) return session;
  work.Delete(*session);
  return nullptr;
}

}  // namespace

std::string PickPerson(const std::vector<std::string>& people, absl::string_view town,
                       absl::string_view before) {
  if (!town.empty()) {
    const auto here =
        absl::c_find_if(people, [&](auto& p) { return base::TownOf(p) == base::TownOf(town); });
    return here == people.end() ? std::string() : *here;
  }
  if (absl::c_linear_search(people, before)) return std::string(before);
  return people.size() == 1 ? people.front() : std::string();
}

absl::StatusOr<SessionFacts> DecideOpenSession(const rows::Account& account,
                                               const std::string& secret_hash,
                                               const std::string& town, db::UnitOfWork& work) {
  if (work.FindOrNull(kAccounts, account.name()) == nullptr)
    work.Insert(kAccounts, account, "created");
  TidySessions(work);
  SessionFacts facts;
  facts.people = PeopleOf(work);
  Session session;
  session.set_name(absl::StrCat(account.name(), "/sessions/", work.NewId()));
  session.set_secret_hash(secret_hash);
  session.set_generation(1);
  session.set_person(PickPerson(facts.people, town, ""));
  *session.mutable_refresh_time() = work.now_timestamp();
  *session.mutable_expire_time() = base::ToTimestamp(work.now() + kSessionIdle);
  facts.session = work.Insert(kSessions, std::move(session), "opened");
  return facts;
}

absl::StatusOr<SessionFacts> DecideRefresh(const PresentedToken& token,
                                           const std::string& request_id, const std::string& town,
                                           db::UnitOfWork& work) {
  const Session* found = FindSession(token, work);
  if (found == nullptr) return SessionFacts();
  SessionFacts facts;
  facts.people = PeopleOf(work);
  const bool is_lost_answer =
      token.generation == found->generation() - 1 && !request_id.empty() &&
      request_id == found->request_id() &&
      work.now() - base::FromTimestamp(found->refresh_time()) <= kRefreshGrace;
  if (is_lost_answer) {
    facts.session = *found;
    return facts;
  }
  if (token.generation != found->generation()) {
    work.Delete(*found);
    return SessionFacts();
  }
  Session& session = work.Change(*found, "refreshed");
  session.set_generation(found->generation() + 1);
  session.set_person(PickPerson(facts.people, town, found->person()));
  session.set_request_id(request_id);
  *session.mutable_refresh_time() = work.now_timestamp();
  *session.mutable_expire_time() = base::ToTimestamp(work.now() + kSessionIdle);
  facts.session = session;
  return facts;
}

absl::Status DecideEndSession(const PresentedToken& token, db::UnitOfWork& work) {
  if (const Session* session = FindSession(token, work); session != nullptr) work.Delete(*session);
  return absl::OkStatus();
}

absl::Status DecideSetPassword(const std::string& password_hash, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const rows::Account& account, work.Find(kAccounts, AccountName(work)));
  work.Change(account, "password_set").set_password_hash(password_hash);
  return absl::OkStatus();
}

absl::Status DecideAddMembership(const std::string& person, db::UnitOfWork& work) {
  const std::string name = absl::StrCat(AccountName(work), "/memberships/", base::TownOf(person));
  if (const rows::Membership* found = work.FindOrNull(kMemberships, name); found != nullptr) {
    if (found->person() != person) work.Change(*found, "changed").set_person(person);
    return absl::OkStatus();
  }
  rows::Membership membership;
  membership.set_name(name);
  membership.set_person(person);
  work.Insert(kMemberships, std::move(membership), "added");
  return absl::OkStatus();
}

absl::StatusOr<bool> DecideEndMembership(const std::string& person, db::UnitOfWork& work) {
  const std::string name = absl::StrCat(AccountName(work), "/memberships/", base::TownOf(person));
  const rows::Membership* membership = work.FindOrNull(kMemberships, name);
  const std::vector<std::string> people = PeopleOf(work);
  const bool is_last = absl::c_all_of(people, [&](auto& p) { return p == person; });
  if (membership != nullptr && membership->person() == person) work.Delete(*membership);
  for (const Session* session : work.List(kSessionsOf, work.tenant(), db::kAll)) {
    if (is_last || session->person() == person) work.Delete(*session);
  }
  if (!is_last) return false;
  if (const auto* account = work.FindOrNull(kAccounts, AccountName(work)); account != nullptr)
    work.Delete(*account);
  return true;
}

absl::Status DecideForgetLogin(const std::string& account, db::UnitOfWork& work) {
  const rows::Login* login = work.FindOrNull(kLogins, absl::StrCat("logins/", work.tenant()));
  if (login != nullptr && login->account() == account) work.Delete(*login);
  return absl::OkStatus();
}

}  // namespace pingan::directory
