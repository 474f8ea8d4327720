#include "services/directory/people_rules.h"

#include "absl/strings/match.h"
#include "services/directory/directory_roles.h"
#include "tests/services/directory/people_fixture.h"

namespace pingan::directory {
namespace {

using test::IsOk;
using test::Refused;
using test::RefusesField;

class PeopleRulesTest : public PeopleFixture {
 protected:
  absl::StatusOr<v1::Person> Update(const v1::Person& person, const std::vector<std::string>& paths,
                                    const rpc::Caller& caller) {
    v1::UpdatePersonRequest request;
    *request.mutable_person() = person;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    const auto key = Find(kPersonKeys, PersonKeyName(person.name()));
    SealedPerson sealed;
    if (key.has_value()) {
      sealed = *personal_.SealAgain(
          *key, {.display_name = person.display_name(), .phone = person.phone()});
    }
    return RunIn<v1::UpdatePersonRequest, v1::Person>(
        test::kTown,
        [&](const auto& asked, const auto& by, db::UnitOfWork& work) {
          return DecideUpdatePerson(asked, sealed, by, work);
        },
        request, caller);
  }
  absl::StatusOr<rows::PhoneReveal> Reveal(const std::string& person, const rpc::Caller& caller) {
    v1::RevealPhoneRequest request;
    request.set_name(person);
    request.set_reason("通知活动改期");
    return Run(DecideRevealPhone, request, caller);
  }
  absl::StatusOr<v1::Person> Erase(const std::string& person, const rpc::Caller& caller) {
    v1::ErasePersonRequest request;
    request.set_name(person);
    request.set_reason("本人要求");
    return Run(DecideErasePerson, request, caller);
  }
  static rpc::Caller As(const v1::Person& person, rpc::Caller caller) {
    caller.person = person.name();
    return caller;
  }
};

// --- entering

TEST_F(PeopleRulesTest, AWorkerEntersNeighboursAndAnOfficialAnybody) {
  EXPECT_THAT(Enter(Neighbour(), worker_), IsOk());
  v1::Person employee = Neighbour("徐浩然", "");
  employee.set_kind(v1::EMPLOYEE);
  employee.clear_unit();
  employee.set_enterprise(kBofei);
  EXPECT_THAT(Enter(employee, official_), IsOk());
  for (const rpc::Caller& caller :
       {stranger_, leader_, city_official_, admin_, clerk_elsewhere_, Person(), Anyone()}) {
    EXPECT_THAT(Enter(Neighbour("张阿根", ""), caller), Refused(errors::v1::FORBIDDEN))
        << caller.person;
  }
  EXPECT_THAT(Enter(employee, worker_), Refused(errors::v1::FORBIDDEN));
}

TEST_F(PeopleRulesTest, NamesAndPhonesAreNowhereInClear) {
  const v1::Person person = *Enter(Neighbour(), worker_);
  EXPECT_EQ(person.display_name() + person.phone(), "");
  EXPECT_EQ(Facts(person.name()).display_name, "王雨桐");
  EXPECT_EQ(Facts(person.name()).phone, kPhone);
  for (const char* table : {"people", "personal_data", "person_keys", "changes", "requests"}) {
    const std::string rows = Sql(absl::StrCat("SELECT string_agg(t::text, '') FROM ", table, " t"));
    EXPECT_FALSE(absl::StrContains(rows, kPhone)) << table;
    EXPECT_FALSE(absl::StrContains(rows, "e78e8be99ba8e6a190")) << table;  // 王雨桐 in bytes
    EXPECT_FALSE(absl::StrContains(rows, "王雨桐")) << table;
  }
}

TEST_F(PeopleRulesTest, TheLogNeverHoldsWhatTiesAPersonToAHumanBeing) {
  ASSERT_THAT(Enter(Neighbour(), worker_), IsOk());
  EXPECT_EQ(Sql("SELECT count(*) FROM changes WHERE type LIKE '%PersonKey%'"), "0");
  EXPECT_EQ(
      Sql("SELECT count(*) FROM changes WHERE type = 'pingan.directory.rows.PersonalData.created'"),
      "1");
}

TEST_F(PeopleRulesTest, PlacesMustBeThereAndTakePeople) {
  struct Case {
    v1::PersonKind kind;
    const char* unit;
    const char* enterprise;
    errors::v1::Reason reason;
  };
  for (const Case& c :
       {Case{v1::RESIDENT, "towns/330481003/units/330481003999", "", errors::v1::NOT_FOUND},
        Case{v1::RESIDENT, "towns/330481001/units/330481001005", "", errors::v1::NOT_FOUND},
        Case{v1::RESIDENT, kMerged, "", errors::v1::UNIT_RETIRED},
        Case{v1::EMPLOYEE, kLongxing, "", errors::v1::INVALID_FIELD},
        Case{v1::EMPLOYEE, "", "towns/330481003/enterprises/01900000-0000-7000-8000-0000000000ff",
             errors::v1::NOT_FOUND},
        Case{v1::EMPLOYEE, "", "towns/330481001/enterprises/01900000-0000-7000-8000-000000000001",
             errors::v1::NOT_FOUND}}) {
    v1::Person person = Neighbour();
    person.set_kind(c.kind);
    person.set_unit(c.unit);
    person.set_enterprise(c.enterprise);
    EXPECT_THAT(Enter(person, official_), Refused(c.reason)) << person.ShortDebugString();
    EXPECT_THAT(Register(person, Account(), kPhone), Refused(c.reason))
        << person.ShortDebugString();
  }
}

TEST_F(PeopleRulesTest, APhoneIsOnePersonsAndWhoseIsSaidToThoseWhoMayKnow) {
  const v1::Person first = *Enter(Neighbour(), worker_);
  const auto again = Enter(Neighbour("王小明"), worker_);
  EXPECT_THAT(again, Refused(errors::v1::ALREADY_EXISTS));
  EXPECT_EQ(test::MetadataOf(again.status(), "person"), first.name());
  v1::Person other = Neighbour("王小明");
  other.set_unit(kHuoju);
  const auto elsewhere = Enter(other, stranger_);
  EXPECT_THAT(elsewhere, Refused(errors::v1::ALREADY_EXISTS));
  EXPECT_EQ(test::MetadataOf(elsewhere.status(), "person"), "");
}

TEST_F(PeopleRulesTest, PeopleWithoutAPhoneAreNoDoubles) {
  EXPECT_THAT(Enter(Neighbour("王雨桐", ""), worker_), IsOk());
  EXPECT_THAT(Enter(Neighbour("王雨桐", ""), worker_), IsOk());
}

// --- registering

TEST_F(PeopleRulesTest, RegisteringMakesAPersonOfTheAccount) {
  const rpc::Caller account = Account();
  const v1::Person person = *Register(Neighbour(), account, kPhone);
  EXPECT_TRUE(person.registered());
  EXPECT_EQ(person.unit(), kLongxing);
  EXPECT_EQ(Get(kPersonKeys, PersonKeyName(person.name())).account(), account.account);
  EXPECT_EQ(Facts(person.name()).phone, kPhone);
}

TEST_F(PeopleRulesTest, AnAccountIsOnePersonOfATown) {
  const rpc::Caller account = Account();
  const v1::Person person = *Register(Neighbour(), account, kPhone);
  const auto again = Register(Neighbour("王小明"), account, kPhone);
  EXPECT_THAT(again, Refused(errors::v1::ALREADY_REGISTERED));
  EXPECT_EQ(test::MetadataOf(again.status(), "person"), person.name());
  EXPECT_EQ(Facts(person.name()).display_name, "王雨桐");
}

TEST_F(PeopleRulesTest, RegisteringBecomesThePersonAWorkerEntered) {
  const v1::Person entered = *Enter(Neighbour("王大爷"), worker_);
  EXPECT_FALSE(entered.registered());
  v1::Person own = Neighbour("王雨桐");
  own.set_unit(kHuoju);
  const v1::Person registered = *Register(own, Account(), kPhone);
  EXPECT_EQ(registered.name(), entered.name());
  EXPECT_TRUE(registered.registered());
  EXPECT_EQ(registered.unit(), kHuoju);
  EXPECT_EQ(Facts(entered.name()).display_name, "王雨桐");
}

TEST_F(PeopleRulesTest, WhatWasSealedForAnotherIsSealedAgain) {
  const SealedPerson fresh = SealForPhone("王雨桐", kPhone);
  ASSERT_THAT(Enter(Neighbour("王大爷"), worker_), IsOk());  // in between
  const auto stale = Register(Neighbour(), Account(), kPhone, &fresh);
  EXPECT_TRUE(IsSealedForAnother(stale.status())) << stale.status();
  EXPECT_THAT(Register(Neighbour(), Account(), kPhone), IsOk());
}

TEST_F(PeopleRulesTest, NobodyTakesOverAPhoneThatSomebodySignsInWith) {
  ASSERT_THAT(Register(Neighbour(), Account(), kPhone), IsOk());
  EXPECT_THAT(Register(Neighbour(), Account(), kPhone), Refused(errors::v1::ALREADY_EXISTS));
}

TEST_F(PeopleRulesTest, ATownMustBeThere) {
  v1::RegisterRequest request;
  request.set_parent("towns/330481012");
  *request.mutable_person() = Neighbour();
  const SealedPerson sealed = SealForPhone("王雨桐", kPhone);
  const auto registered = RunIn<v1::RegisterRequest, v1::Person>(
      "330481012",
      [&](const auto& asked, const auto& by, db::UnitOfWork& work) {
        return DecideRegister(asked, sealed, by, work);
      },
      request, Account());
  EXPECT_THAT(registered, Refused(errors::v1::NOT_FOUND));
}

// --- seeing

TEST_F(PeopleRulesTest, SeeingFollowsTheTableOfTheDomain) {
  const rpc::Caller account = Account();
  const v1::Person person = *Register(Neighbour(), account, kPhone);
  const auto sight = [&](const rpc::Caller& caller) -> absl::StatusOr<Sight> {
    absl::StatusOr<Sight> seen = absl::UnknownError("not run");
    EXPECT_THAT(Act(test::kTown,
                    [&](db::UnitOfWork& work) {
                      seen = SightOf(person, caller, RolesOf(caller, work));
                      return absl::OkStatus();
                    }),
                IsOk());
    return seen;
  };
  EXPECT_EQ(*sight(As(person, account)), Sight::kFull);
  for (const rpc::Caller& caller : {worker_, official_, city_official_})
    EXPECT_EQ(*sight(caller), Sight::kMasked);
  for (const rpc::Caller& caller :
       {stranger_, leader_, admin_, clerk_elsewhere_, Person(), Anyone()}) {
    EXPECT_THAT(sight(caller), Refused(errors::v1::NOT_FOUND)) << caller.person;
  }
}

// --- changing

TEST_F(PeopleRulesTest, OneselfAndTheVillagesWorkerChangeAPerson) {
  const rpc::Caller account = Account();
  v1::Person person = *Register(Neighbour(), account, kPhone);
  person.set_display_name("王语桐");
  person.set_kind(v1::GIG_WORKER);
  const auto changed = Update(person, {"display_name", "kind"}, As(person, account));
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->kind(), v1::GIG_WORKER);
  EXPECT_EQ(Facts(person.name()).display_name, "王语桐");
  EXPECT_EQ(Facts(person.name()).phone, kPhone);
  person.set_display_name("王雨彤");
  person.clear_etag();
  EXPECT_THAT(Update(person, {"display_name"}, worker_), IsOk());
  EXPECT_EQ(Facts(person.name()).display_name, "王雨彤");
}

TEST_F(PeopleRulesTest, OthersMayNot) {
  const v1::Person person = *Enter(Neighbour(), worker_);
  for (const rpc::Caller& caller : {official_, city_official_}) {
    EXPECT_THAT(Update(person, {"unit"}, caller), Refused(errors::v1::FORBIDDEN));
  }
  for (const rpc::Caller& caller : {stranger_, leader_, admin_, clerk_elsewhere_, Person()}) {
    EXPECT_THAT(Update(person, {"unit"}, caller), Refused(errors::v1::NOT_FOUND));
  }
}

TEST_F(PeopleRulesTest, AWorkerMovesNobodyToWhereTheyDoNotWork) {
  v1::Person person = *Enter(Neighbour(), worker_);
  person.set_unit(kHuoju);
  EXPECT_THAT(Update(person, {"unit"}, worker_), Refused(errors::v1::FORBIDDEN));
  person.set_unit(kLongxingGrid);
  EXPECT_THAT(Update(person, {"unit"}, worker_), IsOk());
}

TEST_F(PeopleRulesTest, APhoneChangesOnlyWhileNobodySignsInWithIt) {
  v1::Person person = *Enter(Neighbour(), worker_);
  person.set_phone("19900000042");
  person.clear_etag();
  ASSERT_THAT(Update(person, {"phone"}, worker_), IsOk());
  EXPECT_EQ(Facts(person.name()).phone, "19900000042");
  EXPECT_EQ(Facts(person.name()).display_name, "王雨桐");
  // The old one is free again, the new one is not.
  EXPECT_THAT(Enter(Neighbour("张阿根", kPhone), worker_), IsOk());
  EXPECT_THAT(Enter(Neighbour("徐浩然", "19900000042"), worker_),
              Refused(errors::v1::ALREADY_EXISTS));
  person.set_phone(kPhone);
  EXPECT_THAT(Update(person, {"phone"}, worker_), Refused(errors::v1::ALREADY_EXISTS));
  person.clear_phone();
  ASSERT_THAT(Update(person, {"phone"}, worker_), IsOk());
  EXPECT_EQ(Facts(person.name()).phone, "");

  const rpc::Caller account = Account();
  v1::Person own = *Register(Neighbour(), account, "19900000043");
  own.set_phone("19900000044");
  EXPECT_THAT(Update(own, {"phone"}, As(own, account)), RefusesField("update_mask"));
  EXPECT_THAT(Update(own, {"phone"}, worker_), RefusesField("update_mask"));
}

TEST_F(PeopleRulesTest, AStaleEtagChangesNothing) {
  v1::Person person = *Enter(Neighbour(), worker_);
  person.set_kind(v1::GIG_WORKER);
  ASSERT_THAT(Update(person, {"kind"}, worker_), IsOk());
  EXPECT_THAT(Update(person, {"kind"}, worker_), Refused(errors::v1::STALE_ETAG));
}

// --- showing the phone

TEST_F(PeopleRulesTest, APhoneIsShownToTheirWorkerGridLeaderAndOfficials) {
  v1::Person neighbour = Neighbour();
  neighbour.set_unit(kLongxingGrid);
  const v1::Person person = *Enter(neighbour, worker_);
  for (const rpc::Caller& caller : {worker_, leader_, official_, city_official_}) {
    const auto reveal = Reveal(person.name(), caller);
    ASSERT_THAT(reveal, IsOk());
    EXPECT_EQ(reveal->revealer(), caller.person);
    EXPECT_EQ(reveal->reason(), "通知活动改期");
  }
  for (const rpc::Caller& caller : {stranger_, admin_, clerk_elsewhere_, Person()}) {
    EXPECT_THAT(Reveal(person.name(), caller), Refused(errors::v1::NOT_FOUND));
  }
  EXPECT_EQ(Sql("SELECT count(*) FROM changes WHERE type LIKE '%PhoneReveal.revealed'"), "4");
  const rpc::Caller account = Account();
  const v1::Person own = *Register(Neighbour(), account, "19900000042");
  EXPECT_THAT(Reveal(own.name(), As(own, account)), Refused(errors::v1::FORBIDDEN));
}

TEST_F(PeopleRulesTest, WhereThereIsNoPhoneNoneIsShown) {
  const v1::Person person = *Enter(Neighbour("王雨桐", ""), worker_);
  EXPECT_THAT(Reveal(person.name(), worker_), Refused(errors::v1::NO_PHONE));
}

// --- erasing

TEST_F(PeopleRulesTest, ErasingDestroysWhatTiesThePersonToAHumanBeing) {
  const rpc::Caller account = Account();
  const v1::Person person = *Register(Neighbour(), account, kPhone);
  Give(As(person, account), v1::VILLAGE_WORKER, kLongxing);
  const auto erased = Erase(person.name(), As(person, account));
  ASSERT_THAT(erased, IsOk());
  EXPECT_TRUE(erased->erased());
  EXPECT_FALSE(erased->registered());
  EXPECT_EQ(erased->unit(), kLongxing);  // numbers stay
  EXPECT_FALSE(Find(kPersonKeys, PersonKeyName(person.name())).has_value());
  EXPECT_EQ(Get(kPersonalData, PersonalDataName(person.name())).sealed_name(), "");
  EXPECT_EQ(Get(kPersonalData, PersonalDataName(person.name())).sealed_phone(), "");
  EXPECT_EQ(Sql(absl::StrCat("SELECT count(*) FROM grants WHERE active AND person = '",
                             base::LastSegment(person.name()), "'")),
            "0");
  // The phone is nobody's: its holder may come again, as somebody new.
  EXPECT_NE(Register(Neighbour(), Account(), kPhone)->name(), person.name());
}

TEST_F(PeopleRulesTest, ErasingWorksTwiceAndChangesNothingTheSecondTime) {
  const v1::Person person = *Enter(Neighbour(), worker_);
  ASSERT_THAT(Erase(person.name(), official_), IsOk());
  const int64_t changes = Changes();
  const auto again = Erase(person.name(), official_);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->erased());
  EXPECT_EQ(Changes(), changes);
}

TEST_F(PeopleRulesTest, OnlyOneselfAndTheTownsOfficialsErase) {
  const v1::Person person = *Enter(Neighbour(), worker_);
  for (const rpc::Caller& caller : {worker_, city_official_}) {
    EXPECT_THAT(Erase(person.name(), caller), Refused(errors::v1::FORBIDDEN));
  }
  for (const rpc::Caller& caller : {stranger_, leader_, admin_, clerk_elsewhere_, Person()}) {
    EXPECT_THAT(Erase(person.name(), caller), Refused(errors::v1::NOT_FOUND));
  }
}

TEST_F(PeopleRulesTest, NothingIsDoneToAnErasedPerson) {
  const v1::Person person = *Enter(Neighbour(), worker_);
  ASSERT_THAT(Erase(person.name(), official_), IsOk());
  v1::Person changed = person;
  changed.clear_etag();
  EXPECT_THAT(Update(changed, {"unit"}, worker_), Refused(errors::v1::PERSON_ERASED));
  EXPECT_THAT(Reveal(person.name(), worker_), Refused(errors::v1::PERSON_ERASED));
}

}  // namespace
}  // namespace pingan::directory
