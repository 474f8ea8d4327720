#include "services/event/event_rules.h"

#include <string>

#include "tests/services/event/event_fixture.h"

namespace pingan::event {
namespace {

using test::IsOk;
using test::Refused;
using test::RefusesField;

class EventRulesTest : public EventFixture {};

TEST_F(EventRulesTest, EitherPartyOfAPairPlansADraft) {
  for (const rpc::Caller& caller : {worker_, manager_}) {
    const auto event = Create(Talk(), caller);
    ASSERT_THAT(event, IsOk());
    EXPECT_EQ(event->state(), v1::DRAFT);
    EXPECT_EQ(event->etag(), "1");
    EXPECT_EQ(Get(kEvents, event->name()).title(), Talk().title());
  }
}

TEST_F(EventRulesTest, NobodyPlansForOrganisersTheyDoNotActFor) {
  for (const rpc::Caller& caller : {stranger_, resident_, official_, Anyone()}) {
    EXPECT_THAT(Create(Talk(), caller), Refused(errors::v1::NOT_ORGANISER));
  }
}

TEST_F(EventRulesTest, OrganisersMustBeThereAndOfTheTown) {
  for (const char* unknown :
       {"towns/330481003/units/330481003999", "towns/330481001/units/330481001003",
        "towns/330481003/enterprises/01900000-0000-7000-8000-00000000000f"}) {
    v1::Event event = Talk();
    event.add_organisers(unknown);
    const auto refusal = Create(event, worker_);
    EXPECT_THAT(refusal, Refused(errors::v1::UNKNOWN_ORGANISER));
    EXPECT_EQ(test::MetadataOf(refusal.status(), "organiser"), unknown);
  }
}

TEST_F(EventRulesTest, TimesMustBeInOrder) {
  v1::Event backwards = Talk();
  *backwards.mutable_end_time() = backwards.start_time();
  EXPECT_THAT(Create(backwards, worker_), RefusesField("event.end_time"));

  v1::Event endless = Talk();
  *endless.mutable_end_time() = base::ToTimestamp(clock().Now() + absl::Hours(24 * 40));
  EXPECT_THAT(Create(endless, worker_), RefusesField("event.end_time"));

  v1::Event closes_late = Talk();
  *closes_late.mutable_sign_up_close_time() = base::ToTimestamp(clock().Now() + absl::Hours(3));
  EXPECT_THAT(Create(closes_late, worker_), RefusesField("event.sign_up_close_time"));

  v1::Event closes_before_opening = Talk();
  *closes_before_opening.mutable_sign_up_open_time() =
      base::ToTimestamp(clock().Now() + absl::Minutes(30));
  *closes_before_opening.mutable_sign_up_close_time() =
      base::ToTimestamp(clock().Now() + absl::Minutes(20));
  EXPECT_THAT(Create(closes_before_opening, worker_), RefusesField("event.sign_up_close_time"));
}

TEST_F(EventRulesTest, PublishingNeedsAPlaceAndATimeToCome) {
  v1::Event nowhere = Talk();
  nowhere.clear_place();
  EXPECT_THAT(Publish(Create(nowhere, worker_)->name(), worker_),
              Refused(errors::v1::EVENT_INCOMPLETE));

  const std::string late = Create(Talk(), worker_)->name();
  clock().Advance(absl::Hours(2));
  EXPECT_THAT(Publish(late, worker_), Refused(errors::v1::EVENT_OVER));
}

TEST_F(EventRulesTest, ADraftIsNotThereForOthersAndAPublishedEventIsNotTheirs) {
  const std::string name = Create(Talk(), worker_)->name();
  EXPECT_THAT(Publish(name, stranger_), Refused(errors::v1::NOT_FOUND));
  EXPECT_THAT(Publish(name, official_), Refused(errors::v1::NOT_ORGANISER));
  EXPECT_THAT(Publish(name, manager_), IsOk());
  EXPECT_THAT(Cancel(name, stranger_), Refused(errors::v1::NOT_ORGANISER));
  EXPECT_THAT(Cancel(name, official_), IsOk());
}

TEST_F(EventRulesTest, EveryPairOfStateAndVerbIsAllowedOrRefusedAsTheTableSays) {
  const std::string name = Published();
  EXPECT_THAT(Publish(name, worker_), Refused(errors::v1::WRONG_STATE));
  ASSERT_THAT(Cancel(name, worker_), IsOk());
  EXPECT_EQ(Get(kEvents, name).cancel_reason(), "台风");
  const auto twice = Cancel(name, worker_);
  EXPECT_THAT(twice, Refused(errors::v1::WRONG_STATE));
  EXPECT_EQ(test::MetadataOf(twice.status(), "state"), "CANCELLED");
  EXPECT_EQ(test::MetadataOf(twice.status(), "allowed"), "");
}

TEST_F(EventRulesTest, OnlyWhatTheMaskNamesChanges) {
  const v1::Event event = *Create(Talk(), worker_);
  v1::UpdateEventRequest request;
  request.mutable_event()->set_name(event.name());
  request.mutable_event()->set_title("改名");
  request.mutable_event()->set_capacity(7);
  request.mutable_update_mask()->add_paths("capacity");
  ASSERT_THAT(Run(DecideUpdateEvent, request, worker_), IsOk());
  const v1::Event updated = Get(kEvents, event.name());
  EXPECT_EQ(updated.capacity(), 7);
  EXPECT_EQ(updated.title(), event.title());
  EXPECT_EQ(updated.etag(), "2");
}

TEST_F(EventRulesTest, AStaleEtagChangesNothing) {
  const v1::Event event = *Create(Talk(), worker_);
  v1::UpdateEventRequest request;
  request.mutable_event()->set_name(event.name());
  request.mutable_event()->set_title("第二次改名");
  request.mutable_event()->set_etag(event.etag());
  ASSERT_THAT(Run(DecideUpdateEvent, request, worker_), IsOk());
  request.mutable_event()->set_title("第三次改名");
  EXPECT_THAT(Run(DecideUpdateEvent, request, worker_), Refused(errors::v1::STALE_ETAG));
  EXPECT_EQ(Get(kEvents, event.name()).title(), "第二次改名");
}

TEST_F(EventRulesTest, APublishedEventKeepsWhatWasAnnounced) {
  v1::UpdateEventRequest request;
  request.mutable_event()->set_name(Published());
  request.mutable_event()->set_kind(v1::MEETING);
  request.mutable_update_mask()->add_paths("kind");
  EXPECT_THAT(Run(DecideUpdateEvent, request, worker_), Refused(errors::v1::INVALID_FIELD));
}

TEST_F(EventRulesTest, AnEventIsNotHandedToOrganisersOneDoesNotActFor) {
  v1::Event own = Talk();
  own.clear_organisers();
  own.add_organisers(kBofei);
  v1::UpdateEventRequest request;
  request.mutable_event()->set_name(Create(own, manager_)->name());
  request.mutable_event()->add_organisers(kOtherFirm);
  request.mutable_update_mask()->add_paths("organisers");
  EXPECT_THAT(Run(DecideUpdateEvent, request, manager_), Refused(errors::v1::NOT_ORGANISER));
}

TEST_F(EventRulesTest, TheSameRequestIdCreatesOnce) {
  v1::CreateEventRequest request;
  request.set_parent(kParent);
  *request.mutable_event() = Talk();
  request.set_request_id("0190a000-0000-4000-8000-000000000001");
  const auto first = Run(DecideCreateEvent, request, worker_);
  const auto second = Run(DecideCreateEvent, request, worker_);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->name(), second->name());
  request.mutable_event()->set_title("另一场");
  EXPECT_THAT(Run(DecideCreateEvent, request, worker_), Refused(errors::v1::REQUEST_ID_REUSED));
  EXPECT_EQ(Sql("SELECT count(*) FROM events"), "1");
}

}  // namespace
}  // namespace pingan::event
