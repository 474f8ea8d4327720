#include "services/event/held_rules.h"

#include <string>

#include "services/event/co_building_rules.h"
#include "services/event/held_lists.h"
#include "tests/services/event/event_fixture.h"

namespace pingan::event {
namespace {

using test::IsOk;
using test::Refused;
using test::RefusesField;

class HeldRulesTest : public EventFixture {
 protected:
  absl::StatusOr<v1::Correction> Correct(const std::string& name, const v1::Correction& correction,
                                         const rpc::Caller& caller) {
    v1::CorrectEventRequest request;
    request.set_name(name);
    *request.mutable_correction() = correction;
    return Run(DecideCorrectEvent, request, caller);
  }
  v1::CountHeldEventsResponse Count(v1::HeldEventGrouping group_by, HeldFilter filter = {}) {
    filter.parent = kParent;
    return Read<v1::CountHeldEventsResponse>(
               [&](db::ReadSession& session) { return CountHeldEvents(filter, group_by, session); })
        .value();
  }
  v1::ListHeldEventsResponse List(const v1::ListHeldEventsRequest& request) {
    const auto page = rpc::ReadPage(request).value();
    return Read<v1::ListHeldEventsResponse>(
               [&](db::ReadSession& session) { return ReadHeldEvents(request, page, session); })
        .value();
  }
};

TEST_F(HeldRulesTest, AnEventIsHeldOnceItHasBegun) {
  const std::string name = Published();
  EXPECT_THAT(Hold(name, worker_), Refused(errors::v1::NOT_YET_HELD));
  clock().Advance(absl::Hours(1));
  const auto held = Hold(name, worker_, 40, 31);
  ASSERT_THAT(held, IsOk());
  EXPECT_EQ(held->outcome().attendance(), 35);
  EXPECT_EQ(held->outcome().signed_up(), 40);
  EXPECT_EQ(held->outcome().signed_up_attended(), 31);
  EXPECT_EQ(Count(v1::BY_KIND).total().talks(), 1);
}

TEST_F(HeldRulesTest, DraftsAndStrangersHoldNothing) {
  const std::string draft = Create(Talk(), worker_)->name();
  clock().Advance(absl::Hours(1));
  EXPECT_THAT(Hold(draft, worker_), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Hold(draft, stranger_), Refused(errors::v1::NOT_FOUND));
  EXPECT_EQ(Count(v1::BY_KIND).total().held_events(), 0);
}

TEST_F(HeldRulesTest, WhatWasHeldIsNeverRewritten) {
  const std::string name = HeldTalk();
  v1::UpdateEventRequest update;
  update.mutable_event()->set_name(name);
  update.mutable_event()->set_title("改写");
  EXPECT_THAT(Run(DecideUpdateEvent, update, worker_), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Cancel(name, official_), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Hold(name, worker_), Refused(errors::v1::WRONG_STATE));
}

TEST_F(HeldRulesTest, ACorrectionStandsBesideTheOriginalAndNumbersFollowIt) {
  const std::string name = HeldTalk();
  v1::Correction correction;
  correction.set_reason("登记时选错了类型");
  correction.set_kind(v1::TRAINING);
  correction.set_attendance(36);
  const auto done = Correct(name, correction, official_);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->corrector(), official_.person);

