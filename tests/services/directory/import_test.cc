// Imports, as a town's official sends files: what is said of every row, and what becomes of the
// town.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/directory/enterprise_import.h"
#include "services/directory/unit_import.h"
#include "tests/services/directory/directory_fixture.h"

namespace pingan::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// created, updated, unchanged, skipped, rejected
std::vector<int> Counts(const service::ImportReport& report) {
  return {report.created(), report.updated(), report.unchanged(), report.skipped(),
          report.rejected()};
}

// "2 CREATED", one a row.
std::vector<std::string> Outcomes(const service::ImportReport& report) {
  std::vector<std::string> outcomes;
  for (const auto& row : report.rows()) {
    outcomes.push_back(
        absl::StrCat(row.line(), " ", imports::v1::ImportOutcome_Name(row.outcome())));
  }
  return outcomes;
}

class Imports : public DirectoryFixture {
 protected:
  Imports() { ServeDirectory(); }

  enum Mode { kReally, kDryRun };

  absl::StatusOr<service::ImportReport> ImportUnits(const std::string& csv,
                                                    const rpc::Caller& caller, Mode mode = kReally,
                                                    const std::string& request_id = "") {
    v1::ImportUnitsRequest request;
    request.set_parent(kTown);
    request.set_csv(csv);
    request.set_validate_only(mode == kDryRun);
    request.set_request_id(request_id);
    return Call(&v1::DirectoryService::Stub::ImportUnits, request, caller);
  }
  absl::StatusOr<service::ImportReport> ImportEnterprises(const std::string& csv,
                                                          const rpc::Caller& caller,
                                                          Mode mode = kReally,
                                                          const std::string& request_id = "") {
    v1::ImportEnterprisesRequest request;
    request.set_parent(kTown);
    request.set_csv(csv);
    request.set_validate_only(mode == kDryRun);
    request.set_request_id(request_id);
    return Call(&v1::DirectoryService::Stub::ImportEnterprises, request, caller);
  }
  // Of the official, and it must not be refused.
  service::ImportReport Units(const std::string& csv, Mode mode = kReally) {
    const auto report = ImportUnits(csv, official_, mode);
    EXPECT_THAT(report, IsOk());
    return report.value_or(service::ImportReport());
  }
  service::ImportReport Enterprises(const std::string& csv, Mode mode = kReally) {
    const auto report = ImportEnterprises(csv, official_, mode);
    EXPECT_THAT(report, IsOk());
    return report.value_or(service::ImportReport());
  }
};

// --- units

constexpr char kUnitsHeader[] = "code,name,streetCode,streetName\n";
constexpr char kUnitsCsv[] =
    "code,name,streetCode,streetName\n"
    "330481001003,东山社区居委会,330481001,硖石街道\n"
    "330481003005,隆兴社区居委会,330481003,海昌街道\n"
    "330481003013,双联社区居民委员会,330481003,海昌街道\n"
    "330481003200,迎丰村委会,330481003,海昌街道\n";

TEST(OfficialNames, SayKindAndEverydayName) {
  struct Row {
    const char* official;
    v1::UnitKind kind;
    const char* everyday;
  };
  const Row rows[] = {
      {"隆兴社区居委会", v1::COMMUNITY, "隆兴社区"},
      {"双联社区居民委员会", v1::COMMUNITY, "双联社区"},
      {"荷叶村委会", v1::VILLAGE, "荷叶村"},
      {"荷叶村村委会", v1::VILLAGE, "荷叶村"},
      {"荷叶村民委员会", v1::VILLAGE, "荷叶村"},
      {"荷叶村村民委员会", v1::VILLAGE, "荷叶村"},
      {"尖山新区社区", v1::COMMUNITY, "尖山新区社区"},
      {"荷叶村", v1::VILLAGE, "荷叶村"},
      {"老街居委会", v1::COMMUNITY, "老街居委会"},
  };
  for (const Row& row : rows) {
    const auto named = ReadOfficialName(row.official);
    ASSERT_TRUE(named.has_value()) << row.official;
    EXPECT_EQ(named->kind, row.kind) << row.official;
    EXPECT_EQ(named->display_name, row.everyday);
  }
  EXPECT_FALSE(ReadOfficialName("海宁市皮革城").has_value());
}

TEST_F(Imports, ATownTakesItsOwnRowsOfTheCitysList) {
  const service::ImportReport report = Units(kUnitsCsv);
  EXPECT_THAT(Outcomes(report), ElementsAre("2 SKIPPED", "3 CREATED", "4 CREATED", "5 CREATED"));
  EXPECT_THAT(Counts(report), ElementsAre(3, 0, 0, 1, 0));
  EXPECT_THAT(report.rows(0).reason(), HasSubstr("硖石街道"));
  EXPECT_EQ(report.encoding(), "UTF-8");
  const v1::Unit unit = Get(kUnits, UnitName("330481003013"));
  EXPECT_EQ(unit.display_name(), "双联社区");
  EXPECT_EQ(unit.kind(), v1::COMMUNITY);
  EXPECT_EQ(Get(kUnits, UnitName("330481003200")).kind(), v1::VILLAGE);
}

