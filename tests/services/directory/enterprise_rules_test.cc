// Enterprises: their code, who changes what of them, and where they move.
#include "services/directory/enterprise_rules.h"

#include <string>

#include "tests/services/directory/directory_fixture.h"

namespace pingan::directory {
namespace {

class EnterpriseRules : public DirectoryFixture {
 protected:
  v1::CreateEnterpriseRequest Request(const std::string& uscc, const std::string& unit = "") {
    v1::CreateEnterpriseRequest request;
    request.set_parent(kTown);
    request.mutable_enterprise()->set_display_name("海宁示例皮革有限公司");
    request.mutable_enterprise()->set_uscc(uscc);
    request.mutable_enterprise()->set_unit(unit);
    return request;
  }
  v1::UpdateEnterpriseRequest Update(const std::string& name) {
    v1::UpdateEnterpriseRequest request;
    request.mutable_enterprise()->set_name(name);
    return request;
  }
  std::vector<const v1::Placement*> PlacementsOf(const std::string& enterprise,
                                                 db::UnitOfWork& work) {
    return work.List(kPlacementsOf, enterprise, db::kAll, enterprise);
  }

  const std::string unit_ = AddUnit("330481003005", v1::COMMUNITY);
  const std::string grid_ = AddUnit("330481003005-01", v1::GRID);
  const std::string other_unit_ = AddUnit("330481003006", v1::COMMUNITY, "双联社区");
};

TEST_F(EnterpriseRules, TheTownsOfficialRegistersThem) {
  for (const rpc::Caller& caller : {resident_, stranger_, city_official_, admin_}) {
    EXPECT_THAT(Run(DecideCreateEnterprise, Request(Uscc(1)), caller),
                Refused(errors::v1::FORBIDDEN));
  }
  const auto made = Run(DecideCreateEnterprise, Request(Uscc(1), grid_), official_);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->unit(), grid_);
  EXPECT_EQ(made->etag(), "1");
  EXPECT_EQ(Get(kEnterprises, made->name()).uscc(), Uscc(1));
}

TEST_F(EnterpriseRules, ItsFirstPlacementBeginsOnTheDayInHaining) {
  clock().Set(absl::FromUnixSeconds(1795451400));  // 2026-11-23 16:30 UTC, the 24th in Haining
  const std::string enterprise = AddEnterprise(1, unit_);
  EXPECT_EQ(Sql("SELECT start_date FROM placements"), "2026-11-24");
  EXPECT_EQ(Get(kEnterprises, enterprise).unit(), unit_);
}

TEST_F(EnterpriseRules, WithoutAUnitThereIsNoPlacement) {
  AddEnterprise(1);
  EXPECT_EQ(Sql("SELECT count(*) FROM placements"), "0");
}

TEST_F(EnterpriseRules, CodesOfVillageCollectivesAreAsGoodAsAny) {
  EXPECT_THAT(Run(DecideCreateEnterprise, Request(Uscc(7, "N2")), official_), IsOk());
}

TEST_F(EnterpriseRules, AWrongCodeIsRefusedWithTheReason) {
  std::string uscc = Uscc(1);
  uscc.back() = uscc.back() == '0' ? '1' : '0';
  const absl::Status refusal = Run(DecideCreateEnterprise, Request(uscc), official_).status();
  EXPECT_THAT(refusal, RefusesField("enterprise.uscc"));
  EXPECT_THAT(test::TextOf(refusal), ::testing::HasSubstr("校验位"));
}

TEST_F(EnterpriseRules, ACodeIsHeldByOneEnterpriseOfTheTown) {
  const std::string holder = AddEnterprise(1);
  const absl::Status refusal = Run(DecideCreateEnterprise, Request(Uscc(1)), official_).status();
  EXPECT_THAT(refusal, Refused(errors::v1::USCC_TAKEN));
  EXPECT_EQ(test::MetadataOf(refusal, "enterprise"), holder);
  EXPECT_EQ(test::MetadataOf(refusal, "enterprise_zh"), "示例1号有限公司");
  // Whoever may not register learns nothing of it.
  EXPECT_THAT(Run(DecideCreateEnterprise, Request(Uscc(1)), resident_),
              Refused(errors::v1::FORBIDDEN));
  // The branch in another town is another enterprise.
  v1::CreateEnterpriseRequest elsewhere = Request(Uscc(1));
  elsewhere.set_parent(kOtherTown);
  EXPECT_THAT(Run(DecideCreateEnterprise, elsewhere, stranger_), IsOk());
}

TEST_F(EnterpriseRules, TheUnitIsALiveOneOfTheTown) {
  EXPECT_THAT(Run(DecideCreateEnterprise, Request(Uscc(1), UnitName("330481003099")), official_),
              Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Run(DecideCreateEnterprise, Request(Uscc(1), "towns/330481001/units/330481001003"),
                  official_),
              Refused(errors::v1::NOT_FOUND));
  v1::MergeUnitRequest merge;
  merge.set_name(unit_);
  merge.set_successor(other_unit_);
  ASSERT_THAT(Run(DecideMergeUnit, merge, admin_), IsOk());
  EXPECT_THAT(Run(DecideCreateEnterprise, Request(Uscc(1), unit_), official_),
              Refused(errors::v1::UNIT_RETIRED));
}

TEST_F(EnterpriseRules, TheOfficialChangesAllButCodeAndUnit) {
  const std::string name = AddEnterprise(1, unit_);
  v1::UpdateEnterpriseRequest request = Update(name);
  request.mutable_enterprise()->set_display_name("改名后的示例公司");
  request.mutable_enterprise()->set_above_scale(true);
  request.mutable_enterprise()->set_office_phone("0573-11111111");
  const auto updated = Run(DecideUpdateEnterprise, request, official_);
  ASSERT_THAT(updated, IsOk());
  EXPECT_TRUE(updated->above_scale());
  EXPECT_EQ(updated->uscc(), Uscc(1));
  for (const char* path : {"uscc", "unit"}) {
    v1::UpdateEnterpriseRequest fixed = Update(name);
    fixed.mutable_enterprise()->set_uscc(Uscc(2));
    fixed.mutable_enterprise()->set_unit(other_unit_);
    fixed.mutable_update_mask()->add_paths(path);
    EXPECT_THAT(Run(DecideUpdateEnterprise, fixed, official_), RefusesField("update_mask")) << path;
  }
}

TEST_F(EnterpriseRules, WhatWasReadMayBeSentBackWhole) {
  const std::string name = AddEnterprise(1, unit_);
  ASSERT_THAT(Move(name, other_unit_, Day(2026, 11, 25), official_), IsOk());
  clock().Advance(absl::Hours(72));
  // The move has come into force meanwhile, and is what a reader sees.
  v1::UpdateEnterpriseRequest request;
  *request.mutable_enterprise() = Get(kEnterprises, name);
  EXPECT_EQ(request.enterprise().unit(), unit_);
  request.mutable_enterprise()->set_unit(other_unit_);
  request.mutable_enterprise()->set_address("海昌路 2 号");
  const auto updated = Run(DecideUpdateEnterprise, request, official_);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->unit(), other_unit_);
}

