#include "services/event/event_service.h"

#include "pingan/event/v1/event.grpc.pb.h"
#include "tests/services/event/event_fixture.h"

namespace pingan::event {
namespace {

using test::IsOk;
using test::Refused;

class EventServiceTest : public EventFixture {
 protected:
  void SetUp() override {
    EventFixture::SetUp();
    Serve(EventService::Make, {"directory", "volunteer", "pairing"});
    stub_ = v1::EventService::NewStub(channel());
  }
  absl::StatusOr<v1::Event> GetEvent(const std::string& name, const rpc::Caller& caller) {
    v1::GetEventRequest request;
    request.set_name(name);
    return Ask(*stub_, &v1::EventService::Stub::GetEvent, request, caller);
  }
  absl::StatusOr<v1::ListEventsResponse> ListEvents(const v1::ListEventsRequest& request,
                                                    const rpc::Caller& caller) {
    return Ask(*stub_, &v1::EventService::Stub::ListEvents, request, caller);
  }

  std::unique_ptr<v1::EventService::Stub> stub_;
};

TEST_F(EventServiceTest, ADraftIsReadByItsOrganisersAndOfficialsOnly) {
  const std::string draft = Create(Talk(), worker_)->name();
  for (const rpc::Caller& caller : {worker_, manager_, official_})
    EXPECT_THAT(GetEvent(draft, caller), IsOk());
  EXPECT_THAT(
      GetEvent(draft, PersonWith(directory::v1::CITY_OFFICIAL, "towns/330481000", test::kCity)),
      IsOk());
  for (const rpc::Caller& caller : {stranger_, resident_, Anyone()}) {
    EXPECT_THAT(GetEvent(draft, caller), Refused(errors::v1::NOT_FOUND));
  }
  ASSERT_THAT(Publish(draft, worker_), IsOk());
  EXPECT_THAT(GetEvent(draft, Anyone()), IsOk());
}

TEST_F(EventServiceTest, ListsPageByStartAndHideDrafts) {
  for (int i = 0; i < 5; ++i) {
    v1::Event event = Talk();
    *event.mutable_start_time() = base::ToTimestamp(clock().Now() + absl::Minutes(60 - i));
    const std::string name = Create(event, worker_)->name();
    if (i > 0) {
      ASSERT_THAT(Publish(name, worker_), IsOk());
    }
  }
  v1::ListEventsRequest request;
  request.set_parent(kParent);
  request.set_page_size(3);
  const auto first = ListEvents(request, resident_);
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->events_size(), 3);
  request.set_page_token(first->next_page_token());
  const auto second = ListEvents(request, resident_);
  ASSERT_EQ(second->events_size(), 1);
  EXPECT_EQ(second->next_page_token(), "");
  EXPECT_LT(base::FromTimestamp(first->events(2).start_time()),
            base::FromTimestamp(second->events(0).start_time()));

  request.clear_page_token();
  request.set_state(v1::DRAFT);
  EXPECT_EQ(ListEvents(request, resident_)->events_size(), 0);
  EXPECT_EQ(ListEvents(request, manager_)->events_size(), 1);
  request.set_page_token(first->next_page_token());
  EXPECT_THAT(ListEvents(request, manager_), Refused(errors::v1::INVALID_PAGE_TOKEN));
}

TEST_F(EventServiceTest, PartiesCountTheirOwnOfficialsAllEverybodyTheTown) {
  HeldTalk();
  v1::CountHeldEventsRequest request;
  request.set_parent(kParent);
  request.set_group_by(v1::MONTH);
  const auto count = [&](const rpc::Caller& caller) {
    return Ask(*stub_, &v1::EventService::Stub::CountHeldEvents, request, caller);
  };
  EXPECT_THAT(count(Anyone()), IsOk());
  request.set_enterprise(kBofei);
  EXPECT_THAT(count(manager_), IsOk());
  EXPECT_THAT(count(stranger_), Refused(errors::v1::FORBIDDEN));
  EXPECT_THAT(count(Anyone()), Refused(errors::v1::FORBIDDEN));
  request.clear_enterprise();
  request.set_group_by(v1::BY_UNIT);
  EXPECT_THAT(count(official_), IsOk());
  EXPECT_THAT(count(manager_), Refused(errors::v1::FORBIDDEN));
}

TEST_F(EventServiceTest, HoldingWithoutVolunteerIsUnavailableAndChangesNothing) {
  const std::string name = Published();
  clock().Advance(absl::Hours(1));
  v1::HoldEventRequest request;
  request.set_name(name);
  *request.mutable_outcome() = Outcome(12);
  EXPECT_THAT(Ask(*stub_, &v1::EventService::Stub::HoldEvent, request, worker_),
              Refused(errors::v1::UNAVAILABLE));
  EXPECT_EQ(Get(kEvents, name).state(), v1::PUBLISHED);
}

TEST_F(EventServiceTest, ABadRequestNamesAllItsFieldsInChinese) {
  v1::CreateEventRequest request;
  request.set_parent("towns/33048");
  request.mutable_event()->set_title("x");
  request.mutable_event()->set_capacity(-1);
  const auto refusal = Ask(*stub_, &v1::EventService::Stub::CreateEvent, request, worker_);
  for (const char* field :
       {"parent", "event.title", "event.capacity", "event.kind", "event.organisers"}) {
    EXPECT_TRUE(test::NamesField(refusal.status(), field)) << field;
  }
  EXPECT_FALSE(test::TextOf(refusal.status()).empty());
}

}  // namespace
}  // namespace pingan::event