TEST_F(Imports, ADryRunSaysTheSameAndChangesNothing) {
  const service::ImportReport dry = Units(kUnitsCsv, kDryRun);
  EXPECT_TRUE(dry.validate_only());
  EXPECT_THAT(Counts(dry), ElementsAre(3, 0, 0, 1, 0));
  EXPECT_EQ(dry.rows(1).name(), UnitName("330481003005"));
  EXPECT_EQ(Sql("SELECT count(*) FROM units"), "0");
}

TEST_F(Imports, ASecondTimeChangesNothing) {
  Units(kUnitsCsv);
  const int64_t changes = Changes();
  EXPECT_THAT(Counts(Units(kUnitsCsv)), ElementsAre(0, 0, 3, 1, 0));
  EXPECT_EQ(Changes(), changes);
}

TEST_F(Imports, ANewNameIsAnUpdate) {
  Units(kUnitsCsv);
  const std::string renamed = absl::StrReplaceAll(kUnitsCsv, {{"迎丰村", "新丰村"}});
  EXPECT_THAT(Counts(Units(renamed, kDryRun)), ElementsAre(0, 1, 2, 1, 0));
  EXPECT_EQ(Get(kUnits, UnitName("330481003200")).display_name(), "迎丰村");
  EXPECT_THAT(Counts(Units(renamed)), ElementsAre(0, 1, 2, 1, 0));
  EXPECT_EQ(Get(kUnits, UnitName("330481003200")).display_name(), "新丰村");
}

TEST_F(Imports, BadUnitRowsAreNamedAndGoodOnesKept) {
  const service::ImportReport report =
      Units(absl::StrCat(kUnitsHeader,
                         "33048100300,隆兴社区居委会,330481003,海昌街道\n"
                         "330481003005,隆兴社区居委会,330481001,海昌街道\n"
                         "330481003006,海宁皮革城,330481003,海昌街道\n"
                         "330481003X01,钱江工业社区,330481003,海昌街道\n"
                         "330481003007,双喜村委会,330481003,海昌街道\n"
                         "330481003007,双喜村委会,330481003,海昌街道\n"));
  EXPECT_THAT(Outcomes(report), ElementsAre("2 REJECTED", "3 REJECTED", "4 REJECTED", "5 REJECTED",
                                            "6 CREATED", "7 SKIPPED"));
  EXPECT_EQ(report.rows(0).column(), "code");
  EXPECT_EQ(report.rows(1).column(), "streetCode");
  EXPECT_EQ(report.rows(2).column(), "name");
  EXPECT_THAT(report.rows(5).reason(), HasSubstr("第6行"));
}

TEST_F(Imports, MergedUnitsAndOtherKindsAreLeftAlone) {
  Units(kUnitsCsv);
  v1::MergeUnitRequest merge;
  merge.set_name(UnitName("330481003005"));
  merge.set_successor(UnitName("330481003013"));
  ASSERT_THAT(Run(DecideMergeUnit, merge, admin_), IsOk());
  const service::ImportReport report =
      Units(absl::StrReplaceAll(kUnitsCsv, {{"迎丰村委会", "迎丰社区居委会"}}));
  EXPECT_THAT(Outcomes(report), ElementsAre("2 SKIPPED", "3 SKIPPED", "4 UNCHANGED", "5 REJECTED"));
}

// --- enterprises

constexpr char kHeader[] = "名称,统一社会信用代码,地址,规上,村社,党组织,办公电话\n";

std::string Line(int number, absl::string_view unit = "", absl::string_view address = "海昌路1号") {
  return absl::StrCat("示例", number, "号有限公司,", Uscc(number), ",", address, ",是,", unit,
                      ",,0573-00000000\n");
}

class EnterpriseImports : public Imports {
 protected:
  const std::string unit_ = AddUnit("330481003005", v1::COMMUNITY, "隆兴社区");
  const std::string other_unit_ = AddUnit("330481003006", v1::COMMUNITY, "双联社区");
};

