#include "services/directory/grant_rules.h"

#include <thread>

#include "tests/services/directory/people_fixture.h"

namespace pingan::directory {
namespace {

using test::IsOk;
using test::Refused;
using test::RefusesField;

constexpr char kCityName[] = "towns/330481000";

class GrantRulesTest : public PeopleFixture {
 protected:
  void SetUp() override {
    PeopleFixture::SetUp();
    neighbour_ = Enter(Neighbour(), worker_)->name();
    v1::Person person;
    person.set_name(absl::StrCat(kCityName, "/people/", base::NewId(clock().Now())));
    person.set_kind(v1::RESIDENT);
    city_person_ = person.name();
    Put(kPeople, person);
  }

  v1::CreateGrantRequest Request(v1::Role role, const std::string& scope,
                                 const std::string& person) {
    v1::CreateGrantRequest request;
    request.set_parent(absl::StrCat("towns/", base::TownOf(person)));
    request.mutable_grant()->set_person(person);
    request.mutable_grant()->set_role(role);
    request.mutable_grant()->set_scope(scope);
    return request;
  }
  absl::StatusOr<v1::Grant> Grant(const rpc::Caller& caller, v1::Role role,
                                  const std::string& scope) {
    return Run(DecideCreateGrant, Request(role, scope, neighbour_), caller);
  }
  absl::StatusOr<v1::Grant> Revoke(const rpc::Caller& caller, const std::string& name) {
    v1::RevokeGrantRequest request;
    request.set_name(name);
    return Run(DecideRevokeGrant, request, caller);
  }

