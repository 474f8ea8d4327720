// DirectoryService over gRPC: what is read, by whom, in what order.
#include "services/directory/directory_service.h"

#include <string>
#include <vector>

#include "tests/services/directory/directory_fixture.h"

namespace pingan::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DirectoryServiceTest : public DirectoryFixture {
 protected:
  using Stub = v1::DirectoryService::Stub;

  DirectoryServiceTest() { ServeDirectory(); }

  // All pages of a list, two rows each; `names` takes the names of a page.
  template <class Request, class Response, class Rows>
  std::vector<std::string> Names(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*),
                                 Request request, Rows rows, const rpc::Caller& caller) {
    std::vector<std::string> names;
    request.set_page_size(2);
    do {
      const auto page = Call(method, request, caller);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      EXPECT_LE(rows(*page).size(), 2);
      for (const auto& row : rows(*page)) names.push_back(row.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  }
  std::vector<std::string> Towns(const std::string& city) {
    v1::ListTownsRequest request;
    request.set_city(city);
    return Names(
        &Stub::ListTowns, request, [](const auto& page) { return page.towns(); }, Anyone());
  }
  std::vector<std::string> Units(const v1::ListUnitsRequest& request) {
    return Names(
        &Stub::ListUnits, request, [](const auto& page) { return page.units(); }, Anyone());
  }
  std::vector<std::string> Enterprises(const std::string& unit) {
    v1::ListEnterprisesRequest request;
    request.set_parent(kTown);
    request.set_unit(unit);
    return Names(
        &Stub::ListEnterprises, request, [](const auto& page) { return page.enterprises(); },
        resident_);
  }
  absl::StatusOr<v1::Enterprise> GetEnterprise(const std::string& name, const rpc::Caller& caller) {
    v1::GetEnterpriseRequest request;
    request.set_name(name);
    return Call(&Stub::GetEnterprise, request, caller);
  }
};

TEST_F(DirectoryServiceTest, AnyoneReadsTownsAndUnits) {
  v1::GetTownRequest town;
  town.set_name(kTown);
  const auto found = Call(&Stub::GetTown, town, Anyone());
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->display_name(), "海昌街道");
  v1::GetUnitRequest unit;
  unit.set_name(AddUnit("330481003005", v1::COMMUNITY));
  EXPECT_THAT(Call(&Stub::GetUnit, unit, Anyone()), IsOk());
  unit.set_name(UnitName("330481003009"));
  EXPECT_THAT(Call(&Stub::GetUnit, unit, Anyone()), Refused(errors::v1::NOT_FOUND));
}

TEST_F(DirectoryServiceTest, TownsComeByCodeAndByCity) {
  for (const char* id : {"330481000", "330482001", "330480999", "000000000"}) {
    v1::CreateTownRequest request;
    request.set_town_id(id);
    request.mutable_town()->set_display_name("某镇");
    ASSERT_THAT(Call(&Stub::CreateTown, request, admin_), IsOk());
  }
  EXPECT_THAT(Towns("330481"), ElementsAre("towns/330481000", kOtherTown, kTown));
  EXPECT_THAT(Towns(""), ElementsAre("towns/000000000", "towns/330480999", "towns/330481000",
                                     kOtherTown, kTown, "towns/330482001"));
  EXPECT_THAT(Towns("999999"), IsEmpty());
}

TEST_F(DirectoryServiceTest, AUnitStandsBeforeItsGrids) {
  const std::string second = AddUnit("330481003006", v1::VILLAGE);
  const std::string first = AddUnit("330481003005", v1::COMMUNITY);
  const std::string grid = AddUnit("330481003005-01", v1::GRID);
  const std::string micro_grid = AddUnit("330481003005-01-01", v1::MICRO_GRID);
  const std::string industrial = AddUnit("330481003X01", v1::INDUSTRIAL_COMMUNITY);
  v1::ListUnitsRequest request;
  request.set_parent(kTown);
  EXPECT_THAT(Units(request), ElementsAre(first, grid, micro_grid, second, industrial));
  request.set_parent_unit(first);
  EXPECT_THAT(Units(request), ElementsAre(grid));
  request.clear_parent_unit();
  request.set_kind(v1::VILLAGE);
  EXPECT_THAT(Units(request), ElementsAre(second));
  request.set_parent(kOtherTown);
  EXPECT_THAT(Units(request), IsEmpty());
}