TEST_F(EnterpriseImports, GoodRowsAreNotLostForBadOnes) {
  std::string wrong = Line(9);
  const std::string right_code = Uscc(9);
  std::string wrong_code = right_code;
  wrong_code.back() = wrong_code.back() == '0' ? '1' : '0';
  wrong = absl::StrReplaceAll(wrong, {{right_code, wrong_code}});
  const std::string csv = absl::StrCat(
      kHeader, Line(1, "330481003005"), wrong, Line(2), Line(1), "示例村股份经济合作社,",
      Uscc(3, "N2"), ",,否,双联社区居委会,,\n", Line(4, "不存在村"), Line(5, "330481003099"));
  const service::ImportReport dry = Enterprises(csv, kDryRun);
  EXPECT_THAT(Outcomes(dry), ElementsAre("2 CREATED", "3 REJECTED", "4 CREATED", "5 SKIPPED",
                                         "6 CREATED", "7 REJECTED", "8 REJECTED"));
  EXPECT_EQ(dry.rows(1).column(), "统一社会信用代码");
  EXPECT_THAT(dry.rows(1).reason(), HasSubstr("校验"));
  EXPECT_THAT(dry.rows(3).reason(), HasSubstr("第2行"));
  EXPECT_EQ(dry.rows(5).column(), "村社");
  EXPECT_EQ(Sql("SELECT count(*) FROM enterprises"), "0");

  const service::ImportReport report = Enterprises(csv);
  EXPECT_EQ(Outcomes(report), Outcomes(dry));
  EXPECT_THAT(Counts(report), ElementsAre(3, 0, 0, 1, 3));
  const v1::Enterprise first = Get(kEnterprises, report.rows(0).name());
  EXPECT_EQ(first.unit(), unit_);
  EXPECT_TRUE(first.above_scale());
  EXPECT_EQ(Get(kEnterprises, report.rows(4).name()).unit(), other_unit_);
  EXPECT_EQ(Sql("SELECT count(*) FROM placements"), "2");
}

TEST_F(EnterpriseImports, ASecondTimeChangesNothing) {
  const std::string csv =
      absl::StrCat(kHeader, Line(1, "330481003005"), Line(2, "隆兴社区"), Line(3));
  EXPECT_THAT(Counts(Enterprises(csv)), ElementsAre(3, 0, 0, 0, 0));
  const int64_t changes = Changes();
  clock().Advance(absl::Hours(24 * 30));
  EXPECT_THAT(Counts(Enterprises(csv)), ElementsAre(0, 0, 3, 0, 0));
  EXPECT_EQ(Changes(), changes);
}

TEST_F(EnterpriseImports, FilledCellsReplaceAndEmptyOnesLeave) {
  Enterprises(absl::StrCat(kHeader, Line(1, "330481003005")));
  const service::ImportReport report =
      Enterprises(absl::StrCat("name,uscc,address,above_scale\n改名的示例公司,", Uscc(1), ",,\n"));
  EXPECT_THAT(Outcomes(report), ElementsAre("2 UPDATED"));
  const v1::Enterprise enterprise = Get(kEnterprises, report.rows(0).name());
  EXPECT_EQ(enterprise.display_name(), "改名的示例公司");
  EXPECT_EQ(enterprise.address(), "海昌路1号");
  EXPECT_TRUE(enterprise.above_scale());
  EXPECT_EQ(enterprise.unit(), unit_);
}

TEST_F(EnterpriseImports, AnotherUnitIsAMoveFromToday) {
  Enterprises(absl::StrCat(kHeader, Line(1, "330481003005")));
  clock().Advance(absl::Hours(24));
  const service::ImportReport report =
      Enterprises(absl::StrCat(kHeader, Line(1, "双联社区", "海昌路2号")));
  EXPECT_THAT(Outcomes(report), ElementsAre("2 UPDATED"));
  const v1::Enterprise enterprise = Get(kEnterprises, report.rows(0).name());
  EXPECT_EQ(enterprise.unit(), other_unit_);
  EXPECT_EQ(enterprise.address(), "海昌路2号");
  EXPECT_EQ(Sql("SELECT start_date FROM placements ORDER BY start_date DESC"), "2026-11-24");
  // One that is to move already is not moved from today.
  ASSERT_THAT(Move(enterprise.name(), unit_, Day(2026, 12, 1), official_), IsOk());
  const service::ImportReport refused =
      Enterprises(absl::StrCat(kHeader, Line(1, "330481003005", "海昌路2号")));
  EXPECT_THAT(Outcomes(refused), ElementsAre("2 REJECTED"));
}

TEST_F(EnterpriseImports, UnitsThatAreGoneOrNotAloneAreNamed) {
  AddUnit("330481003007", v1::COMMUNITY, "双联社区");
  const std::string gone = AddUnit("330481003008", v1::COMMUNITY, "老社区");
  v1::MergeUnitRequest merge;
  merge.set_name(gone);
  merge.set_successor(unit_);
  ASSERT_THAT(Run(DecideMergeUnit, merge, admin_), IsOk());
  const service::ImportReport report = Enterprises(
      absl::StrCat(kHeader, Line(1, "双联社区"), Line(2, "330481003008"), Line(3, "老社区")));
  EXPECT_THAT(Outcomes(report), ElementsAre("2 REJECTED", "3 REJECTED", "4 REJECTED"));
  EXPECT_THAT(report.rows(0).reason(), HasSubstr("代码"));
  EXPECT_THAT(report.rows(1).reason(), HasSubstr("撤并"));
}

