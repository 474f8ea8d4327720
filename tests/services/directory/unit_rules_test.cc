// Towns and their units: who opens, changes and merges them, and what ids say.
#include "services/directory/unit_rules.h"

#include <string>

#include "services/directory/placement_rules.h"
#include "services/directory/town_rules.h"
#include "tests/services/directory/directory_fixture.h"

namespace pingan::directory {
namespace {

using ::testing::AllOf;

class TownRules : public DirectoryFixture {
 protected:
  absl::StatusOr<v1::Town> Create(const std::string& id, const rpc::Caller& caller) {
    v1::CreateTownRequest request;
    request.set_town_id(id);
    request.mutable_town()->set_display_name("丁桥镇");
    return RunIn<v1::CreateTownRequest, v1::Town>(id, DecideCreateTown, request, caller);
  }
};

TEST_F(TownRules, OnlyPlatformAdminsOpenTowns) {
  EXPECT_THAT(Create("330481108", resident_), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Create("330481108", official_), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Create("330481108", city_official_), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Create("330481108", Anyone()), Refused(errors::v1::FORBIDDEN));
  const auto town = Create("330481108", admin_);
  ASSERT_THAT(town, IsOk());
  EXPECT_EQ(Get(kTowns, "towns/330481108").display_name(), "丁桥镇");
}

TEST_F(TownRules, CitiesAndTheCountryAreTownsToo) {
  EXPECT_THAT(Create("330481000", admin_), IsOk());
  EXPECT_THAT(Create("000000000", admin_), IsOk());
}

TEST_F(TownRules, ACodeIsTakenOnce) {
  EXPECT_THAT(Create("330481003", admin_), Refused(errors::v1::ALREADY_EXISTS));
}

TEST(UnitIds, SayWhatKindOfUnitTheyAreOf) {
  struct Row {
    const char* id;
    std::vector<v1::UnitKind> kinds;
  };
  const Row rows[] = {
      {"330481003005", {v1::VILLAGE, v1::COMMUNITY}},
      {"330481003X01", {v1::INDUSTRIAL_COMMUNITY}},
      {"330481003005-01", {v1::GRID}},
      {"330481003X01-04", {v1::GRID}},
      {"330481003005-01-02", {v1::MICRO_GRID}},
  };
  for (const Row& row : rows) {
    for (int kind = v1::UnitKind_MIN; kind <= v1::UnitKind_MAX; ++kind) {
      const bool fits = std::find(row.kinds.begin(), row.kinds.end(), kind) != row.kinds.end();
      EXPECT_EQ(KindFitsId(static_cast<v1::UnitKind>(kind), row.id), fits) << row.id << " " << kind;
    }
  }
}

TEST(UnitIds, SayWhichUnitIsAbove) {
  EXPECT_EQ(ParentUnitOf("towns/330481003/units/330481003005"), "");
  EXPECT_EQ(ParentUnitOf("towns/330481003/units/330481003005-01"),
            "towns/330481003/units/330481003005");
  EXPECT_EQ(ParentUnitOf("towns/330481003/units/330481003X01-01-02"),
            "towns/330481003/units/330481003X01-01");
}

class UnitRules : public DirectoryFixture {
 protected:
  v1::CreateUnitRequest Request(const std::string& id, v1::UnitKind kind) {
    v1::CreateUnitRequest request;
    request.set_parent(kTown);
    request.set_unit_id(id);
    request.mutable_unit()->set_kind(kind);
    request.mutable_unit()->set_display_name("隆兴社区");
    return request;
  }
  absl::StatusOr<v1::Unit> Create(const std::string& id, v1::UnitKind kind,
                                  const rpc::Caller& caller) {
    return Run(DecideCreateUnit, Request(id, kind), caller);
  }
  absl::StatusOr<v1::Unit> Rename(const std::string& unit, const std::string& name,
                                  const rpc::Caller& caller, const std::string& etag = "") {
    v1::UpdateUnitRequest request;
    request.mutable_unit()->set_name(unit);
    request.mutable_unit()->set_display_name(name);
    request.mutable_unit()->set_etag(etag);
    return Run(DecideUpdateUnit, request, caller);
  }
  absl::StatusOr<v1::Unit> Merge(const std::string& unit, const std::string& successor,
                                 const rpc::Caller& caller) {
    v1::MergeUnitRequest request;
    request.set_name(unit);
    request.set_successor(successor);
    return Run(DecideMergeUnit, request, caller);
  }
};

TEST_F(UnitRules, TheTownsOfficialCreatesUnits) {
  for (const rpc::Caller& caller : {resident_, stranger_, city_official_, admin_}) {
    EXPECT_THAT(Create("330481003005", v1::COMMUNITY, caller), Refused(errors::v1::FORBIDDEN));
  }
  const auto unit = Create("330481003005", v1::COMMUNITY, official_);
  ASSERT_THAT(unit, IsOk());
  EXPECT_EQ(unit->name(), kTown + "/units/330481003005");
  EXPECT_EQ(unit->parent_unit(), "");
  EXPECT_EQ(unit->etag(), "1");
  EXPECT_THAT(Create("330481003005", v1::COMMUNITY, official_),
              Refused(errors::v1::ALREADY_EXISTS));
}

TEST_F(UnitRules, ATownThatIsNotThereHasNoUnits) {
  v1::CreateUnitRequest request = Request("330481999005", v1::COMMUNITY);
  request.set_parent("towns/330481999");
  EXPECT_THAT(Run(DecideCreateUnit, request, official_), Refused(errors::v1::NOT_FOUND));
}

TEST_F(UnitRules, IdsAreOfTheTownAndOfTheKind) {
  EXPECT_THAT(Create("330481001005", v1::COMMUNITY, official_),
              AllOf(Refused(errors::v1::INVALID_FIELD), RefusesField("unit_id")));
  EXPECT_THAT(Create("330481003005", v1::GRID, official_),
              AllOf(Refused(errors::v1::INVALID_FIELD), RefusesField("unit.kind")));
}

TEST_F(UnitRules, GridsStandBelowLiveUnits) {
  EXPECT_THAT(Create("330481003005-01", v1::GRID, official_), Refused(errors::v1::NOT_FOUND));
  ASSERT_THAT(Create("330481003005", v1::COMMUNITY, official_), IsOk());
  ASSERT_THAT(Create("330481003006", v1::COMMUNITY, official_), IsOk());
  const auto grid = Create("330481003005-01", v1::GRID, official_);
  ASSERT_THAT(grid, IsOk());
  EXPECT_EQ(grid->parent_unit(), UnitName("330481003005"));
  ASSERT_THAT(Merge(UnitName("330481003005"), UnitName("330481003006"), admin_), IsOk());
  EXPECT_THAT(Create("330481003005-02", v1::GRID, official_), Refused(errors::v1::UNIT_RETIRED));
}

TEST_F(UnitRules, NamesChangeByTheOfficialWhoSawTheNewest) {
  const std::string unit = AddUnit("330481003005", v1::COMMUNITY);
  EXPECT_THAT(Rename(unit, "新隆兴社区", resident_), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Rename(unit, "新隆兴社区", official_, "7"), Refused(errors::v1::STALE_ETAG));
  const auto renamed = Rename(unit, "新隆兴社区", official_, "1");
  ASSERT_THAT(renamed, IsOk());
  EXPECT_EQ(renamed->display_name(), "新隆兴社区");
  EXPECT_EQ(renamed->etag(), "2");
  EXPECT_THAT(Rename(UnitName("330481003009"), "没有", official_), Refused(errors::v1::NOT_FOUND));
}

TEST_F(UnitRules, KindAndSuccessorAreNoFieldsToChange) {
  v1::UpdateUnitRequest request;
  request.mutable_unit()->set_name(AddUnit("330481003005", v1::COMMUNITY));
  request.mutable_unit()->set_kind(v1::VILLAGE);
  request.mutable_update_mask()->add_paths("kind");
  request.mutable_update_mask()->add_paths("successor");
  EXPECT_THAT(Run(DecideUpdateUnit, request, official_), RefusesField("update_mask"));
}

TEST_F(UnitRules, OnlyPlatformAdminsMerge) {
  const std::string old = AddUnit("330481003005", v1::VILLAGE);
  const std::string successor = AddUnit("330481003006", v1::COMMUNITY, "双联社区");
  EXPECT_THAT(Merge(old, successor, official_), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(Merge(old, successor, city_official_), Refused(errors::v1::FORBIDDEN));
  const auto merged = Merge(old, successor, admin_);
  ASSERT_THAT(merged, IsOk());
  EXPECT_EQ(merged->successor(), successor);
}

TEST_F(UnitRules, AMergedUnitTakesNothingNewAndNamesItsSuccessor) {
  const std::string old = AddUnit("330481003005", v1::VILLAGE, "隆兴村");
  const std::string successor = AddUnit("330481003006", v1::COMMUNITY, "双联社区");
  ASSERT_THAT(Merge(old, successor, admin_), IsOk());
  const absl::Status refusal = Merge(old, successor, admin_).status();
  EXPECT_THAT(refusal, Refused(errors::v1::UNIT_RETIRED));
  EXPECT_EQ(test::MetadataOf(refusal, "successor"), successor);
  EXPECT_EQ(test::TextOf(refusal), "该单位已撤并，现为 双联社区");
  EXPECT_THAT(Rename(old, "再起的名", official_), Refused(errors::v1::UNIT_RETIRED));
  EXPECT_THAT(Merge(successor, old, admin_), Refused(errors::v1::UNIT_RETIRED));
}

TEST_F(UnitRules, TheSuccessorIsAnotherUnitOfTheSameLevelAndTown) {
  const std::string old = AddUnit("330481003005", v1::VILLAGE);
  const std::string grid = AddUnit("330481003005-01", v1::GRID);
  EXPECT_THAT(Merge(old, old, admin_), RefusesField("successor"));
  EXPECT_THAT(Merge(old, grid, admin_), RefusesField("successor"));
  EXPECT_THAT(Merge(old, UnitName("330481003099"), admin_), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Merge(old, "towns/330481001/units/330481001003", admin_),
              Refused(errors::v1::NOT_FOUND));
}

TEST_F(UnitRules, GridsEndWithTheirUnit) {
  const std::string old = AddUnit("330481003005", v1::VILLAGE);
  const std::string grid = AddUnit("330481003005-01", v1::GRID);
  const std::string micro_grid = AddUnit("330481003005-01-01", v1::MICRO_GRID);
  const std::string successor = AddUnit("330481003006", v1::COMMUNITY);
  ASSERT_THAT(Merge(old, successor, admin_), IsOk());
  EXPECT_EQ(Get(kUnits, grid).successor(), successor);
  EXPECT_EQ(Get(kUnits, micro_grid).successor(), successor);
}

TEST_F(UnitRules, AGridMergedBeforeKeepsItsOwnSuccessor) {
  const std::string old = AddUnit("330481003005", v1::VILLAGE);
  const std::string grid = AddUnit("330481003005-01", v1::GRID);
  const std::string successor = AddUnit("330481003006", v1::COMMUNITY);
  const std::string its_grid = AddUnit("330481003006-01", v1::GRID);
  ASSERT_THAT(Merge(grid, its_grid, admin_), IsOk());
  ASSERT_THAT(Merge(old, successor, admin_), IsOk());
  EXPECT_EQ(Get(kUnits, grid).successor(), its_grid);
}

class MergedEnterprises : public UnitRules {
 protected:
  // Where the enterprise is, by its placements, on a day.
  std::string UnitOn(const std::string& enterprise, const google::type::Date& day) {
    std::string unit;
    EXPECT_THAT(Act("330481003",
                    [&](db::UnitOfWork& work) {
                      unit = directory::UnitOn(
                          day, work.List(kPlacementsOf, enterprise, db::kAll, enterprise));
                      return absl::OkStatus();
                    }),
                IsOk());
    return unit;
  }

  const std::string old_ = AddUnit("330481003005", v1::VILLAGE);
  const std::string grid_ = AddUnit("330481003005-01", v1::GRID);
  const std::string successor_ = AddUnit("330481003006", v1::COMMUNITY);
  const std::string elsewhere_ = AddUnit("330481003007", v1::COMMUNITY);
};

TEST_F(MergedEnterprises, BelongToTheSuccessorFromTheDayOfTheMerger) {
  const std::string in_unit = AddEnterprise(1, old_);
  const std::string in_grid = AddEnterprise(2, grid_);
  clock().Advance(absl::Hours(24));
  ASSERT_THAT(Merge(old_, successor_, admin_), IsOk());
  for (const std::string& enterprise : {in_unit, in_grid}) {
    EXPECT_EQ(Get(kEnterprises, enterprise).unit(), successor_);
    EXPECT_EQ(UnitOn(enterprise, Day(2026, 11, 24)), successor_);
  }
  EXPECT_EQ(UnitOn(in_unit, Day(2026, 11, 23)), old_);
  EXPECT_EQ(UnitOn(in_grid, Day(2026, 11, 23)), grid_);
}

TEST_F(MergedEnterprises, WhoLeftStaysWhereTheyAre) {
  const std::string enterprise = AddEnterprise(1, old_);
  clock().Advance(absl::Hours(24));
  ASSERT_THAT(Move(enterprise, elsewhere_, Day(2026, 11, 24), official_), IsOk());
  ASSERT_THAT(Merge(old_, successor_, admin_), IsOk());
  EXPECT_EQ(Get(kEnterprises, enterprise).unit(), elsewhere_);
  EXPECT_EQ(UnitOn(enterprise, Day(2027, 1, 1)), elsewhere_);
}

TEST_F(MergedEnterprises, WhoIsToComeComesToTheSuccessor) {
  const std::string enterprise = AddEnterprise(1, elsewhere_);
  ASSERT_THAT(Move(enterprise, old_, Day(2026, 12, 1), official_), IsOk());
  clock().Advance(absl::Hours(24));
  ASSERT_THAT(Merge(old_, successor_, admin_), IsOk());
  EXPECT_EQ(UnitOn(enterprise, Day(2026, 11, 30)), elsewhere_);
  EXPECT_EQ(UnitOn(enterprise, Day(2026, 12, 1)), successor_);
  EXPECT_EQ(Get(kEnterprises, enterprise).unit(), elsewhere_);
}

}  // namespace
}  // namespace pingan::directory
