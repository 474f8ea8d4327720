#include "services/directory/sign_in_rules.h"

#include <set>

#include "services/directory/account_rules.h"
#include "tests/services/directory/people_fixture.h"

namespace pingan::directory {
namespace {

using test::IsOk;
using test::Refused;

constexpr char kRight[] = "right";
constexpr char kWrong[] = "wrong";

class SignInRulesTest : public PeopleFixture {
 protected:
  absl::Status Send(const std::string& code_hash = kRight) {
    return Act(login_,
               [&](db::UnitOfWork& work) { return DecideSendCode(code_hash, limits_, work); });
  }
  // The account, or "" when it is wrong.
  std::string Use(const std::string& code_hash, const std::string& account = "") {
    std::string owner;
    EXPECT_THAT(Act(login_,
                    [&](db::UnitOfWork& work) {
                      const auto used = DecideUseCode(code_hash, account, work);
                      owner = used.value_or("");
                      return used.status();
                    }),
                IsOk());
    return owner;
  }
  absl::StatusOr<std::string> TryPassword() {
    std::string account;
    const absl::Status status = Act(login_, [&](db::UnitOfWork& work) {
      const auto tried = DecideTryPassword(limits_, work);
      account = tried.value_or("");
      return tried.status();
    });
    if (!status.ok()) return status;
    return account;
  }

  SessionFacts Open(const std::string& town = "") {
    SessionFacts facts;
    EXPECT_THAT(Act(account_,
                    [&](db::UnitOfWork& work) {
                      facts = *DecideOpenSession(row_, "secret", town, work);
                      return absl::OkStatus();
                    }),
                IsOk());
    return facts;
  }
  SessionFacts Refresh(const rows::Session& session, int generation,
                       const std::string& request_id = "", const std::string& town = "",
                       const std::string& secret = "secret") {
    SessionFacts facts;
    EXPECT_THAT(
        Act(account_,
            [&](db::UnitOfWork& work) {
              facts = *DecideRefresh({session.name(), generation, secret}, request_id, town, work);
              return absl::OkStatus();
            }),
        IsOk());
    return facts;
  }
  bool HasEnded(const rows::Session& session) {
    return !Find(kSessions, session.name()).has_value();
  }
  void Join(const std::string& person) {
    EXPECT_THAT(
        Act(account_, [&](db::UnitOfWork& work) { return DecideAddMembership(person, work); }),
        IsOk());
  }
  bool Leave(const std::string& person) {
    bool was_last = false;
    EXPECT_THAT(Act(account_,
                    [&](db::UnitOfWork& work) {
                      was_last = *DecideEndMembership(person, work);
                      return absl::OkStatus();
                    }),
                IsOk());
    return was_last;
  }