TEST_F(EnterpriseRules, ItsManagerChangesTheContactsOnly) {
  const std::string name = AddEnterprise(1, unit_);
  const rpc::Caller manager = PersonWith(v1::ENTERPRISE_MANAGER, name);
  v1::UpdateEnterpriseRequest contacts = Update(name);
  contacts.mutable_enterprise()->set_office_phone("0573-22222222");
  const auto updated = Run(DecideUpdateEnterprise, contacts, manager);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->office_phone(), "0573-22222222");
  contacts.mutable_enterprise()->set_address("别处");
  EXPECT_THAT(Run(DecideUpdateEnterprise, contacts, manager), Refused(errors::v1::FORBIDDEN));
  EXPECT_EQ(Get(kEnterprises, name).address(), "");
}

TEST_F(EnterpriseRules, OthersMayReadButNotChange) {
  const std::string name = AddEnterprise(1, unit_);
  v1::UpdateEnterpriseRequest request = Update(name);
  request.mutable_enterprise()->set_office_phone("1");
  const rpc::Caller other_manager = PersonWith(v1::ENTERPRISE_MANAGER, AddEnterprise(2));
  const rpc::Caller worker = PersonWith(v1::VILLAGE_WORKER, unit_);
  for (const rpc::Caller& caller : {other_manager, worker, resident_, stranger_, city_official_}) {
    EXPECT_THAT(Run(DecideUpdateEnterprise, request, caller), Refused(errors::v1::FORBIDDEN));
  }
}

TEST_F(EnterpriseRules, AStaleCopyChangesNothing) {
  const std::string name = AddEnterprise(1);
  v1::UpdateEnterpriseRequest request = Update(name);
  request.mutable_enterprise()->set_address("甲");
  request.mutable_enterprise()->set_etag("1");
  ASSERT_THAT(Run(DecideUpdateEnterprise, request, official_), IsOk());
  EXPECT_THAT(Run(DecideUpdateEnterprise, request, official_), Refused(errors::v1::STALE_ETAG));
}

