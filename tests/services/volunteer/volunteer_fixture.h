// A talk for a few people at 隆兴社区, and people who want to come.
#ifndef PINGAN_TESTS_SERVICES_VOLUNTEER_VOLUNTEER_FIXTURE_H_
#define PINGAN_TESTS_SERVICES_VOLUNTEER_VOLUNTEER_FIXTURE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/timestamps.h"
#include "services/volunteer/attendance_rules.h"
#include "services/volunteer/migrations/migrations.h"
#include "services/volunteer/roster_rules.h"
#include "services/volunteer/sign_up_rules.h"
#include "services/volunteer/team_rules.h"
#include "services/volunteer/volunteer_tables.h"
#include "tests/support/service_fixture.h"

namespace pingan::volunteer {

inline constexpr char kParent[] = "towns/330481003";
inline constexpr char kLongxing[] = "towns/330481003/units/330481003005";
inline constexpr char kBofei[] = "towns/330481003/enterprises/01900000-0000-7000-8000-000000000001";

class VolunteerFixture : public test::ServiceFixture {
 protected:
  VolunteerFixture()
      : ServiceFixture(
            {.service = "volunteer", .migrations = Migrations(), .tables = AllTables()}) {}

  void SetUp() override {
    worker_ = PersonWith(directory::v1::VILLAGE_WORKER, kLongxing);
    official_ = PersonWith(directory::v1::TOWN_OFFICIAL, kParent);
  }

  // A published event that starts in a day and lasts an hour.
  event::v1::Event Talk(int capacity, absl::Duration starts_in = absl::Hours(24)) {
    event::v1::Event event;
    event.set_name(absl::StrCat(kParent, "/events/",
                                base::NewId(clock().Now() + absl::Microseconds(++made_))));
    event.set_title("平安大宣讲");
    event.add_organisers(kLongxing);
    event.add_organisers(kBofei);
    event.set_state(event::v1::PUBLISHED);
    event.set_capacity(capacity);
    *event.mutable_start_time() = base::ToTimestamp(clock().Now() + starts_in);
    *event.mutable_end_time() = base::ToTimestamp(clock().Now() + starts_in + absl::Hours(1));
    event.set_etag("2");
    return event;
  }
  // Lets the roster follow this version of its event; the roster's name.
  std::string Follow(const event::v1::Event& event) {
    EXPECT_THAT(Act(test::kTown, [&](db::UnitOfWork& work) { return FollowEvent(event, work); }),
                test::IsOk());
    return RosterNameOf(event.name());
  }
  // The next version of it.
  static event::v1::Event Next(event::v1::Event event) {
    event.set_etag(absl::StrCat(std::stoi(event.etag()) + 1));
    return event;
  }

  // A person as directory tells of them.
  void Settle(const rpc::Caller& caller, const std::string& unit,
              const std::string& enterprise = "") {
    directory::v1::Person person;
    person.set_name(caller.person);
    person.set_unit(unit);
    person.set_enterprise(enterprise);
    Put(kPeople, person);
  }

  absl::StatusOr<v1::SignUp> SignUpFor(const std::string& roster, const rpc::Caller& caller,
                                       const std::string& person = "",
                                       const std::string& request_id = "") {
    v1::CreateSignUpRequest request;
    request.set_parent(roster);
    request.set_person(person);
    request.set_request_id(request_id);
    return Run(DecideCreateSignUp, request, caller);
  }
  absl::StatusOr<v1::SignUp> CancelSignUp(const std::string& sign_up, const rpc::Caller& caller) {
    v1::CancelSignUpRequest request;
    request.set_name(sign_up);
    return Run(DecideCancelSignUp, request, caller);
  }
  absl::StatusOr<v1::SignUp> CheckIn(const std::string& sign_up, const rpc::Caller& caller) {
    v1::CheckInRequest request;
    request.set_name(sign_up);
    return Run(DecideCheckIn, request, caller);
  }
  absl::StatusOr<v1::FreezeRosterResponse> Freeze(const std::string& roster) {
    v1::FreezeRosterRequest request;
    request.set_name(roster);
    return Run(DecideFreezeRoster, request, Anyone());
  }

  // The counters of every roster are the sums of its sign-ups.
  void ExpectCountersToBeSums() {
    EXPECT_EQ(Sql("SELECT count(*) FROM rosters r WHERE (confirmed, waiting) <> ("
                  "SELECT count(*) FILTER (WHERE state IN (1, 4, 5)), count(*) FILTER (WHERE state "
                  "= 2) FROM sign_ups s "
                  "WHERE s.town = r.town AND s.roster = r.roster)"),
              "0");
  }

  rpc::Caller worker_, official_;
  int made_ = 0;
};

}  // namespace pingan::volunteer

#endif  // PINGAN_TESTS_SERVICES_VOLUNTEER_VOLUNTEER_FIXTURE_H_
