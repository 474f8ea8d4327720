#include "absl/strings/match.h"
#include "common/base/hash.h"
#include "services/directory/account_commands.h"
#include "services/directory/auth_service.h"
#include "tests/services/directory/people_server.h"

namespace pingan::directory {
namespace {

using test::IsOk;
using test::Refused;

constexpr char kUnknownPhone[] = "19900009999";
constexpr char kAddress[] = "203.0.113.7";

class SignInServiceTest : public PeopleServer {
 protected:
  void SetUp() override {
    limits_.codes_of_address.most = 3;
    limits_.sign_ins_of_address.most = 5;
    limits_.passwords_of_phone.most = 4;
    PeopleServer::SetUp();
  }
  absl::StatusOr<v1::SetPasswordResponse> SetPassword(const std::string& phone,
                                                      const std::string& code,
                                                      const std::string& password,
                                                      const std::string& token) {
    v1::SetPasswordRequest request;
    request.set_phone(phone);
    request.set_code(code);
    request.set_new_password(password);
    return Call(*auth_, &v1::AuthService::Stub::SetPassword, request, token);
  }
  void SignOut(const std::string& refresh_token) {
    v1::SignOutRequest request;
    request.set_refresh_token(refresh_token);
    EXPECT_THAT(Call(*auth_, &v1::AuthService::Stub::SignOut, request), IsOk());
  }
  static std::string OtherThan(const std::string& code) {
    return code == "123456" ? "654321" : "123456";
  }
  // What a caller can tell one answer from another by.
  static std::string Words(const absl::Status& status) {
    return base::ToRpcStatus(status).SerializeAsString();
  }
};

TEST_F(SignInServiceTest, ACodeOpensASessionThatCanRegister) {
  const v1::SignInResponse session = SignIn(kPhone);
  EXPECT_EQ(session.person(), "");
  EXPECT_EQ(session.people_size(), 0);
  const auto registered = RegisterAs(session.access_token());
  ASSERT_THAT(registered, IsOk());
  EXPECT_EQ(registered->person().display_name(), "王雨桐");
  EXPECT_EQ(registered->person().phone(), "199****0041");
  const std::string name = registered->person().name();
  EXPECT_EQ(GetPersonWith(name, registered->access_token())->display_name(), "王雨桐");
  // The token of before named nobody.
  EXPECT_THAT(GetPersonWith(name, session.access_token()), Refused(errors::v1::NOT_FOUND));
  EXPECT_EQ(Refresh(session.refresh_token())->person(), name);
  const v1::SignInResponse later = SignIn(kPhone);
  EXPECT_EQ(later.person(), name);
  EXPECT_THAT(later.people(), ::testing::ElementsAre(name));
}

TEST_F(SignInServiceTest, KnownAndUnknownPhonesAreAnsweredInTheSameWords) {
  SignIn(kPhone);
  const auto known = SendCode(kPhone);
  const std::string code = LastCode();
  const auto unknown = SendCode(kUnknownPhone);
  EXPECT_EQ(known->SerializeAsString(), unknown->SerializeAsString());

  const absl::Status refused = SignInWithCode(kPhone, OtherThan(code)).status();
  EXPECT_THAT(refused, Refused(errors::v1::CODE_WRONG));
  EXPECT_EQ(Words(SignInWithCode(kUnknownPhone, OtherThan(LastCode())).status()), Words(refused));
  EXPECT_EQ(Words(SignInWithCode("19900008888", code).status()),
            Words(refused));  // was never sent one
  EXPECT_EQ(Words(SignInWithPassword(kPhone, "no password set").status()), Words(refused));
  EXPECT_EQ(Words(SignInWithPassword(kUnknownPhone, "no such account").status()), Words(refused));
}

TEST_F(SignInServiceTest, FiveWrongCodesUseUpTheRightOne) {
  ASSERT_THAT(SendCode(kPhone), IsOk());
  const std::string code = LastCode();
  for (int i = 0; i < kCodeTries; ++i) {
    EXPECT_THAT(SignInWithCode(kPhone, OtherThan(code)), Refused(errors::v1::CODE_WRONG));
  }
  EXPECT_THAT(SignInWithCode(kPhone, code), Refused(errors::v1::CODE_WRONG));
}

TEST_F(SignInServiceTest, ACodeIsNeitherGoodTwiceNorLateNorForAnotherPhone) {
  ASSERT_THAT(SendCode(kPhone), IsOk());
  const std::string code = LastCode();
  EXPECT_THAT(SignInWithCode(kUnknownPhone, code), Refused(errors::v1::CODE_WRONG));
  EXPECT_THAT(SignInWithCode(kPhone, code), IsOk());
  EXPECT_THAT(SignInWithCode(kPhone, code), Refused(errors::v1::CODE_WRONG));
  ASSERT_THAT(SendCode(kPhone), IsOk());
  clock().Advance(kCodeLifetime);
  EXPECT_THAT(SignInWithCode(kPhone, LastCode()), Refused(errors::v1::CODE_WRONG));
}

TEST_F(SignInServiceTest, AnAddressMayAskSoOften) {
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(SendCode(absl::StrCat("1990000100", i), kAddress), IsOk());
  EXPECT_THAT(SendCode("19900001009", kAddress), Refused(errors::v1::RATE_LIMITED));
  EXPECT_THAT(SendCode("19900001009", "203.0.113.8"), IsOk());
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(SignInWithCode("19900001009", "000000", kAddress), Refused(errors::v1::CODE_WRONG));
  }
  EXPECT_THAT(SignInWithCode("19900001009", "000000", kAddress), Refused(errors::v1::RATE_LIMITED));
  clock().Advance(absl::Hours(1));
  EXPECT_THAT(SendCode("19900001009", kAddress), IsOk());
}

TEST_F(SignInServiceTest, ALostAnswerIsGivenAgainAndATheftEndsTheSession) {
  const std::string request_id = base::NewId(clock().Now());
  const v1::SignInResponse session = SignIn(kPhone);
  const auto next = Refresh(session.refresh_token(), request_id);
  ASSERT_THAT(next, IsOk());
  EXPECT_NE(next->refresh_token(), session.refresh_token());
  EXPECT_EQ(Refresh(session.refresh_token(), request_id)->refresh_token(), next->refresh_token());
  // Somebody else holds the first token too.
  EXPECT_THAT(Refresh(session.refresh_token(), base::NewId(clock().Now())),
              Refused(errors::v1::SESSION_ENDED));
  EXPECT_THAT(Refresh(next->refresh_token()), Refused(errors::v1::SESSION_ENDED));
}

TEST_F(SignInServiceTest, WhatIsNoRefreshTokenIsAnsweredLikeAnEndedOne) {
  const absl::Status ended = Refresh("not.a.refresh.token.of.ours").status();
  EXPECT_THAT(ended, Refused(errors::v1::SESSION_ENDED));
  const v1::SignInResponse session = SignIn(kPhone);
  SignOut(session.refresh_token());
  EXPECT_EQ(Words(Refresh(session.refresh_token()).status()), Words(ended));
  SignOut(session.refresh_token());
  SignOut("not.a.refresh.token.of.ours");
}

TEST_F(SignInServiceTest, APasswordIsSetWithACodeToOnesOwnPhone) {
  const v1::SignInResponse session = SignIn(kPhone);
  ASSERT_THAT(SendCode(kPhone), IsOk());
  const std::string code = LastCode();
  EXPECT_THAT(SetPassword(kPhone, OtherThan(code), "correct horse", session.access_token()),
              Refused(errors::v1::CODE_WRONG));
  EXPECT_THAT(SetPassword(kPhone, code, "correct horse", ""), Refused(errors::v1::NOT_SIGNED_IN));
  EXPECT_THAT(SetPassword(kPhone, code, "correct horse", session.access_token()), IsOk());
  EXPECT_THAT(SignInWithPassword(kPhone, "correct horse"), IsOk());
  EXPECT_THAT(SignInWithPassword(kPhone, "battery staple"), Refused(errors::v1::CODE_WRONG));
  // Whoever holds another's phone and their own session does not set the other's password with it.
  SignIn(kUnknownPhone);
  ASSERT_THAT(SendCode(kUnknownPhone), IsOk());
  EXPECT_THAT(SetPassword(kUnknownPhone, LastCode(), "correct horse", session.access_token()),
              Refused(errors::v1::CODE_WRONG));
}

TEST_F(SignInServiceTest, WrongPasswordsAreLimitedAndARightOneForgetsThem) {
  const v1::SignInResponse session = SignIn(kPhone);
  ASSERT_THAT(SendCode(kPhone), IsOk());
  ASSERT_THAT(SetPassword(kPhone, LastCode(), "correct horse", session.access_token()), IsOk());
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_THAT(SignInWithPassword(kPhone, "battery staple"), Refused(errors::v1::CODE_WRONG));
    }
    EXPECT_THAT(SignInWithPassword(kPhone, "correct horse"), IsOk());
  }
  for (const char* phone : {kPhone, kUnknownPhone}) {
    for (int i = 0; i < 4; ++i) {
      EXPECT_THAT(SignInWithPassword(phone, "battery staple"), Refused(errors::v1::CODE_WRONG));
    }
    EXPECT_THAT(SignInWithPassword(phone, "correct horse"), Refused(errors::v1::RATE_LIMITED))
        << phone;
  }
  EXPECT_THAT(SendCode(kPhone), IsOk());  // a code still does
  EXPECT_THAT(SignInWithCode(kPhone, LastCode()), IsOk());
}