  SignInLimits limits_;
  const std::string login_ = hashes_.LoginOf(kPhone);
  const std::string account_ = base::NewId(clock().Now());
  const rows::Account row_ = personal_.SealAccount(account_, kPhone);
  const std::string here_ = NewPersonName();
  const std::string there_ = absl::StrCat("towns/330481001/people/", base::NewId(clock().Now()));
};

// --- codes

TEST_F(SignInRulesTest, ARightCodeMakesALoginOnceAndFindsItAfterwards) {
  ASSERT_THAT(Send(), IsOk());
  const std::string account = Use(kRight);
  EXPECT_TRUE(base::IsUuid(account));
  clock().Advance(absl::Minutes(1));
  ASSERT_THAT(Send(), IsOk());
  EXPECT_EQ(Use(kRight), account);
}

TEST_F(SignInRulesTest, ACodeIsGoodOnce) {
  ASSERT_THAT(Send(), IsOk());
  EXPECT_NE(Use(kRight), "");
  EXPECT_EQ(Use(kRight), "");
}

TEST_F(SignInRulesTest, ACodeIsGoodForFiveMinutes) {
  ASSERT_THAT(Send(), IsOk());
  clock().Advance(kCodeLifetime - absl::Microseconds(1));
  EXPECT_NE(Use(kRight), "");
  clock().Advance(absl::Minutes(1));
  ASSERT_THAT(Send(), IsOk());
  clock().Advance(kCodeLifetime);
  EXPECT_EQ(Use(kRight), "");
}

TEST_F(SignInRulesTest, ACodeIsGoodForFiveTries) {
  ASSERT_THAT(Send(), IsOk());
  for (int i = 0; i < kCodeTries - 1; ++i) EXPECT_EQ(Use(kWrong), "");
  EXPECT_NE(Use(kRight), "");  // the fifth
  clock().Advance(absl::Minutes(1));
  ASSERT_THAT(Send(), IsOk());
  for (int i = 0; i < kCodeTries; ++i) EXPECT_EQ(Use(kWrong), "");
  EXPECT_EQ(Use(kRight), "");
}

TEST_F(SignInRulesTest, ANewCodeReplacesTheOneBefore) {
  ASSERT_THAT(Send("first"), IsOk());
  for (int i = 0; i < kCodeTries - 1; ++i) EXPECT_EQ(Use(kWrong), "");
  clock().Advance(absl::Minutes(1));
  ASSERT_THAT(Send("second"), IsOk());
  EXPECT_EQ(Use("first"), "");
  EXPECT_NE(Use("second"), "");  // with tries of its own
}

TEST_F(SignInRulesTest, ACodeForAnAccountIsThatAccountsPhone) {
  ASSERT_THAT(Send(), IsOk());
  EXPECT_EQ(Use(kRight, account_), "");  // the phone has no login
  const std::string owner = Use(kRight);
  ASSERT_NE(owner, "");
  clock().Advance(absl::Minutes(1));
  ASSERT_THAT(Send(), IsOk());
  EXPECT_EQ(Use(kRight, account_), "");  // it is another's
  EXPECT_EQ(Use(kRight, owner), owner);
}

// --- limits

TEST_F(SignInRulesTest, APhoneGetsOneCodeAMinuteAndTenADay) {
  for (int i = 0; i < limits_.codes_of_phone_per_day.most; ++i) {
    ASSERT_THAT(Send(), IsOk()) << i;
    const absl::Status again = Send();
    EXPECT_THAT(again, Refused(errors::v1::RATE_LIMITED));
    EXPECT_EQ(test::MetadataOf(again, "retry_after_seconds"), "60");
    clock().Advance(absl::Minutes(1));
  }
  EXPECT_THAT(Send(), Refused(errors::v1::RATE_LIMITED));
  clock().Advance(absl::Hours(24) - absl::Minutes(10));
  EXPECT_THAT(Send(), IsOk());
}

TEST_F(SignInRulesTest, ARefusedCodeLeavesTheOneBeforeAlone) {
  ASSERT_THAT(Send("first"), IsOk());
  EXPECT_THAT(Send("second"), Refused(errors::v1::RATE_LIMITED));
  EXPECT_NE(Use("first"), "");
}

TEST_F(SignInRulesTest, NoLimitIsNone) {
  limits_.codes_of_phone_per_minute.most = 0;
  limits_.codes_of_phone_per_day.most = 0;
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Send(), IsOk());
  EXPECT_EQ(Sql("SELECT count(*) FROM attempts"), "0");
}

TEST_F(SignInRulesTest, PasswordsAreTriedTenTimesAnHourWhetherThereIsALoginOrNot) {
  for (int i = 0; i < limits_.passwords_of_phone.most; ++i) EXPECT_EQ(*TryPassword(), "");
  EXPECT_THAT(TryPassword(), Refused(errors::v1::RATE_LIMITED));
  clock().Advance(absl::Hours(1));
  EXPECT_THAT(TryPassword(), IsOk());
  ASSERT_THAT(Act(login_, [&](db::UnitOfWork& work) { return DecideForgetTries(limits_, work); }),
              IsOk());
  for (int i = 0; i < limits_.passwords_of_phone.most; ++i) EXPECT_THAT(TryPassword(), IsOk());
}

// --- sessions

TEST_F(SignInRulesTest, ASessionActsAsTheOnlyPersonOrTheOneOfTheTown) {
  EXPECT_EQ(Open().session.person(), "");
  Join(here_);
  EXPECT_EQ(Open().session.person(), here_);
  Join(there_);
  EXPECT_EQ(Open().session.person(), "");
  EXPECT_EQ(Open(kParent).session.person(), here_);
  EXPECT_EQ(Open("towns/330481001").session.person(), there_);
  EXPECT_EQ(Open("towns/330481012").session.person(), "");
  EXPECT_THAT(Open().people, ::testing::ElementsAre(there_, here_));
}

TEST_F(SignInRulesTest, ARefreshTokenWorksOnce) {
  Join(here_);
  const rows::Session session = Open().session;
  const SessionFacts next = Refresh(session, 1);
  EXPECT_EQ(next.session.generation(), 2);
  EXPECT_EQ(next.session.person(), here_);
  EXPECT_EQ(Refresh(session, 2).session.generation(), 3);
}

TEST_F(SignInRulesTest, ARefreshGoesOnAsBeforeUnlessATownIsNamed) {
  Join(here_);
  Join(there_);
  const rows::Session session = Open(kParent).session;
  EXPECT_EQ(Refresh(session, 1).session.person(), here_);
  EXPECT_EQ(Refresh(session, 2, "", "towns/330481001").session.person(), there_);
  EXPECT_EQ(Refresh(session, 3).session.person(), there_);
}

TEST_F(SignInRulesTest, ALostAnswerIsGivenAgainWithinAMinute) {
  const std::string request_id = base::NewId(clock().Now());
  const rows::Session session = Open().session;
  EXPECT_EQ(Refresh(session, 1, request_id).session.generation(), 2);
  clock().Advance(kRefreshGrace);
  EXPECT_EQ(Refresh(session, 1, request_id).session.generation(), 2);
  EXPECT_EQ(Refresh(session, 2).session.generation(), 3);
}

TEST_F(SignInRulesTest, AnyOtherSecondUseEndsTheSession) {
  const std::string request_id = base::NewId(clock().Now());
  const std::string other_id = base::NewId(clock().Now());
  struct Case {
    const char* what;
    std::string first, second;
    absl::Duration later;
    int rotations;
  };
  for (const Case& c :
       {Case{"without a request id", "", "", absl::ZeroDuration(), 1},
        Case{"another request id", request_id, other_id, absl::ZeroDuration(), 1},
        Case{"too late", request_id, request_id, kRefreshGrace + absl::Seconds(1), 1},
        Case{"two generations old", request_id, request_id, absl::ZeroDuration(), 2}}) {
    const rows::Session session = Open().session;
    for (int i = 1; i <= c.rotations; ++i)
      ASSERT_EQ(Refresh(session, i, c.first).session.generation(), i + 1);
    clock().Advance(c.later);
    EXPECT_EQ(Refresh(session, 1, c.second).session.name(), "") << c.what;
    EXPECT_TRUE(HasEnded(session)) << c.what;
    // The thief's token as well as the owner's.
    EXPECT_EQ(Refresh(session, c.rotations + 1).session.name(), "") << c.what;
  }
}

TEST_F(SignInRulesTest, AnotherSecretIsNobodysAndHarmsNobody) {
  const rows::Session session = Open().session;
  EXPECT_EQ(Refresh(session, 1, "", "", "guessed").session.name(), "");
  EXPECT_FALSE(HasEnded(session));
}

TEST_F(SignInRulesTest, ASessionEndsAfterThirtyIdleDays) {
  const rows::Session session = Open().session;
  clock().Advance(kSessionIdle - absl::Seconds(1));
  EXPECT_EQ(Refresh(session, 1).session.generation(), 2);
  clock().Advance(kSessionIdle);
  EXPECT_EQ(Refresh(session, 2).session.name(), "");
  EXPECT_TRUE(HasEnded(session));
}

TEST_F(SignInRulesTest, SigningOutEndsTheSessionAndOnlyThatOne) {
  const rows::Session first = Open().session;
  const rows::Session second = Open().session;
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Act(account_,
                    [&](db::UnitOfWork& work) {
                      return DecideEndSession({first.name(), 1, "secret"}, work);
                    }),
                IsOk());
  }
  EXPECT_TRUE(HasEnded(first));
  EXPECT_FALSE(HasEnded(second));
}

