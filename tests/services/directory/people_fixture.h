// 海昌街道 with two communities and an enterprise, the city above it, and people whose names are
// sealed.
#ifndef PINGAN_TESTS_SERVICES_DIRECTORY_PEOPLE_FIXTURE_H_
#define PINGAN_TESTS_SERVICES_DIRECTORY_PEOPLE_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "services/directory/account_tables.h"
#include "services/directory/directory_handlers.h"
#include "services/directory/directory_tables.h"
#include "services/directory/keyed_hashes.h"
#include "services/directory/migrations/migrations.h"
#include "services/directory/people_rules.h"
#include "services/directory/people_tables.h"
#include "services/directory/personal_data.h"
#include "services/directory/sealing.h"
#include "tests/services/directory/secrets_folder.h"
#include "tests/support/service_fixture.h"

namespace pingan::directory {

inline constexpr char kParent[] = "towns/330481003";
inline constexpr char kLongxing[] = "towns/330481003/units/330481003005";
inline constexpr char kLongxingGrid[] = "towns/330481003/units/330481003005-01";
inline constexpr char kHuoju[] = "towns/330481003/units/330481003004";
inline constexpr char kMerged[] = "towns/330481003/units/330481003009";
inline constexpr char kBofei[] = "towns/330481003/enterprises/01900000-0000-7000-8000-000000000001";
inline constexpr char kPhone[] = "19900000041";

class PeopleFixture : public test::ServiceFixture {
 protected:
  PeopleFixture()
      : ServiceFixture({.service = "directory",
                        .migrations = Migrations(),
                        .tables = AllTables(),
                        .grants = &kGrants}),
        hashes_(*KeyedHashes::Open(keys_.path())),
        sealer_(*Sealer::Open(keys_.path(), clock())),
        personal_(*sealer_, hashes_) {}

  void SetUp() override {
    for (const auto& [name, title] : {std::pair{"towns/000000000", "全国"},
                                      {"towns/330481000", "海宁市"},
                                      {kParent, "海昌街道"},
                                      {"towns/330481001", "硖石街道"}}) {
      v1::Town town;
      town.set_name(name);
      town.set_display_name(title);
      Put(kTowns, town);
    }
    PutUnit(kLongxing, v1::COMMUNITY);
    PutUnit(kLongxingGrid, v1::GRID);
    PutUnit(kHuoju, v1::COMMUNITY);
    PutUnit(kMerged, v1::COMMUNITY, kHuoju);
    v1::Enterprise enterprise;
    enterprise.set_name(kBofei);
    enterprise.set_display_name("博菲电气");
    enterprise.set_uscc("91330481MA28A00000");
    Put(kEnterprises, enterprise);
    worker_ = PersonWith(v1::VILLAGE_WORKER, kLongxing);
    official_ = PersonWith(v1::TOWN_OFFICIAL, kParent);
    city_official_ = PersonWith(v1::CITY_OFFICIAL, "towns/330481000", test::kCity);
    admin_ = PersonWith(v1::PLATFORM_ADMIN, "towns/000000000", test::kCountry);
    leader_ = PersonWith(v1::GRID_LEADER, kLongxingGrid);
    stranger_ = PersonWith(v1::VILLAGE_WORKER, kHuoju);
    clerk_elsewhere_ = PersonWith(v1::TOWN_OFFICIAL, "towns/330481001", "330481001");
  }

  void PutUnit(const std::string& name, v1::UnitKind kind, const std::string& successor = "") {
    v1::Unit unit;
    unit.set_name(name);
    unit.set_kind(kind);
    unit.set_display_name("隆兴社区");
    unit.set_successor(successor);
    Put(kUnits, unit);
  }

  // A resident of 隆兴社区 as a worker types them in.
  static v1::Person Neighbour(const std::string& name = "王雨桐",
                              const std::string& phone = kPhone) {
    v1::Person person;
    person.set_kind(v1::RESIDENT);
    person.set_display_name(name);
    person.set_phone(phone);
    person.set_unit(kLongxing);
    return person;
  }

  std::string NewPersonName() {
    return absl::StrCat(kParent, "/people/", base::NewId(clock().Now()));
  }
  SealedPerson SealNew(const v1::Person& person) {
    return personal_.Seal(NewPersonName(),
                          {.display_name = person.display_name(), .phone = person.phone()});
  }

  // Enters a person as `caller`.
  absl::StatusOr<v1::Person> Enter(const v1::Person& person, const rpc::Caller& caller) {
    v1::CreatePersonRequest request;
    request.set_parent(kParent);
    *request.mutable_person() = person;
    const SealedPerson sealed = SealNew(person);
    return RunIn<v1::CreatePersonRequest, v1::Person>(
        test::kTown,
        [&](const auto& asked, const auto& by, db::UnitOfWork& work) {
          return DecideCreatePerson(asked, sealed, by, work);
        },
        request, caller);
  }

  // Registers an account with a phone; `sealed` as the handler makes it unless another is given.
  absl::StatusOr<v1::Person> Register(const v1::Person& person, const rpc::Caller& caller,
                                      const std::string& phone,
                                      const SealedPerson* given = nullptr) {
    v1::RegisterRequest request;
    request.set_parent(kParent);
    *request.mutable_person() = person;
    const SealedPerson sealed =
        given != nullptr ? *given : SealForPhone(person.display_name(), phone);
    return RunIn<v1::RegisterRequest, v1::Person>(
        test::kTown,
        [&](const auto& asked, const auto& by, db::UnitOfWork& work) {
          return DecideRegister(asked, sealed, by, work);
        },
        request, caller);
  }

  SealedPerson SealForPhone(const std::string& name, const std::string& phone) {
    const PersonalFacts facts = {.display_name = name, .phone = phone};
    const std::string index = hashes_.PhoneIndex(test::kTown, phone);
    const std::string person =
        Sql(absl::StrCat("SELECT person FROM person_keys WHERE phone_index = '", index, "'"));
    if (person.empty()) return personal_.Seal(NewPersonName(), facts);
    return *personal_.SealAgain(Get(kPersonKeys, absl::StrCat(kParent, "/personKeys/", person)),
                                facts);
  }

  // What the sealed columns of a person hold.
  PersonalFacts Facts(const std::string& person) {
    const auto key = Find(kPersonKeys, PersonKeyName(person));
    if (!key.has_value()) return {};
    const auto facts = personal_.Open(*key, Get(kPersonalData, PersonalDataName(person)));
    EXPECT_TRUE(facts.ok()) << facts.status();
    return facts.value_or(PersonalFacts());
  }

  // An account that is nobody's person yet.
  rpc::Caller Account() {
    rpc::Caller caller;
    caller.account = base::NewId(clock().Now());
    return caller;
  }

  SecretsFolder keys_;
  KeyedHashes hashes_;
  std::unique_ptr<Sealer> sealer_;
  PersonalData personal_;
  rpc::Caller worker_, official_, city_official_, admin_, leader_, stranger_, clerk_elsewhere_;
};

}  // namespace pingan::directory

#endif  // PINGAN_TESTS_SERVICES_DIRECTORY_PEOPLE_FIXTURE_H_