  const v1::Event original = Get(kEvents, name);
  EXPECT_EQ(original.kind(), v1::TALK);
  EXPECT_EQ(original.outcome().attendance(), 35);
  EXPECT_EQ(original.corrections(), 1);
  const auto counts = Count(v1::BY_KIND);
  ASSERT_EQ(counts.counts_size(), 1);
  EXPECT_EQ(counts.counts(0).key(), "TRAINING");
  EXPECT_EQ(counts.counts(0).title(), "培训");
  EXPECT_EQ(counts.total().talks(), 0);
  EXPECT_EQ(counts.total().attendance(), 36);
}

TEST_F(HeldRulesTest, AnEventThatWasNotHeldAfterAllCountsNowhere) {
  const std::string name = HeldTalk();
  v1::Correction correction;
  correction.set_reason("重复登记");
  correction.set_not_held(true);
  ASSERT_THAT(Correct(name, correction, worker_), IsOk());
  EXPECT_EQ(Count(v1::MONTH).total().held_events(), 0);
  EXPECT_EQ(Get(kEvents, name).state(), v1::HELD);
  v1::Correction attendance;
  attendance.set_reason("人数更正");
  attendance.set_attendance(12);
  ASSERT_THAT(Correct(name, attendance, worker_), IsOk());
  EXPECT_EQ(Count(v1::MONTH).total().held_events(), 0) << "another fact does not bring it back";
}

TEST_F(HeldRulesTest, ACorrectionMustCorrectSomethingThatCanBe) {
  const std::string name = HeldTalk();
  v1::Correction nothing;
  nothing.set_reason("手误");
  EXPECT_THAT(Correct(name, nothing, worker_), RefusesField("correction"));
  v1::Correction tomorrow = nothing;
  *tomorrow.mutable_day() = base::ToDate(base::DayOf(clock().Now()) + 1);
  EXPECT_THAT(Correct(name, tomorrow, worker_), RefusesField("correction.day"));
  v1::Correction unknown = nothing;
  unknown.add_organisers("towns/330481003/units/330481003999");
  EXPECT_THAT(Correct(name, unknown, worker_), Refused(errors::v1::UNKNOWN_ORGANISER));
  EXPECT_THAT(Correct(Published(), nothing, worker_), Refused(errors::v1::WRONG_STATE));
  EXPECT_THAT(Correct(name, tomorrow, stranger_), Refused(errors::v1::NOT_ORGANISER));
}

TEST_F(HeldRulesTest, HistoryIsRecordedLateAndSaysSo) {
  const auto event = Run(DecideRecordHeldEvent, Late(absl::Hours(24 * 90)), official_);
  ASSERT_THAT(event, IsOk());
  EXPECT_EQ(event->state(), v1::HELD);
  EXPECT_EQ(event->late_reason(), "系统上线前的活动");
  EXPECT_THAT(Run(DecideRecordHeldEvent, Late(absl::Minutes(30)), official_),
              Refused(errors::v1::NOT_IN_PAST));
  EXPECT_THAT(Run(DecideRecordHeldEvent, Late(absl::Hours(48)), stranger_),
              Refused(errors::v1::NOT_ORGANISER));
  const auto list = List([] {
    v1::ListHeldEventsRequest request;
    request.set_parent(kParent);
    return request;
  }());
  ASSERT_EQ(list.held_events_size(), 1);
  EXPECT_TRUE(list.held_events(0).late());
}

TEST_F(HeldRulesTest, NumbersListAndExportAgreeForEveryFilter) {
  for (int i = 1; i <= 7; ++i) {
    v1::RecordHeldEventRequest request = Late(absl::Hours(24 * 20 * i));
    request.mutable_event()->set_kind(i % 3 == 0 ? v1::MEETING : v1::TALK);
    request.mutable_event()->set_mechanism(i % 2 == 0 ? v1::PATROL : v1::RISK);
    if (i == 4) request.mutable_event()->mutable_organisers()->RemoveLast();
    ASSERT_THAT(Run(DecideRecordHeldEvent, request, official_), IsOk());
  }
  // In force from the day of the third to that of the sixth; the fourth was not theirs together.
  pairing::v1::Pairing pairing;
  pairing.set_name("towns/330481003/pairings/01900000-0000-7000-8000-00000000000a");
  pairing.set_enterprise(kBofei);
  pairing.set_unit(kLongxing);
  const absl::CivilDay today = base::DayOf(clock().Now());
  *pairing.mutable_start_date() = base::ToDate(today - 120);
  *pairing.mutable_end_date() = base::ToDate(today - 60);
  Put(kPairings, pairing);
  std::vector<v1::ListHeldEventsRequest> filters(7);
  filters[6].set_pairing(pairing.name());
  filters[1].set_unit(kLongxing);
  filters[2].set_enterprise(kBofei);
  filters[3].set_mechanism(v1::PATROL);
  filters[4].set_kind(v1::MEETING);
  filters[5].set_month_from("2026-09");
  filters[5].set_month_until("2026-10");
  for (v1::ListHeldEventsRequest& filter : filters) {
    filter.set_parent(kParent);
    filter.set_page_size(2);
    const int total = Count(v1::MONTH, HeldFilter::Of(filter)).total().held_events();
    EXPECT_GT(total, 0);
    int listed = 0;
    do {
      const auto page = List(filter);
      listed += page.held_events_size();
      filter.set_page_token(page.next_page_token());
    } while (!filter.page_token().empty());
    EXPECT_EQ(listed, total) << filter.ShortDebugString();
    const auto csv = Read<std::string>([&](db::ReadSession& session) {
      return ExportHeldEvents(HeldFilter::Of(filter), session);
    });
    EXPECT_EQ(std::count(csv->begin(), csv->end(), '\n'), total + 1);
  }
  // By party an event counts at each of its organisers.
  EXPECT_EQ(Count(v1::BY_ENTERPRISE).counts(0).held_events(), 6);
  EXPECT_EQ(Count(v1::BY_ENTERPRISE).counts(0).title(), "博菲电气");
  EXPECT_EQ(Count(v1::BY_UNIT).counts(0).held_events(), 7);
  ASSERT_EQ(Count(v1::BY_PAIRING).counts_size(), 1);
  EXPECT_EQ(Count(v1::BY_PAIRING).counts(0).held_events(), 3);
  EXPECT_EQ(Count(v1::BY_PAIRING).counts(0).title(), "博菲电气—隆兴社区");
  HeldFilter of_pairing = {};
  of_pairing.pairing = pairing.name();
  EXPECT_EQ(Count(v1::BY_MECHANISM, of_pairing).counts_size(), 2);
}

TEST_F(HeldRulesTest, TheTownsAnswerIsOneSentence) {
  HeldTalk();
  const auto summary =
      Read<v1::EventSummary>([&](db::ReadSession& session) { return Summarize(kParent, session); });
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->text(),
            "海昌街道1个村社、2家企业，共开展活动1场，其中平安大宣讲1场、其他活动0场。");
  EXPECT_THAT(Read<v1::EventSummary>(
                  [](db::ReadSession& session) { return Summarize("towns/999999999", session); }),
              Refused(errors::v1::NOT_FOUND));
}