  std::string neighbour_, city_person_;
};

struct RoleCase {
  v1::Role role;
  const char* scope;
};
constexpr RoleCase kTownRoles[] = {
    {v1::RESIDENT_ROLE, kLongxing},   {v1::EMPLOYEE_ROLE, kBofei},
    {v1::ENTERPRISE_MANAGER, kBofei}, {v1::VILLAGE_WORKER, kLongxing},
    {v1::GRID_LEADER, kLongxingGrid}, {v1::GRID_LEADER, kLongxing},
};

TEST_F(GrantRulesTest, ATownOfficialGivesRolesBelowTheirs) {
  for (const RoleCase& c : kTownRoles) {
    const auto grant = Grant(official_, c.role, c.scope);
    ASSERT_THAT(grant, IsOk()) << c.scope;
    EXPECT_TRUE(grant->active());
    EXPECT_EQ(grant->person(), neighbour_);
  }
  EXPECT_THAT(Grant(official_, v1::TOWN_OFFICIAL, kParent), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Grant(official_, v1::CITY_OFFICIAL, kCityName), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Grant(official_, v1::PLATFORM_ADMIN, "towns/000000000"),
              Refused(errors::v1::FORBIDDEN));
}

TEST_F(GrantRulesTest, NobodyElseDoes) {
  for (const RoleCase& c : kTownRoles) {
    for (const rpc::Caller& caller :
         {worker_, leader_, city_official_, admin_, clerk_elsewhere_, Person(), Anyone()}) {
      EXPECT_THAT(Grant(caller, c.role, c.scope), Refused(errors::v1::FORBIDDEN)) << caller.person;
    }
  }
}

TEST_F(GrantRulesTest, OfficialsAreGivenFromAbove) {
  EXPECT_THAT(Grant(city_official_, v1::TOWN_OFFICIAL, kParent), IsOk());
  EXPECT_THAT(Grant(admin_, v1::TOWN_OFFICIAL, kParent), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Run(DecideCreateGrant, Request(v1::CITY_OFFICIAL, kCityName, city_person_), admin_),
              IsOk());
  EXPECT_THAT(
      Run(DecideCreateGrant, Request(v1::CITY_OFFICIAL, kCityName, city_person_), city_official_),
      Refused(errors::v1::FORBIDDEN));
  // The first administrators are made from the command line, and the others too.
  EXPECT_THAT(
      Run(DecideCreateGrant, Request(v1::PLATFORM_ADMIN, "towns/000000000", city_person_), admin_),
      Refused(errors::v1::FORBIDDEN));
}

TEST_F(GrantRulesTest, AScopeFitsItsRole) {
  for (const RoleCase& c :
       {RoleCase{v1::ENTERPRISE_MANAGER, kLongxing}, RoleCase{v1::ENTERPRISE_MANAGER, kParent},
        RoleCase{v1::VILLAGE_WORKER, kBofei}, RoleCase{v1::VILLAGE_WORKER, kParent},
        RoleCase{v1::GRID_LEADER, kParent}, RoleCase{v1::EMPLOYEE_ROLE, kLongxing},
        RoleCase{v1::RESIDENT_ROLE, kBofei}}) {
    EXPECT_THAT(Grant(official_, c.role, c.scope), RefusesField("grant.scope")) << c.scope;
  }
  EXPECT_THAT(Grant(city_official_, v1::TOWN_OFFICIAL, kLongxing), RefusesField("grant.scope"));
  EXPECT_THAT(Grant(city_official_, v1::TOWN_OFFICIAL, kCityName), RefusesField("grant.scope"));
  EXPECT_THAT(Run(DecideCreateGrant, Request(v1::CITY_OFFICIAL, kParent, neighbour_), admin_),
              RefusesField("grant.scope"));
}

TEST_F(GrantRulesTest, AScopeIsThereAndInThePersonsTown) {
  EXPECT_THAT(Grant(official_, v1::VILLAGE_WORKER, "towns/330481003/units/330481003999"),
              Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Grant(official_, v1::VILLAGE_WORKER, kMerged), Refused(errors::v1::UNIT_RETIRED));
  EXPECT_THAT(Grant(official_, v1::ENTERPRISE_MANAGER,
                    "towns/330481003/enterprises/01900000-0000-7000-8000-0000000000ff"),
              Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Grant(city_official_, v1::TOWN_OFFICIAL, "towns/330481001"),
              RefusesField("grant.scope"));
}

TEST_F(GrantRulesTest, AHolderIsAPersonOfTheTownWhoIsStillThere) {
  v1::CreateGrantRequest request = Request(v1::VILLAGE_WORKER, kLongxing, neighbour_);
  request.mutable_grant()->set_person(city_person_);
  EXPECT_THAT(Run(DecideCreateGrant, request, official_), RefusesField("grant.person"));
  request.mutable_grant()->set_person(NewPersonName());
  EXPECT_THAT(Run(DecideCreateGrant, request, official_), Refused(errors::v1::NOT_FOUND));

  v1::ErasePersonRequest erase;
  erase.set_name(neighbour_);
  ASSERT_THAT(Run(DecideErasePerson, erase, official_), IsOk());
  EXPECT_THAT(Grant(official_, v1::VILLAGE_WORKER, kLongxing), Refused(errors::v1::PERSON_ERASED));
}

TEST_F(GrantRulesTest, TheSecondLikeItIsRefusedEvenWhenTwoGiveItAtOnce) {
  constexpr int kRacers = 8;
  std::vector<absl::StatusOr<v1::Grant>> answers(kRacers, absl::UnknownError("not run"));
  std::vector<std::thread> racers;
  for (auto& answer : answers) {
    racers.emplace_back([&] { answer = Grant(official_, v1::VILLAGE_WORKER, kLongxing); });
  }
  for (std::thread& racer : racers) racer.join();
  int given = 0;
  for (const auto& answer : answers) {
    if (answer.ok())
      ++given;
    else
      EXPECT_THAT(answer, Refused(errors::v1::ALREADY_EXISTS));
  }
  EXPECT_EQ(given, 1);
  EXPECT_THAT(Grant(official_, v1::VILLAGE_WORKER, kLongxingGrid), IsOk());
}

TEST_F(GrantRulesTest, WhoeverGivesARoleTakesItBackOnce) {
  const std::string name = Grant(official_, v1::VILLAGE_WORKER, kLongxing)->name();
  clock().Advance(absl::Hours(1));
  const auto revoked = Revoke(official_, name);
  ASSERT_THAT(revoked, IsOk());
  EXPECT_FALSE(revoked->active());
  EXPECT_GT(revoked->revoke_time().seconds(), revoked->create_time().seconds());
  EXPECT_THAT(Revoke(official_, name), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Grant(official_, v1::VILLAGE_WORKER, kLongxing), IsOk());
}

TEST_F(GrantRulesTest, OthersDoNot) {
  const std::string name = Grant(official_, v1::VILLAGE_WORKER, kLongxing)->name();
  rpc::Caller holder = Account();
  holder.person = neighbour_;
  EXPECT_THAT(Revoke(holder, name), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Revoke(city_official_, name), Refused(errors::v1::FORBIDDEN));
  for (const rpc::Caller& caller : {worker_, leader_, admin_, clerk_elsewhere_, Person()}) {
    EXPECT_THAT(Revoke(caller, name), Refused(errors::v1::NOT_FOUND));
  }
  EXPECT_THAT(Revoke(official_, absl::StrCat(kParent, "/grants/", base::NewId(clock().Now()))),
              Refused(errors::v1::NOT_FOUND));
}

}  // namespace
}  // namespace pingan::directory