TEST_F(EnterpriseImports, CellsKeepTheRulesOfTheirFields) {
  const service::ImportReport report = Enterprises(
      absl::StrCat(kHeader, "某,", Uscc(1), ",,,,,\n示例公司,", Uscc(2), ",,也许,,,\n示例公司,",
                   Uscc(3), ",,,,,电话\n示例公司,", Uscc(4), ",", std::string(201, 'a'),
                   ",,,,\n示例公司,", Uscc(5), ",\"甲\n乙\",,,,\n示例公司,91,,,,,\n"));
  std::vector<std::string> columns;
  for (const auto& row : report.rows()) columns.push_back(row.column());
  EXPECT_THAT(columns, ElementsAre("名称", "规上", "办公电话", "地址", "地址", "统一社会信用代码"));
  EXPECT_THAT(Counts(report), ElementsAre(0, 0, 0, 0, 6));
}

TEST_F(EnterpriseImports, LongFilesGoInManyCommands) {
  std::string csv = kHeader;
  for (int i = 0; i < 250; ++i)
    absl::StrAppend(&csv, Line(i, i % 2 == 0 ? "330481003005" : "双联社区"));
  EXPECT_THAT(Counts(Enterprises(csv)), ElementsAre(250, 0, 0, 0, 0));
  const service::ImportReport again = Enterprises(csv);
  EXPECT_THAT(Counts(again), ElementsAre(0, 0, 250, 0, 0));
  for (int i = 0; i < again.rows_size(); ++i) EXPECT_EQ(again.rows(i).line(), i + 2);
}

TEST_F(EnterpriseImports, ARetryIsAnsweredAsTheFirstTime) {
  constexpr char kRequest[] = "7b0b7a52-4b5e-4c7e-9f0e-2f4b8f1f6a01";
  std::string csv = kHeader;
  for (int i = 0; i < 150; ++i) absl::StrAppend(&csv, Line(i));
  const auto first = ImportEnterprises(csv, official_, kReally, kRequest);
  ASSERT_THAT(first, IsOk());
  const auto second = ImportEnterprises(csv, official_, kReally, kRequest);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_THAT(ImportEnterprises(csv + Line(150), official_, kReally, kRequest),
              Refused(errors::v1::REQUEST_ID_REUSED));
  EXPECT_EQ(Sql("SELECT count(*) FROM enterprises"), "150");
}

// --- both

TEST_F(EnterpriseImports, OnlyTheTownsOfficialImports) {
  const rpc::Caller worker = PersonWith(v1::VILLAGE_WORKER, unit_);
  for (const rpc::Caller& caller : {resident_, worker, stranger_, city_official_, admin_}) {
    for (const Mode mode : {kReally, kDryRun}) {
      EXPECT_THAT(ImportUnits(kUnitsCsv, caller, mode), Refused(errors::v1::FORBIDDEN));
      EXPECT_THAT(ImportEnterprises(absl::StrCat(kHeader, Line(1)), caller, mode),
                  Refused(errors::v1::FORBIDDEN));
    }
  }
  EXPECT_THAT(ImportUnits(kUnitsCsv, Anyone()), Refused(errors::v1::NOT_SIGNED_IN));
  v1::ImportUnitsRequest request;
  request.set_parent("towns/330481999");
  request.set_csv(kUnitsCsv);
  EXPECT_THAT(Call(&v1::DirectoryService::Stub::ImportUnits, request, official_),
              Refused(errors::v1::NOT_FOUND));
}

TEST_F(EnterpriseImports, TheRulesAskForTheRightAgain) {
  rows::UnitChunk units;
  units.set_parent(kTown);
  EXPECT_THAT(Run(DecideImportUnits, units, resident_), Refused(errors::v1::FORBIDDEN));
  rows::EnterpriseChunk enterprises;
  enterprises.set_parent(kTown);
  EXPECT_THAT(Run(DecideImportEnterprises, enterprises, resident_), Refused(errors::v1::FORBIDDEN));
}

TEST_F(EnterpriseImports, WhatIsNoSuchFileIsRefusedWhole) {
  EXPECT_THAT(ImportUnits("甲,乙\n1,2\n", official_), RefusesField("csv"));
  EXPECT_THAT(ImportEnterprises("名称\n示例公司\n", official_), RefusesField("csv"));
}

TEST_F(EnterpriseImports, AFileOfAHeaderAloneIsAnEmptyReport) {
  EXPECT_THAT(Counts(Enterprises(kHeader)), ElementsAre(0, 0, 0, 0, 0));
}

}  // namespace
}  // namespace pingan::directory
