#include "tests/load/loads.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/timestamps.h"
#include "pingan/event/v1/event.pb.h"
#include "pingan/exchange/v1/exchange.pb.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::load {
namespace {

constexpr int64_t kTakingTurns = 200;  // people who call again and again
constexpr int64_t kRequestIds = int64_t{1} << 40;
constexpr int kPage = 50;
constexpr int kMonths = 12;  // of 2026, over which seed_events.sql spreads what it makes

std::string Id(int64_t n) { return absl::StrFormat("00000000-0000-7000-8000-%012x", n); }
std::string Town(const Spread& spread, int64_t n) {
  return absl::StrCat("towns/", 330000000 + n % spread.towns);
}
std::string Row(const Spread& spread, absl::string_view kind, int64_t i) {
  // Neighbouring calls touch rows of the same number as their town, so a person's town is the
  // row's.
  const int64_t row = i % spread.rows;
  return absl::StrCat(Town(spread, row), "/", kind, "/", Id(row));
}
// The new person who makes the i-th call, and how many calls that person made before.
int64_t Person(const Spread& spread, int64_t i) {
  return spread.first + (spread.people > 0 ? i % spread.people : i);
}
int64_t Turn(const Spread& spread, int64_t i) { return spread.people > 0 ? i / spread.people : 0; }
std::string RequestId(const Spread& spread, int64_t i) {
  return Id(kRequestIds + spread.first + i);
}

template <class Message>
Message Named(std::string name) {
  Message message;
  message.set_name(std::move(name));
  return message;
}

void GetEvent(const Spread& spread, int64_t i, Request& request) {
  request.expected = Row(spread, "events", i);
  request.body = Named<event::v1::GetEventRequest>(request.expected).SerializeAsString();
}

void Echo(const Spread& spread, int64_t i, Request& request) {
  GetEvent(spread, i, request);
  request.expected = "towns/330481003/events/";  // it answers the same always
}

void GetEventAsJson(const Spread& spread, int64_t i, Request& request) {
  request.expected = Row(spread, "events", i);
  request.json = true;
  request.path = absl::StrCat("/v1/", request.expected);
}

void EchoAsJson(const Spread& spread, int64_t i, Request& request) {
  GetEventAsJson(spread, i, request);
  request.expected = "towns/330481003/events/";
}

void ListEvents(const Spread& spread, int64_t i, Request& request) {
  event::v1::ListEventsRequest asked;
  asked.set_parent(Town(spread, i));
  asked.set_page_size(kPage);
  const absl::CivilMonth month(2026, 1 + static_cast<int>(i / spread.towns % kMonths));
  *asked.mutable_start_time_from() = base::ToTimestamp(absl::FromCivil(month, absl::UTCTimeZone()));
  *asked.mutable_start_time_until() =
      base::ToTimestamp(absl::FromCivil(month + 1, absl::UTCTimeZone()));
  request.expected = absl::StrCat(asked.parent(), "/events/");
  request.body = asked.SerializeAsString();
}

void CountHeldEvents(const Spread& spread, int64_t i, Request& request) {
  event::v1::CountHeldEventsRequest asked;
  asked.set_parent(Town(spread, i));
  asked.set_group_by(event::v1::MONTH);
  asked.set_month_from("2026-01");
  asked.set_month_until("2026-12");
  request.expected = "2026-07";
  request.body = asked.SerializeAsString();
}

void GetRoster(const Spread& spread, int64_t i, Request& request) {
  request.expected = Row(spread, "rosters", i);
  request.body = Named<volunteer::v1::GetRosterRequest>(request.expected).SerializeAsString();
}

void SignUp(const Spread& spread, int64_t i, Request& request) {
  volunteer::v1::CreateSignUpRequest asked;
  asked.set_parent(Row(spread, "rosters", i + Turn(spread, i) * spread.towns));
  asked.set_request_id(RequestId(spread, i));
  request.expected = absl::StrCat(asked.parent(), "/signUps/", Id(Person(spread, i)));
  request.body = asked.SerializeAsString();
}

void ListMySignUps(const Spread& spread, int64_t i, Request& request) {
  volunteer::v1::ListMySignUpsRequest asked;
  asked.set_parent(Town(spread, spread.first + i));
  request.expected = absl::StrCat("/signUps/", Id(spread.first + i));
  request.body = asked.SerializeAsString();
}

void GetListing(const Spread& spread, int64_t i, Request& request) {
  request.expected = Row(spread, "listings", i);
  request.body = Named<exchange::v1::GetListingRequest>(request.expected).SerializeAsString();
}

void AcceptMatch(const Spread& spread, int64_t i, Request& request) {
  request.expected = absl::StrCat(Town(spread, 0), "/matches/", Id(spread.first + i));
  auto asked = Named<exchange::v1::AcceptMatchRequest>(request.expected);
  asked.set_request_id(RequestId(spread, i));
  request.body = asked.SerializeAsString();
}

void PublishEvent(const Spread& spread, int64_t i, Request& request) {
  const int64_t row = spread.first + i;
  request.expected = absl::StrCat(Town(spread, row), "/events/", Id(row));
  auto asked = Named<event::v1::PublishEventRequest>(request.expected);
  asked.set_request_id(RequestId(spread, i));
  request.body = asked.SerializeAsString();
}

// Of what PublishEvent has published: one place, for a person of the same number.
void SignUpPublished(const Spread& spread, int64_t i, Request& request) {
  const int64_t row = spread.first + i;
  volunteer::v1::CreateSignUpRequest asked;
  asked.set_parent(absl::StrCat(Town(spread, row), "/rosters/", Id(row)));
  asked.set_request_id(RequestId(spread, i));
  request.expected = absl::StrCat(asked.parent(), "/signUps/");
  request.body = asked.SerializeAsString();
}

constexpr char kEvent[] = "/pingan.event.v1.EventService/";
constexpr char kVolunteer[] = "/pingan.volunteer.v1.VolunteerService/";
constexpr char kExchange[] = "/pingan.exchange.v1.ExchangeService/";

constexpr Load kLoads[] = {
    {"get_event", kEvent, "GetEvent", false, GetEvent},
    {"echo", "/pingan.load.Echo/", "GetEvent", false, Echo},
    {"get_event_json", "", "", false, GetEventAsJson},
    {"echo_json", "", "", false, EchoAsJson},
    {"list_events", kEvent, "ListEvents", false, ListEvents},
    {"count_held_events", kEvent, "CountHeldEvents", false, CountHeldEvents},
    {"publish_event", kEvent, "PublishEvent", false, PublishEvent},
    {"get_roster", kVolunteer, "GetRoster", true, GetRoster},
    {"sign_up", kVolunteer, "CreateSignUp", true, SignUp},
    {"sign_up_published", kVolunteer, "CreateSignUp", true, SignUpPublished},
    {"list_my_sign_ups", kVolunteer, "ListMySignUps", true, ListMySignUps},
    {"get_listing", kExchange, "GetListing", false, GetListing},
    {"accept_match", kExchange, "AcceptMatch", false, AcceptMatch},
};

}  // namespace

const Load* FindLoad(absl::string_view name) {
  for (const Load& load : kLoads) {
    if (load.name == name) return &load;
  }
  return nullptr;
}

Requests::Requests(const Load& load, const Spread& spread, int64_t calls, rpc::TokenSigner& signer,
                   absl::Time signed_at)
    : load_(load), spread_(spread) {
  const int64_t first = load.new_people ? spread.first : 0;
  const int64_t people = !load.new_people    ? kTakingTurns
                         : spread.people > 0 ? std::min(spread.people, calls)
                                             : calls;
  for (int64_t person = first; person < first + people; ++person) {
    tokens_.push_back(signer.Sign(Id(person),
                                  absl::StrCat(Town(spread, person), "/people/", Id(person)),
                                  signed_at, rpc::kMaxUserTokenLifetime));
  }
}

Request Requests::Make(int64_t i) const {
  Request request;
  request.path = absl::StrCat(load_.service, load_.method);
  request.token = tokens_[static_cast<size_t>(i) % tokens_.size()];
  load_.fill(spread_, i, request);
  return request;
}

}  // namespace pingan::load