TEST_F(SignInServiceTest, NoSecretIsStoredInClear) {
  const v1::SignInResponse session = SignIn(kPhone);
  ASSERT_THAT(RegisterAs(session.access_token(), "王雨桐", base::NewId(clock().Now())), IsOk());
  ASSERT_THAT(SendCode(kPhone), IsOk());
  const std::string code = LastCode();
  const std::string rows = WholeDatabase();
  for (const std::string& secret : {std::string(kPhone), std::string("王雨桐"),
                                    session.refresh_token(), session.access_token()}) {
    EXPECT_FALSE(absl::StrContains(rows, secret));
    EXPECT_FALSE(absl::StrContains(rows, base::Hex(secret)));
  }
  EXPECT_FALSE(absl::StrContains(Sql("SELECT string_agg(t::text, '') FROM sign_in_codes t"),
                                 base::Hex(code)));
}

TEST_F(SignInServiceTest, AnAdministratorIsAppointedOnceAndSignsInByPassword) {
  Appointment appointment{
      .phone = "19900000099", .display_name = "平台管理员", .password = "correct horse"};
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Appoint(appointment, writer(), personal_, hashes_, clock()), IsOk());
  }
  EXPECT_EQ(Sql("SELECT count(*) FROM grants WHERE role = 8 AND active"),
            "2");  // theirs, and the fixture's
  const auto session = SignInWithPassword(appointment.phone, appointment.password);
  ASSERT_THAT(session, IsOk());
  EXPECT_EQ(base::TownOf(session->person()), "000000000");
  EXPECT_EQ(GetPersonWith(session->person(), session->access_token())->display_name(),
            "平台管理员");

  appointment.password = "battery staple";
  ASSERT_THAT(Appoint(appointment, writer(), personal_, hashes_, clock()), IsOk());
  EXPECT_THAT(SignInWithPassword(appointment.phone, "correct horse"),
              Refused(errors::v1::CODE_WRONG));
  EXPECT_THAT(SignInWithPassword(appointment.phone, "battery staple"), IsOk());
}

TEST_F(SignInServiceTest, AnAppointmentAddsARoleToWhoeverRegisteredBefore) {
  const v1::SignInResponse session = SignIn(kPhone);
  const std::string name = RegisterAs(session.access_token())->person().name();
  const Appointment appointment{.phone = kPhone,
                                .display_name = "陆晓燕",
                                .password = "",
                                .role = v1::TOWN_OFFICIAL,
                                .town = "330481003"};
  ASSERT_THAT(Appoint(appointment, writer(), personal_, hashes_, clock()), IsOk());
  EXPECT_EQ(
      Sql(absl::StrCat("SELECT role FROM grants WHERE person = '", base::LastSegment(name), "'")),
      "6");
  EXPECT_EQ(Facts(name).display_name, "王雨桐");
}

}  // namespace
}  // namespace pingan::directory