TEST_F(SignInRulesTest, AnAccountHasSoManySessionsAndTheOldestMakesRoom) {
  const rows::Session first = Open().session;
  for (int i = 0; i < kMostSessions; ++i) {
    clock().Advance(absl::Minutes(1));
    Open();
  }
  EXPECT_TRUE(HasEnded(first));
  EXPECT_EQ(Sql("SELECT count(*) FROM sessions"), std::to_string(kMostSessions));
  clock().Advance(kSessionIdle);
  Open();
  EXPECT_EQ(Sql("SELECT count(*) FROM sessions"), "1");
}

TEST_F(SignInRulesTest, LeavingATownEndsTheSessionsUsedThere) {
  Join(here_);
  Join(there_);
  const rows::Session here = Open(kParent).session;
  const rows::Session there = Open("towns/330481001").session;
  EXPECT_FALSE(Leave(here_));
  EXPECT_TRUE(HasEnded(here));
  EXPECT_FALSE(HasEnded(there));
  EXPECT_TRUE(Leave(there_));
  EXPECT_TRUE(HasEnded(there));
  EXPECT_FALSE(Find(kAccounts, row_.name()).has_value());
}

TEST_F(SignInRulesTest, NothingOfAccountsIsLogged) {
  ASSERT_THAT(Send(), IsOk());
  ASSERT_NE(Use(kRight), "");
  const int64_t changes = Changes();
  Join(here_);
  const rows::Session session = Open().session;
  Refresh(session, 1);
  Leave(here_);
  EXPECT_EQ(Changes(), changes);
  EXPECT_EQ(Sql("SELECT count(*) FROM changes WHERE tenant !~ '^[0-9]{9}$'"), "0");
}

}  // namespace
}  // namespace pingan::directory