class CoBuildingDayTest : public EventFixture {
 protected:
  v1::CreateCoBuildingDayRequest Plan() {
    v1::CreateCoBuildingDayRequest request;
    request.set_parent(kParent);
    *request.mutable_co_building_day()->mutable_day() =
        base::ToDate(base::DayOf(clock().Now()) + 1);
    request.mutable_co_building_day()->add_organisers(kLongxing);
    request.mutable_co_building_day()->add_organisers(kBofei);
    for (const v1::EventKind kind : {v1::PUBLICITY, v1::INSPECTION, v1::PATROL_ROUND}) {
      v1::PlannedEvent& event = *request.add_events();
      event.set_kind(kind);
      event.set_mechanism(v1::HAZARD);
      event.set_title("平安共建日");
      event.mutable_place()->set_address("博菲电气厂区");
      *event.mutable_start_time() = base::ToTimestamp(clock().Now() + absl::Hours(24));
      *event.mutable_end_time() = base::ToTimestamp(clock().Now() + absl::Hours(26));
    }
    return request;
  }
};

TEST_F(CoBuildingDayTest, ThreeEventsArePlannedAndPublishedTogether) {
  const auto day = Run(DecideCreateCoBuildingDay, Plan(), manager_);
  ASSERT_THAT(day, IsOk());
  ASSERT_EQ(day->events_size(), 3);
  EXPECT_EQ(Get(kEvents, day->events(0)).kind(), v1::INSPECTION);
  EXPECT_EQ(Get(kEvents, day->events(2)).co_building_day(), day->name());

  v1::PublishCoBuildingDayRequest publish;
  publish.set_name(day->name());
  EXPECT_THAT(Run(DecidePublishCoBuildingDay, publish, stranger_), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Run(DecidePublishCoBuildingDay, publish, official_),
              Refused(errors::v1::NOT_ORGANISER));
  ASSERT_THAT(Run(DecidePublishCoBuildingDay, publish, worker_), IsOk());
  for (const std::string& event : day->events())
    EXPECT_EQ(Get(kEvents, event).state(), v1::PUBLISHED);
}

TEST_F(CoBuildingDayTest, AllAreOnTheDayAndOfDifferentKinds) {
  v1::CreateCoBuildingDayRequest twice = Plan();
  twice.mutable_events(1)->set_kind(v1::PUBLICITY);
  EXPECT_THAT(Run(DecideCreateCoBuildingDay, twice, manager_), RefusesField("events[1].kind"));
  v1::CreateCoBuildingDayRequest other_day = Plan();
  *other_day.mutable_events(2)->mutable_start_time() = base::ToTimestamp(clock().Now());
  EXPECT_THAT(Run(DecideCreateCoBuildingDay, other_day, manager_),
              RefusesField("events[2].start_time"));
}

TEST_F(CoBuildingDayTest, APairHasOneDayADay) {
  ASSERT_THAT(Run(DecideCreateCoBuildingDay, Plan(), manager_), IsOk());
  EXPECT_THAT(Run(DecideCreateCoBuildingDay, Plan(), worker_),
              Refused(errors::v1::DAY_ALREADY_PLANNED));
}

TEST_F(CoBuildingDayTest, WhenOneCannotBePublishedNoneIs) {
  v1::CreateCoBuildingDayRequest plan = Plan();
  plan.mutable_events(0)->clear_place();
  const auto day = Run(DecideCreateCoBuildingDay, plan, manager_);
  v1::PublishCoBuildingDayRequest publish;
  publish.set_name(day->name());
  EXPECT_THAT(Run(DecidePublishCoBuildingDay, publish, worker_),
              Refused(errors::v1::EVENT_INCOMPLETE));
  EXPECT_EQ(Sql("SELECT count(*) FROM events WHERE state = 2"), "0");
}

}  // namespace
}  // namespace pingan::event
