// A party's list of resources and needs, as its people send it.
#include <string>
#include <vector>

#include "pingan/exchange/v1/exchange.grpc.pb.h"
#include "services/exchange/exchange_service.h"
#include "tests/services/exchange/exchange_fixture.h"

namespace pingan::exchange {
namespace {

using test::IsOk;
using test::Refused;
using test::RefusesField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kHeader[] = "类型,类别,机制,名称,说明,数量,计量单位,开始日期,结束日期,公开时间\n";
constexpr char kCsv[] =
    "类型,类别,机制,名称,说明,数量,计量单位,开始日期,结束日期,公开时间\n"
    "资源,场地,资源联动,大会议室,\"可坐二百人,\n有投影\",200,座,2026-12-01,2026/12/31,\n"
    "资源,物资设备,资源联动,闲置座椅,,50,件,,,\n"
    "需求,安全宣讲,风险联防,反诈宣讲,,4,场次,,,2026-12-01 08:30\n";

class ImportTest : public ExchangeFixture {
 protected:
  void SetUp() override {
    ExchangeFixture::SetUp();
    Serve(ExchangeService::Make, {"directory", "pairing"});
    stub_ = v1::ExchangeService::NewStub(channel());
  }
  absl::StatusOr<imports::v1::ImportReport> Import(const std::string& csv,
                                                   const rpc::Caller& caller, bool dry = false,
                                                   const std::string& party = kBofei,
                                                   const std::string& request_id = "") {
    v1::ImportListingsRequest request;
    request.set_parent(kParent);
    request.set_party(party);
    request.set_csv(csv);
    request.set_validate_only(dry);
    request.set_request_id(request_id);
    return Ask(*stub_, &v1::ExchangeService::Stub::ImportListings, request, caller);
  }
  // "2 CREATED", one a row.
  std::vector<std::string> Outcomes(const std::string& csv, bool dry = false) {
    const auto report = Import(csv, manager_, dry);
    EXPECT_THAT(report, IsOk());
    std::vector<std::string> outcomes;
    for (const auto& row : report->rows())
      outcomes.push_back(
          absl::StrCat(row.line(), " ", imports::v1::ImportOutcome_Name(row.outcome())));
    return outcomes;
  }

