// Duties: one leader at a time, and who answers for a place today.
#include "services/directory/duty_rules.h"

#include <optional>
#include <string>

#include "tests/services/directory/directory_fixture.h"

namespace pingan::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DutyRules : public DirectoryFixture {
 protected:
  v1::CreateDutyRequest Request(const std::string& unit, const google::type::Date& start,
                                const std::optional<google::type::Date>& end = {}) {
    v1::CreateDutyRequest request;
    request.set_parent(kTown);
    request.mutable_duty()->set_unit(unit);
    request.mutable_duty()->set_leader_name("沈建明");
    request.mutable_duty()->set_substitute_name("顾海峰");
    *request.mutable_duty()->mutable_start_date() = start;
    if (end.has_value()) *request.mutable_duty()->mutable_end_date() = *end;
    return request;
  }
  absl::StatusOr<v1::Duty> Lead(const std::string& unit, const google::type::Date& start,
                                const std::optional<google::type::Date>& end = {}) {
    return Run(DecideCreateDuty, Request(unit, start, end), official_);
  }
  absl::StatusOr<v1::Duty> End(const std::string& duty, const google::type::Date& end,
                               const rpc::Caller& caller) {
    v1::EndDutyRequest request;
    request.set_name(duty);
    *request.mutable_end_date() = end;
    return Run(DecideEndDuty, request, caller);
  }

  const std::string unit_ = AddUnit("330481003005", v1::COMMUNITY);
};

TEST_F(DutyRules, TheTownsOfficialNamesLeaders) {
  for (const rpc::Caller& caller : {resident_, stranger_, city_official_, admin_}) {
    EXPECT_THAT(Run(DecideCreateDuty, Request(unit_, Today()), caller),
                Refused(errors::v1::FORBIDDEN));
  }
  const auto duty = Lead(unit_, Today());
  ASSERT_THAT(duty, IsOk());
  EXPECT_EQ(Get(kDuties, duty->name()).leader_name(), "沈建明");
  EXPECT_THAT(Lead(kTown, Today()), IsOk());
}

TEST_F(DutyRules, OneLeaderAtATime) {
  struct Row {
    const char* what;
    google::type::Date start;
    std::optional<google::type::Date> end;
    bool overlaps;
  };
  const Row rows[] = {
      {"ends the day before", Day(2026, 1, 1), Day(2026, 2, 28), false},
      {"ends on the first day", Day(2026, 1, 1), Day(2026, 3, 1), true},
      {"within", Day(2026, 4, 1), Day(2026, 4, 30), true},
      {"around", Day(2026, 1, 1), Day(2027, 1, 1), true},
      {"begins on the last day", Day(2026, 6, 30), std::nullopt, true},
      {"begins the day after", Day(2026, 7, 1), std::nullopt, false},
      {"never ends", Day(2026, 1, 1), std::nullopt, true},
  };
  for (const Row& row : rows) {
    const std::string unit = AddUnit(absl::StrCat("3304810031", &row - rows, "0"), v1::VILLAGE);
    const auto first = Lead(unit, Day(2026, 3, 1), Day(2026, 6, 30));
    ASSERT_THAT(first, IsOk());
    const auto second = Lead(unit, row.start, row.end);
    if (row.overlaps) {
      EXPECT_THAT(second, Refused(errors::v1::DUTY_OVERLAPS)) << row.what;
      EXPECT_EQ(test::MetadataOf(second.status(), "duty"), first->name()) << row.what;
    } else {
      EXPECT_THAT(second, IsOk()) << row.what;
    }
  }
}

TEST_F(DutyRules, ADutyEndsOnOrAfterItsFirstDay) {
  EXPECT_THAT(Lead(unit_, Day(2026, 3, 2), Day(2026, 3, 1)), RefusesField("duty.end_date"));
  const auto duty = Lead(unit_, Day(2026, 3, 2));
  ASSERT_THAT(duty, IsOk());
  EXPECT_THAT(End(duty->name(), Day(2026, 3, 1), official_), RefusesField("end_date"));
  EXPECT_THAT(End(duty->name(), Day(2026, 3, 2), resident_), Refused(errors::v1::FORBIDDEN));
  const auto ended = End(duty->name(), Day(2026, 3, 2), official_);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->end_date().day(), 2);
  EXPECT_THAT(Lead(unit_, Day(2026, 3, 3)), IsOk());
}

