// 海昌街道 with its officials, for the tests of DirectoryService and its rules.
#ifndef PINGAN_TESTS_SERVICES_DIRECTORY_DIRECTORY_FIXTURE_H_
#define PINGAN_TESTS_SERVICES_DIRECTORY_DIRECTORY_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/uscc.h"
#include "google/type/date.pb.h"
#include "pingan/directory/v1/directory.grpc.pb.h"
#include "services/directory/directory_handlers.h"
#include "services/directory/directory_service.h"
#include "services/directory/directory_tables.h"
#include "services/directory/enterprise_rules.h"
#include "services/directory/migrations/migrations.h"
#include "services/directory/people_tables.h"
#include "services/directory/unit_rules.h"
#include "tests/support/service_fixture.h"

namespace pingan::directory {

using test::IsOk;
using test::Refused;
using test::RefusesField;

inline google::type::Date Day(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

// A sound code of a division that no authority has, the same for the same number.
inline std::string Uscc(int number, absl::string_view category = "91") {
  std::string code = absl::StrCat(category, "999999MADE", absl::Dec(number, absl::kZeroPad5));
  code += *base::UsccCheckCharacter(code);
  return code;
}

class DirectoryFixture : public test::ServiceFixture {
 protected:
  // The day of the fixture's clock.
  static google::type::Date Today() { return Day(2026, 11, 23); }

  DirectoryFixture()
      : ServiceFixture({.service = "directory",
                        .migrations = Migrations(),
                        .tables = AllTables(),
                        .grants = &kGrants}) {
    for (const char* name : {"towns/330481003", "towns/330481001"}) {
      v1::Town town;
      town.set_name(name);
      town.set_display_name(name == kTown ? "海昌街道" : "硖石街道");
      Put(kTowns, town);
    }
  }

  static std::string UnitName(absl::string_view id) { return absl::StrCat(kTown, "/units/", id); }

  std::string AddUnit(absl::string_view id, v1::UnitKind kind,
                      absl::string_view name = "隆兴社区") {
    v1::Unit unit;
    unit.set_name(UnitName(id));
    unit.set_kind(kind);
    unit.set_display_name(std::string(name));
    unit.set_parent_unit(ParentUnitOf(unit.name()));
    Put(kUnits, unit);
    return UnitName(id);
  }

  // Registered today by the official.
  std::string AddEnterprise(int number, absl::string_view unit = "") {
    v1::CreateEnterpriseRequest request;
    request.set_parent(kTown);
    request.mutable_enterprise()->set_display_name(absl::StrCat("示例", number, "号有限公司"));
    request.mutable_enterprise()->set_uscc(Uscc(number));
    request.mutable_enterprise()->set_office_phone("0573-00000000");
    request.mutable_enterprise()->set_unit(std::string(unit));
    const auto made = Run(DecideCreateEnterprise, request, official_);
    EXPECT_THAT(made, IsOk());
    return made.ok() ? made->name() : "";
  }

  absl::StatusOr<v1::Placement> Move(const std::string& enterprise, const std::string& unit,
                                     const google::type::Date& start, const rpc::Caller& caller) {
    v1::MoveEnterpriseRequest request;
    request.set_name(enterprise);
    request.set_unit(unit);
    *request.mutable_start_date() = start;
    return Run(DecideMoveEnterprise, request, caller);
  }

  // DirectoryService alone, without people and signing in.
  void ServeDirectory() {
    Serve([](service::Runtime& runtime) -> absl::StatusOr<std::unique_ptr<service::Handlers>> {
      return OnlyDirectory::Make(runtime);
    });
    stub_ = v1::DirectoryService::NewStub(channel());
  }
  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::DirectoryService::Stub::*method)(
                                    grpc::ClientContext*, const Request&, Response*),
                                const Request& request, const rpc::Caller& caller) {
    return Ask(*stub_, method, request, caller);
  }

  inline static const std::string kTown = "towns/330481003";
  inline static const std::string kOtherTown = "towns/330481001";

  const rpc::Caller resident_ = Person();
  const rpc::Caller official_ = PersonWith(v1::TOWN_OFFICIAL, "towns/330481003");
  const rpc::Caller stranger_ = PersonWith(v1::TOWN_OFFICIAL, "towns/330481001", "330481001");
  const rpc::Caller city_official_ = PersonWith(v1::CITY_OFFICIAL, "towns/330481000", test::kCity);
  const rpc::Caller admin_ = PersonWith(v1::PLATFORM_ADMIN, "towns/000000000", test::kCountry);

 private:
  class OnlyDirectory final : public service::Handlers {
   public:
    static absl::StatusOr<std::unique_ptr<service::Handlers>> Make(service::Runtime& runtime) {
      auto handlers = std::make_unique<OnlyDirectory>(runtime);
      if (absl::Status bound = handlers->directory_.Bind(); !bound.ok()) return bound;
      return handlers;
    }
    explicit OnlyDirectory(service::Runtime& runtime) : directory_(runtime) {}
    std::vector<grpc::Service*> services() override { return {&directory_.methods()}; }

   private:
    DirectoryService directory_;
  };

  std::unique_ptr<v1::DirectoryService::Stub> stub_;
};

}  // namespace pingan::directory

#endif  // PINGAN_TESTS_SERVICES_DIRECTORY_DIRECTORY_FIXTURE_H_