TEST_F(EnterpriseRules, AnEnterpriseThatIsNotThereIsNotFound) {
  const std::string name = kTown + "/enterprises/018f0000-0000-7000-8000-000000000000";
  EXPECT_THAT(Run(DecideUpdateEnterprise, Update(name), official_), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Move(name, unit_, Today(), official_), Refused(errors::v1::NOT_FOUND));
}

TEST_F(EnterpriseRules, MovesAreHistory) {
  const std::string name = AddEnterprise(1, unit_);
  clock().Advance(absl::Hours(24));
  const auto moved = Move(name, other_unit_, Day(2026, 11, 24), official_);
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(Get(kEnterprises, name).unit(), other_unit_);
  EXPECT_EQ(Sql("SELECT count(*) FROM placements"), "2");
}

TEST_F(EnterpriseRules, AMoveToComeLeavesTheEnterpriseWhereItIs) {
  const std::string name = AddEnterprise(1, unit_);
  ASSERT_THAT(Move(name, other_unit_, Day(2026, 12, 1), official_), IsOk());
  EXPECT_EQ(Get(kEnterprises, name).unit(), unit_);
}

TEST_F(EnterpriseRules, AMoveMadeLaterOnTheSameDayMendsTheFirst) {
  const std::string name = AddEnterprise(1, unit_);
  clock().Advance(absl::Minutes(5));
  ASSERT_THAT(Move(name, other_unit_, Today(), official_), IsOk());
  EXPECT_EQ(Get(kEnterprises, name).unit(), other_unit_);
}

TEST_F(EnterpriseRules, MovesGoForwardOnly) {
  const std::string name = AddEnterprise(1, unit_);
  EXPECT_THAT(Move(name, other_unit_, Day(2026, 11, 22), official_), RefusesField("start_date"));
  ASSERT_THAT(Move(name, other_unit_, Day(2026, 12, 1), official_), IsOk());
  EXPECT_THAT(Move(name, unit_, Day(2026, 11, 30), official_),
              Refused(errors::v1::PLACEMENT_NOT_LATER));
}

TEST_F(EnterpriseRules, OnlyTheTownsOfficialMoves) {
  const std::string name = AddEnterprise(1, unit_);
  const rpc::Caller manager = PersonWith(v1::ENTERPRISE_MANAGER, name);
  for (const rpc::Caller& caller : {manager, resident_, stranger_, city_official_}) {
    EXPECT_THAT(Move(name, other_unit_, Today(), caller), Refused(errors::v1::FORBIDDEN));
  }
  EXPECT_THAT(Move(name, UnitName("330481003099"), Today(), official_),
              Refused(errors::v1::NOT_FOUND));
}

// Who sees code and contacts, as domain rules list them.
TEST_F(EnterpriseRules, CodeAndContactsAreShownToWhomTheyConcern) {
  const std::string name = AddEnterprise(1, grid_);
  const v1::Enterprise enterprise = Get(kEnterprises, name);
  struct Row {
    const char* who;
    v1::Role role;
    std::string scope;
    bool sees;
  };
  const Row rows[] = {
      {"its manager", v1::ENTERPRISE_MANAGER, name, true},
      {"the worker of its grid's community", v1::VILLAGE_WORKER, unit_, true},
      {"the town's official", v1::TOWN_OFFICIAL, kTown, true},
      {"the city's official", v1::CITY_OFFICIAL, "towns/330481000", true},
      {"the manager of another", v1::ENTERPRISE_MANAGER, AddEnterprise(2), false},
      {"the worker of another community", v1::VILLAGE_WORKER, other_unit_, false},
      {"the official of another town", v1::TOWN_OFFICIAL, kOtherTown, false},
      {"the official of another city", v1::CITY_OFFICIAL, "towns/330482000", false},
      {"an employee", v1::EMPLOYEE_ROLE, name, false},
      {"a resident", v1::RESIDENT_ROLE, unit_, false},
      {"a platform admin", v1::PLATFORM_ADMIN, "towns/000000000", false},
  };
  for (const Row& row : rows) {
    v1::Grant grant;
    grant.set_role(row.role);
    grant.set_scope(row.scope);
    const v1::Enterprise shown = ShownTo(service::Roles({grant}), enterprise, grid_);
    EXPECT_EQ(!shown.uscc().empty(), row.sees) << row.who;
    EXPECT_EQ(!shown.office_phone().empty(), row.sees) << row.who;
    EXPECT_EQ(shown.display_name(), enterprise.display_name()) << row.who;
    EXPECT_EQ(shown.unit(), grid_) << row.who;
  }
}

}  // namespace
}  // namespace pingan::directory