TEST_F(DutyRules, AnEndMovesOnlyWhereNobodyElseLeads) {
  const auto first = Lead(unit_, Day(2026, 1, 1), Day(2026, 1, 31));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Lead(unit_, Day(2026, 3, 1)), IsOk());
  EXPECT_THAT(End(first->name(), Day(2026, 3, 1), official_), Refused(errors::v1::DUTY_OVERLAPS));
  EXPECT_THAT(End(first->name(), Day(2026, 2, 28), official_), IsOk());
}

TEST_F(DutyRules, ThePostIsOfTheTownAndNotMerged) {
  EXPECT_THAT(Lead(UnitName("330481003099"), Today()), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Lead("towns/330481001", Today()), Refused(errors::v1::NOT_FOUND));
  v1::MergeUnitRequest merge;
  merge.set_name(unit_);
  merge.set_successor(AddUnit("330481003006", v1::COMMUNITY, "双联社区"));
  ASSERT_THAT(Run(DecideMergeUnit, merge, admin_), IsOk());
  EXPECT_THAT(Lead(unit_, Today()), Refused(errors::v1::UNIT_RETIRED));
}

TEST_F(DutyRules, TheLeadersAccountIsAPersonOfTheTown) {
  v1::CreateDutyRequest request = Request(unit_, Today());
  request.mutable_duty()->set_leader(resident_.person);
  EXPECT_THAT(Run(DecideCreateDuty, request, official_), Refused(errors::v1::NOT_FOUND));
  v1::Person person;
  person.set_name(resident_.person);
  person.set_kind(v1::RESIDENT);
  Put(kPeople, person);
  const auto duty = Run(DecideCreateDuty, request, official_);
  ASSERT_THAT(duty, IsOk());
  EXPECT_EQ(Get(kDuties, duty->name()).leader(), resident_.person);
  request.mutable_duty()->set_leader(stranger_.person);
  EXPECT_THAT(Run(DecideCreateDuty, request, official_), Refused(errors::v1::NOT_FOUND));
}

TEST_F(DutyRules, ADutyThatIsNotThereDoesNotEnd) {
  EXPECT_THAT(End(kTown + "/duties/018f0000-0000-7000-8000-000000000000", Today(), official_),
              Refused(errors::v1::NOT_FOUND));
}

TEST(Posts, ClimbFromAMicroGridToTheTown) {
  EXPECT_THAT(PostsAbove("towns/330481003/units/330481003X01-01-02"),
              ElementsAre("towns/330481003/units/330481003X01-01-02",
                          "towns/330481003/units/330481003X01-01",
                          "towns/330481003/units/330481003X01", "towns/330481003"));
  EXPECT_THAT(PostsAbove("towns/330481003"), ElementsAre("towns/330481003"));
}

class LocateDutyTest : public DutyRules {
 protected:
  LocateDutyTest() { ServeDirectory(); }

  absl::StatusOr<v1::LocateDutyResponse> Locate(const v1::LocateDutyRequest& request) {
    return Call(&v1::DirectoryService::Stub::LocateDuty, request, Anyone());
  }
  absl::StatusOr<v1::LocateDutyResponse> LocateUnit(const std::string& unit) {
    v1::LocateDutyRequest request;
    request.set_parent(kTown);
    request.set_unit(unit);
    return Locate(request);
  }
  absl::StatusOr<v1::LocateDutyResponse> LocateEnterprise(const std::string& enterprise) {
    v1::LocateDutyRequest request;
    request.set_parent(kTown);
    request.set_enterprise(enterprise);
    return Locate(request);
  }

  const std::string grid_ = AddUnit("330481003005-01", v1::GRID);
  const std::string micro_grid_ = AddUnit("330481003005-01-01", v1::MICRO_GRID);
};

