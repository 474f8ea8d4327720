// 隆兴社区, 博菲电气 and their people, before anything was agreed.
#ifndef PINGAN_TESTS_SERVICES_PAIRING_PAIRING_FIXTURE_H_
#define PINGAN_TESTS_SERVICES_PAIRING_PAIRING_FIXTURE_H_

#include <string>

#include "common/base/calendar.h"
#include "services/pairing/commitment_rules.h"
#include "services/pairing/migrations/migrations.h"
#include "services/pairing/pairing_rules.h"
#include "services/pairing/pairing_tables.h"
#include "tests/support/service_fixture.h"

namespace pingan::pairing {

inline constexpr char kParent[] = "towns/330481003";
inline constexpr char kLongxing[] = "towns/330481003/units/330481003005";
inline constexpr char kGrid[] = "towns/330481003/units/330481003005-01";
inline constexpr char kBofei[] = "towns/330481003/enterprises/01900000-0000-7000-8000-000000000001";
inline constexpr char kOtherFirm[] =
    "towns/330481003/enterprises/01900000-0000-7000-8000-000000000002";

class PairingFixture : public test::ServiceFixture {
 protected:
  PairingFixture()
      : ServiceFixture({.service = "pairing", .migrations = Migrations(), .tables = AllTables()}) {}

  void SetUp() override {
    directory::v1::Unit unit;
    unit.set_name(kLongxing);
    unit.set_kind(directory::v1::COMMUNITY);
    Put(kUnits, unit);
    for (const char* name : {kBofei, kOtherFirm}) {
      directory::v1::Enterprise enterprise;
      enterprise.set_name(name);
      Put(kEnterprises, enterprise);
    }
    worker_ = PersonWith(directory::v1::VILLAGE_WORKER, kLongxing);
    manager_ = PersonWith(directory::v1::ENTERPRISE_MANAGER, kBofei);
    stranger_ = PersonWith(directory::v1::ENTERPRISE_MANAGER, kOtherFirm);
    official_ = PersonWith(directory::v1::TOWN_OFFICIAL, kParent);
    city_official_ = PersonWith(directory::v1::CITY_OFFICIAL, "towns/330481000", test::kCity);
    resident_ = Person();
    PutPerson(worker_, kLongxing, "");
    PutPerson(manager_, "", "");
    PutPerson(stranger_, "", kOtherFirm);
    PutPerson(resident_, kGrid, "");
  }

  void PutPerson(const rpc::Caller& caller, const std::string& unit,
                 const std::string& enterprise) {
    directory::v1::Person person;
    person.set_name(caller.person);
    person.set_unit(unit);
    person.set_enterprise(enterprise);
    Put(kPeople, person);
  }

  absl::CivilDay Today() { return base::DayOf(clock().Now()); }
  google::type::Date InDays(int days) { return base::ToDate(Today() + days); }

  v1::CreatePairingRequest Proposal() const {
    v1::CreatePairingRequest request;
    request.set_parent(kParent);
    request.mutable_pairing()->set_enterprise(kBofei);
    request.mutable_pairing()->set_unit(kLongxing);
    request.mutable_pairing()->set_enterprise_responsible(manager_.person);
    return request;
  }
  std::string Proposed() { return Run(DecideCreatePairing, Proposal(), manager_).value().name(); }
  absl::StatusOr<v1::Pairing> Accept(const std::string& name, const rpc::Caller& caller) {
    v1::AcceptPairingRequest request;
    request.set_name(name);
    request.set_responsible(worker_.person);
    return Run(DecideAcceptPairing, request, caller);
  }
  absl::StatusOr<v1::Pairing> Approve(const std::string& name, const rpc::Caller& caller,
                                      int start = 0, int end = 365) {
    v1::ApprovePairingRequest request;
    request.set_name(name);
    *request.mutable_start_date() = InDays(start);
    *request.mutable_end_date() = InDays(end);
    return Run(DecideApprovePairing, request, caller);
  }
  std::string Accepted() {
    const std::string name = Proposed();
    EXPECT_THAT(Accept(name, worker_), test::IsOk());
    return name;
  }
  std::string Active(int start = 0, int end = 365) {
    const std::string name = Accepted();
    EXPECT_THAT(Approve(name, official_, start, end), test::IsOk());
    return name;
  }
  // A request that has a name, and a reason where there is one.
  template <class Request>
  static Request On(const std::string& name) {
    Request request;
    request.set_name(name);
    if constexpr (requires { request.set_reason(""); }) request.set_reason("企业搬迁");
    return request;
  }

  // A talk a month.
  v1::CreateCommitmentRequest Promise(const std::string& pairing) const {
    v1::CreateCommitmentRequest request;
    request.set_parent(pairing);
    v1::Commitment& commitment = *request.mutable_commitment();
    commitment.set_title("每月一次平安大宣讲");
    commitment.set_mechanism(event::v1::RISK);
    commitment.set_measure(v1::HELD_EVENTS);
    commitment.set_event_kind(event::v1::TALK);
    commitment.set_times(1);
    commitment.set_period(v1::MONTHLY);
    return request;
  }
  // Of the pair, so many days ago.
  event::v1::HeldEvent HeldTalk(int number, int days_ago) {
    event::v1::HeldEvent held;
    const std::string id = "01900000-0000-7000-8000-00000000010" + std::to_string(number);
    held.set_name("towns/330481003/heldEvents/" + id);
    held.set_event("towns/330481003/events/" + id);
    held.set_title("反诈进车间");
    held.set_kind(event::v1::TALK);
    held.set_mechanism(event::v1::RISK);
    held.add_organisers(kLongxing);
    held.add_organisers(kBofei);
    *held.mutable_day() = InDays(-days_ago);
    held.set_counted(true);
    return held;
  }
  void Follow(const event::v1::HeldEvent& held) {
    ASSERT_THAT(Act(test::kTown, [&](db::UnitOfWork& work) { return FollowHeldEvent(held, work); }),
                test::IsOk());
  }
  void Follow(const exchange::v1::Match& match) {
    ASSERT_THAT(Act(test::kTown, [&](db::UnitOfWork& work) { return FollowMatch(match, work); }),
                test::IsOk());
  }

  rpc::Caller worker_, manager_, stranger_, official_, city_official_, resident_;
};

}  // namespace pingan::pairing

#endif  // PINGAN_TESTS_SERVICES_PAIRING_PAIRING_FIXTURE_H_