  std::unique_ptr<v1::ExchangeService::Stub> stub_;
};

TEST_F(ImportTest, RowsBecomeDrafts) {
  const auto report = Import(kCsv, manager_);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->created(), 3);
  EXPECT_EQ(report->encoding(), "UTF-8");
  const v1::Listing hall = Get(kListings, report->rows(0).name());
  EXPECT_EQ(hall.state(), v1::DRAFT);
  EXPECT_EQ(hall.party(), kBofei);
  EXPECT_EQ(hall.direction(), v1::RESOURCE);
  EXPECT_EQ(hall.category(), v1::VENUE);
  EXPECT_EQ(hall.mechanism(), event::v1::RESOURCE);
  EXPECT_EQ(hall.description(), "可坐二百人,\n有投影");
  EXPECT_EQ(hall.quantity(), 200);
  EXPECT_EQ(hall.remaining(), 200);
  EXPECT_EQ(hall.measure(), v1::SEATS);
  EXPECT_EQ(hall.end_date().day(), 31);
  EXPECT_FALSE(hall.has_release_time());
  const v1::Listing talk = Get(kListings, report->rows(2).name());
  EXPECT_EQ(talk.direction(), v1::NEED);
  EXPECT_EQ(base::FromTimestamp(talk.release_time()),
            absl::FromCivil(absl::CivilSecond(2026, 12, 1, 8, 30), base::Shanghai()));
  EXPECT_THAT(Publish(talk.name(), manager_), IsOk());
}

TEST_F(ImportTest, ADryRunSaysTheSameAndChangesNothing) {
  EXPECT_THAT(Outcomes(kCsv, true), ElementsAre("2 CREATED", "4 CREATED", "5 CREATED"));
  EXPECT_EQ(Sql("SELECT count(*) FROM listings"), "0");
}

TEST_F(ImportTest, ASecondTimeChangesNothingAndAChangedRowIsAnUpdate) {
  Outcomes(kCsv);
  const int64_t changes = Changes();
  EXPECT_THAT(Outcomes(kCsv), ElementsAre("2 UNCHANGED", "4 UNCHANGED", "5 UNCHANGED"));
  EXPECT_EQ(Changes(), changes);
  const std::string changed = absl::StrCat(kHeader, "资源,场地,组织联建,大会议室,,180,座,,,\n");
  EXPECT_THAT(Outcomes(changed, true), ElementsAre("2 UPDATED"));
  EXPECT_EQ(Changes(), changes);
  const auto report = Import(changed, manager_);
  const v1::Listing hall = Get(kListings, report->rows(0).name());
  EXPECT_EQ(hall.quantity(), 180);
  EXPECT_EQ(hall.remaining(), 180);
  EXPECT_EQ(hall.mechanism(), event::v1::ORGANIZATION);
  EXPECT_EQ(hall.end_date().day(), 31) << "an empty cell leaves what is there";
  EXPECT_EQ(hall.description(), "可坐二百人,\n有投影");
}

TEST_F(ImportTest, PublishedOnesAreLeftAloneAndPastOnesMadeAnew) {
  const std::string name = Import(kCsv, manager_)->rows(1).name();
  ASSERT_THAT(Publish(name, manager_), IsOk());
  EXPECT_THAT(Outcomes(kCsv), ElementsAre("2 UNCHANGED", "4 SKIPPED", "5 UNCHANGED"));
  ASSERT_THAT(CloseListing(name, manager_), IsOk());
  EXPECT_THAT(Outcomes(kCsv), ElementsAre("2 UNCHANGED", "4 CREATED", "5 UNCHANGED"));
}

TEST_F(ImportTest, BadRowsAreNamedWithColumnAndReasonAndGoodOnesKept) {
  struct Row {
    const char* line;
    const char* column;
    const char* reason;
  };
  const Row rows[] = {
      {"赠送,场地,资源联动,会议室,,1,座,,,", "类型", "只能是：资源、需求"},
      {"资源,飞机,资源联动,会议室,,1,座,,,", "类别", "场地、志愿力量"},
      {"资源,场地,九联,会议室,,1,座,,,", "机制", "组织联建"},
      {"资源,场地,资源联动,会议室,,1,吨,,,", "计量单位", "人、件、座、场次、小时、项"},
      {"资源,场地,资源联动,会议室,,1,件,,,", "计量单位", "“场地”不能用"},
      {"资源,场地,资源联动,室,,1,座,,,", "名称", "2 到 100"},
      {"资源,场地,资源联动,\"会\n议室\",,1,座,,,", "名称", "换行"},
      {"资源,场地,资源联动,会议室,,0,座,,,", "数量", "1 到"},
      {"资源,场地,资源联动,会议室,,1.5,座,,,", "数量", "整数"},
      {"资源,场地,资源联动,会议室,,1000000001,座,,,", "数量", "1000000000"},
      {"资源,场地,资源联动,会议室,,1,座,明天,,", "开始日期", "2026-12-01"},
      {"资源,场地,资源联动,会议室,,1,座,2026-02-30,,", "开始日期", "2026-12-01"},
      {"资源,场地,资源联动,会议室,,1,座,1899-12-31,,", "开始日期", "2026-12-01"},
      {"资源,场地,资源联动,会议室,,1,座,,2201-01-01,", "结束日期", "2026-12-01"},
      {"资源,场地,资源联动,会议室,,1,座,2026-12-02,2026-12-01,", "结束日期", "不能早于"},
      {"需求,场地,资源联动,会议室,,1,座,,,尽快", "公开时间", "2026-12-01"},
      {"需求,场地,资源联动,会议室,,1,座,,,0001-01-01", "公开时间", "2026-12-01"},
      {"需求,场地,资源联动,会议室,,1,座,,,infinite-future", "公开时间", "2026-12-01"},
  };
  for (const Row& row : rows) {
    const auto report =
        Import(absl::StrCat(kHeader, row.line, "\n资源,其他,资源联动,好的一行,,1,项,,,\n"),
               manager_, /*dry=*/true);
    ASSERT_THAT(report, IsOk()) << row.line;
    ASSERT_EQ(report->rows_size(), 2) << row.line;
    EXPECT_EQ(report->rows(0).outcome(), imports::v1::REJECTED) << row.line;
    EXPECT_EQ(report->rows(0).line(), 2);
    EXPECT_EQ(report->rows(0).column(), row.column) << row.line;
    EXPECT_THAT(report->rows(0).reason(), HasSubstr(row.reason)) << row.line;
    EXPECT_EQ(report->created(), 1) << row.line;
  }
}

TEST_F(ImportTest, RepetitionsAndRowsThatDoNotFitTheirDraftAreSaid) {
  EXPECT_THAT(Outcomes(absl::StrCat(kHeader, "资源,其他,资源联动,同名,,1,项,,2026-12-31,\n",
                                    "资源,其他,资源联动,同名,,2,项,,,\n",
                                    "需求,其他,资源联动,同名,,2,项,,,\n")),
              ElementsAre("2 CREATED", "3 SKIPPED", "4 CREATED"));
  const auto report =
      Import(absl::StrCat(kHeader, "资源,其他,资源联动,同名,,1,项,2027-01-01,,\n"), manager_);
  EXPECT_EQ(report->rejected(), 1);
  EXPECT_THAT(report->rows(0).reason(), HasSubstr("草稿"));
}

TEST_F(ImportTest, OnlyThePartysPeopleImport) {
  for (const rpc::Caller& caller : {worker_, stranger_, official_, resident_})
    EXPECT_THAT(Import(kCsv, caller), Refused(errors::v1::NOT_PARTY));
  EXPECT_THAT(Import(kHeader, worker_), Refused(errors::v1::NOT_PARTY)) << "even of no rows";
  EXPECT_THAT(Import(kCsv, manager_, false, kElsewhere), Refused(errors::v1::UNKNOWN_PARTY));
  EXPECT_THAT(Import("名称\n座椅\n", manager_), RefusesField("csv"));
}

TEST_F(ImportTest, ALongFileIsTakenInChunksAndARetryFindsThem) {
  std::string csv = kHeader;
  for (int i = 0; i < 250; ++i) absl::StrAppend(&csv, "资源,其他,资源联动,第", i, "项,,1,项,,,\n");
  const std::string id = "0190a000-0000-4000-8000-000000000001";
  const auto first = Import(csv, manager_, false, kBofei, id);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->created(), 250);
  const auto again = Import(csv, manager_, false, kBofei, id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_THAT(Import(kCsv, manager_, false, kBofei, id), Refused(errors::v1::REQUEST_ID_REUSED));
  EXPECT_EQ(Sql("SELECT count(*) FROM listings"), "250");
}

}  // namespace
}  // namespace pingan::exchange