TEST_F(DirectoryServiceTest, EnterprisesOfAUnitAreThoseInItOrBelowItToday) {
  const std::string unit = AddUnit("330481003005", v1::COMMUNITY);
  const std::string grid = AddUnit("330481003005-01", v1::GRID);
  const std::string other = AddUnit("330481003006", v1::COMMUNITY);
  std::vector<std::string> made;
  for (const std::string& place : {unit, grid, other, std::string()}) {
    made.push_back(AddEnterprise(static_cast<int>(made.size()), place));
    clock().Advance(absl::Seconds(1));
  }
  EXPECT_THAT(Enterprises(""), ElementsAre(made[0], made[1], made[2], made[3]));
  EXPECT_THAT(Enterprises(unit), ElementsAre(made[0], made[1]));
  EXPECT_THAT(Enterprises(grid), ElementsAre(made[1]));

  ASSERT_THAT(Move(made[0], other, Day(2026, 11, 24), official_), IsOk());
  EXPECT_THAT(Enterprises(other), ElementsAre(made[2]));
  EXPECT_EQ(GetEnterprise(made[0], resident_)->unit(), unit);
  clock().Advance(absl::Hours(24));
  EXPECT_THAT(Enterprises(other), ElementsAre(made[0], made[2]));
  EXPECT_EQ(GetEnterprise(made[0], resident_)->unit(), other);
}

TEST_F(DirectoryServiceTest, EachSeesTheCodesThatConcernThem) {
  const std::string unit = AddUnit("330481003005", v1::COMMUNITY);
  const std::string grid = AddUnit("330481003005-01", v1::GRID);
  const std::string in_grid = AddEnterprise(1, grid);
  clock().Advance(absl::Seconds(1));
  const std::string elsewhere = AddEnterprise(2);
  struct Row {
    const char* who;
    rpc::Caller caller;
    bool sees_first;
    bool sees_second;
  };
  const Row rows[] = {
      {"resident", resident_, false, false},
      {"manager of the first", PersonWith(v1::ENTERPRISE_MANAGER, in_grid), true, false},
      {"worker of the community", PersonWith(v1::VILLAGE_WORKER, unit), true, false},
      {"official", official_, true, true},
      {"official of the city", city_official_, true, true},
      {"official of another town", stranger_, false, false},
      {"platform admin", admin_, false, false},
  };
  v1::ListEnterprisesRequest request;
  request.set_parent(kTown);
  for (const Row& row : rows) {
    const auto list = Call(&Stub::ListEnterprises, request, row.caller);
    ASSERT_THAT(list, IsOk()) << row.who;
    ASSERT_EQ(list->enterprises_size(), 2) << row.who;
    EXPECT_EQ(list->enterprises(0).uscc(), row.sees_first ? Uscc(1) : "") << row.who;
    EXPECT_EQ(list->enterprises(1).uscc(), row.sees_second ? Uscc(2) : "") << row.who;
    EXPECT_EQ(list->enterprises(0).unit(), grid) << row.who;
    EXPECT_EQ(GetEnterprise(in_grid, row.caller)->uscc(), row.sees_first ? Uscc(1) : "") << row.who;
    EXPECT_EQ(GetEnterprise(elsewhere, row.caller)->office_phone().empty(), !row.sees_second)
        << row.who;
  }
  EXPECT_THAT(GetEnterprise(in_grid, Anyone()), Refused(errors::v1::NOT_SIGNED_IN));
}

