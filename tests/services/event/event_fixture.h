// 隆兴社区, 博菲电气 and their people, before anything was planned.
#ifndef PINGAN_TESTS_SERVICES_EVENT_EVENT_FIXTURE_H_
#define PINGAN_TESTS_SERVICES_EVENT_EVENT_FIXTURE_H_

#include <string>

#include "common/base/calendar.h"
#include "common/base/timestamps.h"
#include "services/event/event_rules.h"
#include "services/event/event_tables.h"
#include "services/event/held_rules.h"
#include "services/event/migrations/migrations.h"
#include "tests/support/service_fixture.h"

namespace pingan::event {

inline constexpr char kParent[] = "towns/330481003";
inline constexpr char kLongxing[] = "towns/330481003/units/330481003005";
inline constexpr char kBofei[] = "towns/330481003/enterprises/01900000-0000-7000-8000-000000000001";
inline constexpr char kOtherFirm[] =
    "towns/330481003/enterprises/01900000-0000-7000-8000-000000000002";

class EventFixture : public test::ServiceFixture {
 protected:
  EventFixture()
      : ServiceFixture({.service = "event", .migrations = Migrations(), .tables = AllTables()}) {}

  void SetUp() override {
    directory::v1::Town town;
    town.set_name(kParent);
    town.set_display_name("海昌街道");
    Put(kTowns, town);
    directory::v1::Unit unit;
    unit.set_name(kLongxing);
    unit.set_kind(directory::v1::COMMUNITY);
    unit.set_display_name("隆兴社区");
    Put(kUnits, unit);
    for (const char* name : {kBofei, kOtherFirm}) {
      directory::v1::Enterprise enterprise;
      enterprise.set_name(name);
      enterprise.set_display_name(name == std::string(kBofei) ? "博菲电气" : "示例制造");
      Put(kEnterprises, enterprise);
    }
    worker_ = PersonWith(directory::v1::VILLAGE_WORKER, kLongxing);
    manager_ = PersonWith(directory::v1::ENTERPRISE_MANAGER, kBofei);
    stranger_ = PersonWith(directory::v1::ENTERPRISE_MANAGER, kOtherFirm);
    official_ = PersonWith(directory::v1::TOWN_OFFICIAL, kParent);
    resident_ = Person();
  }

  // A talk of the pair, from one to two hours after now.
  v1::Event Talk() {
    v1::Event event;
    event.set_title("平安大宣讲：反诈进车间");
    event.set_kind(v1::TALK);
    event.set_mechanism(v1::RISK);
    event.add_organisers(kLongxing);
    event.add_organisers(kBofei);
    event.mutable_place()->set_address("隆兴社区文化礼堂");
    *event.mutable_start_time() = base::ToTimestamp(clock().Now() + absl::Hours(1));
    *event.mutable_end_time() = base::ToTimestamp(clock().Now() + absl::Hours(2));
    event.set_capacity(40);
    return event;
  }

  absl::StatusOr<v1::Event> Create(const v1::Event& event, const rpc::Caller& caller) {
    v1::CreateEventRequest request;
    request.set_parent(kParent);
    *request.mutable_event() = event;
    return Run(DecideCreateEvent, request, caller);
  }
  absl::StatusOr<v1::Event> Publish(const std::string& name, const rpc::Caller& caller) {
    v1::PublishEventRequest request;
    request.set_name(name);
    return Run(DecidePublishEvent, request, caller);
  }
  absl::StatusOr<v1::Event> Cancel(const std::string& name, const rpc::Caller& caller) {
    v1::CancelEventRequest request;
    request.set_name(name);
    request.set_reason("台风");
    return Run(DecideCancelEvent, request, caller);
  }
  absl::StatusOr<v1::Event> Hold(const std::string& name, const rpc::Caller& caller,
                                 int signed_up = 0, int attended = 0) {
    v1::HoldEventRequest request;
    request.set_name(name);
    *request.mutable_outcome() = Outcome(35);
    volunteer::v1::FreezeRosterResponse roster;
    roster.set_signed_up(signed_up);
    roster.set_attended(attended);
    return RunIn<v1::HoldEventRequest, v1::Event>(
        test::kTown,
        [roster](const v1::HoldEventRequest& asked, const rpc::Caller& who, db::UnitOfWork& work) {
          return DecideHoldEvent(asked, roster, who, work);
        },
        request, caller);
  }
  static v1::Outcome Outcome(int attendance) {
    v1::Outcome outcome;
    outcome.set_attendance(attendance);
    outcome.set_summary("讲了三类骗局");
    return outcome;
  }
  // The name of a published talk.
  std::string Published() {
    const std::string name = Create(Talk(), worker_).value().name();
    EXPECT_THAT(Publish(name, worker_), test::IsOk());
    return name;
  }
  std::string HeldTalk() {
    const std::string name = Published();
    clock().Advance(absl::Hours(2));
    EXPECT_THAT(Hold(name, worker_), test::IsOk());
    return name;
  }
  v1::RecordHeldEventRequest Late(absl::Duration ago) {
    v1::RecordHeldEventRequest request;
    request.set_parent(kParent);
    *request.mutable_event() = Talk();
    *request.mutable_event()->mutable_start_time() = base::ToTimestamp(clock().Now() - ago);
    *request.mutable_event()->mutable_end_time() =
        base::ToTimestamp(clock().Now() - ago + absl::Hours(1));
    *request.mutable_outcome() = Outcome(20);
    request.set_reason("系统上线前的活动");
    return request;
  }

  rpc::Caller worker_, manager_, stranger_, official_, resident_;
};

}  // namespace pingan::event

#endif  // PINGAN_TESTS_SERVICES_EVENT_EVENT_FIXTURE_H_