TEST_F(LocateDutyTest, TheLeaderOfTheLowestFilledPostAnswers) {
  ASSERT_THAT(Lead(kTown, Day(2026, 1, 1)), IsOk());
  ASSERT_THAT(Lead(unit_, Day(2026, 1, 1)), IsOk());
  const auto climbed = LocateUnit(micro_grid_);
  ASSERT_THAT(climbed, IsOk());
  EXPECT_EQ(climbed->duty().unit(), unit_);
  EXPECT_EQ(climbed->duty().substitute_name(), "顾海峰");
  EXPECT_THAT(climbed->vacant_units(), ElementsAre(micro_grid_, grid_));

  ASSERT_THAT(Lead(micro_grid_, Day(2026, 1, 1)), IsOk());
  const auto nearest = LocateUnit(micro_grid_);
  ASSERT_THAT(nearest, IsOk());
  EXPECT_EQ(nearest->duty().unit(), micro_grid_);
  EXPECT_THAT(nearest->vacant_units(), IsEmpty());
}

TEST_F(LocateDutyTest, TheTownAnswersAtLast) {
  ASSERT_THAT(Lead(kTown, Day(2026, 1, 1)), IsOk());
  const auto found = LocateUnit(grid_);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->duty().unit(), kTown);
  EXPECT_THAT(found->vacant_units(), ElementsAre(grid_, unit_));
}

TEST_F(LocateDutyTest, NobodyAtAnyLevelIsSaidSo) {
  EXPECT_THAT(LocateUnit(grid_), Refused(errors::v1::NO_DUTY));
}

TEST_F(LocateDutyTest, OnlyDutiesOfTodayCount) {
  ASSERT_THAT(Lead(kTown, Day(2026, 1, 1)), IsOk());
  ASSERT_THAT(Lead(unit_, Day(2026, 11, 1), Day(2026, 11, 23)), IsOk());
  ASSERT_THAT(Lead(unit_, Day(2026, 11, 25)), IsOk());
  EXPECT_EQ(LocateUnit(unit_)->duty().unit(), unit_);  // its last day
  clock().Advance(absl::Hours(24));
  EXPECT_EQ(LocateUnit(unit_)->duty().unit(), kTown);
  clock().Advance(absl::Hours(24));
  EXPECT_EQ(LocateUnit(unit_)->duty().unit(), unit_);  // the next leader's first
}

TEST_F(LocateDutyTest, AnEnterpriseIsAnsweredForWhereItIsToday) {
  const std::string other = AddUnit("330481003006", v1::COMMUNITY, "双联社区");
  ASSERT_THAT(Lead(kTown, Day(2026, 1, 1)), IsOk());
  ASSERT_THAT(Lead(unit_, Day(2026, 1, 1)), IsOk());
  ASSERT_THAT(Lead(other, Day(2026, 1, 1)), IsOk());
  const std::string enterprise = AddEnterprise(1, grid_);
  ASSERT_THAT(Move(enterprise, other, Day(2026, 11, 25), official_), IsOk());
  EXPECT_EQ(LocateEnterprise(enterprise)->duty().unit(), unit_);
  clock().Advance(absl::Hours(48));
  EXPECT_EQ(LocateEnterprise(enterprise)->duty().unit(), other);
  EXPECT_EQ(LocateEnterprise(AddEnterprise(2))->duty().unit(), kTown);
}

TEST_F(LocateDutyTest, AMergedUnitIsAnsweredForByItsSuccessor) {
  const std::string other = AddUnit("330481003006", v1::COMMUNITY, "双联社区");
  ASSERT_THAT(Lead(unit_, Day(2026, 1, 1)), IsOk());
  ASSERT_THAT(Lead(other, Day(2026, 1, 1)), IsOk());
  const std::string enterprise = AddEnterprise(1, grid_);
  v1::MergeUnitRequest merge;
  merge.set_name(unit_);
  merge.set_successor(other);
  ASSERT_THAT(Run(DecideMergeUnit, merge, admin_), IsOk());
  EXPECT_EQ(LocateUnit(unit_)->duty().unit(), other);
  EXPECT_EQ(LocateUnit(micro_grid_)->duty().unit(), other);
  EXPECT_EQ(LocateEnterprise(enterprise)->duty().unit(), other);
}

TEST_F(LocateDutyTest, WhatIsNotThereIsNotFound) {
  EXPECT_THAT(LocateUnit(UnitName("330481003099")), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(LocateUnit("towns/330481001/units/330481001003"), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(LocateEnterprise(kTown + "/enterprises/018f0000-0000-7000-8000-000000000000"),
              Refused(errors::v1::NOT_FOUND));
}

}  // namespace
}  // namespace pingan::directory