TEST_F(DirectoryServiceTest, PlacementsComeNewestFirst) {
  const std::string unit = AddUnit("330481003005", v1::COMMUNITY);
  const std::string enterprise = AddEnterprise(1, unit);
  for (int day = 25; day < 29; ++day)
    ASSERT_THAT(Move(enterprise, unit, Day(2026, 11, day), official_), IsOk());
  v1::ListPlacementsRequest request;
  request.set_parent(enterprise);
  const std::vector<std::string> paged = Names(
      &Stub::ListPlacements, request, [](const auto& page) { return page.placements(); },
      resident_);
  const auto whole = Call(&Stub::ListPlacements, request, resident_);
  ASSERT_THAT(whole, IsOk());
  ASSERT_EQ(whole->placements_size(), 5);
  EXPECT_EQ(paged.size(), 5u);
  EXPECT_EQ(whole->placements(0).start_date().day(), 28);
  EXPECT_EQ(whole->placements(4).start_date().day(), 23);
  request.set_parent(kTown + "/enterprises/018f0000-0000-7000-8000-000000000000");
  EXPECT_THAT(Call(&Stub::ListPlacements, request, resident_), Refused(errors::v1::NOT_FOUND));
}

TEST_F(DirectoryServiceTest, DutiesAreOpenToAnyone) {
  const std::string unit = AddUnit("330481003005", v1::COMMUNITY);
  v1::CreateDutyRequest create;
  create.set_parent(kTown);
  create.mutable_duty()->set_leader_name("沈建明");
  *create.mutable_duty()->mutable_start_date() = Day(2026, 1, 1);
  for (const std::string& post : {kTown, unit}) {
    create.mutable_duty()->set_unit(post);
    ASSERT_THAT(Call(&Stub::CreateDuty, create, official_), IsOk());
    clock().Advance(absl::Seconds(1));
  }
  v1::ListDutiesRequest request;
  request.set_parent(kTown);
  EXPECT_EQ(Call(&Stub::ListDuties, request, Anyone())->duties_size(), 2);
  request.set_unit(unit);
  const auto of_unit = Call(&Stub::ListDuties, request, Anyone());
  ASSERT_EQ(of_unit->duties_size(), 1);
  EXPECT_EQ(of_unit->duties(0).unit(), unit);
}

TEST_F(DirectoryServiceTest, APageTokenIsOfItsOwnRequest) {
  AddUnit("330481003005", v1::COMMUNITY);
  AddUnit("330481003006", v1::COMMUNITY);
  v1::ListUnitsRequest request;
  request.set_parent(kTown);
  request.set_page_size(1);
  request.set_page_token(Call(&Stub::ListUnits, request, Anyone())->next_page_token());
  EXPECT_THAT(Call(&Stub::ListUnits, request, Anyone()), IsOk());
  request.set_kind(v1::VILLAGE);
  EXPECT_THAT(Call(&Stub::ListUnits, request, Anyone()), Refused(errors::v1::INVALID_PAGE_TOKEN));
}

TEST_F(DirectoryServiceTest, ARetryIsAnsweredAsTheFirstTime) {
  v1::CreateEnterpriseRequest request;
  request.set_parent(kTown);
  request.mutable_enterprise()->set_display_name("海宁示例皮革有限公司");
  request.mutable_enterprise()->set_uscc(Uscc(1));
  request.set_request_id("7b0b7a52-4b5e-4c7e-9f0e-2f4b8f1f6a01");
  const auto first = Call(&Stub::CreateEnterprise, request, official_);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(Call(&Stub::CreateEnterprise, request, official_)->name(), first->name());
  request.mutable_enterprise()->set_address("别处");
  EXPECT_THAT(Call(&Stub::CreateEnterprise, request, official_),
              Refused(errors::v1::REQUEST_ID_REUSED));
}

}  // namespace
}  // namespace pingan::directory
