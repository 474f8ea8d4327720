// 隆兴社区 and 博菲电气, who are paired, a village and a firm who are not, and their people.
#ifndef PINGAN_TESTS_SERVICES_EXCHANGE_EXCHANGE_FIXTURE_H_
#define PINGAN_TESTS_SERVICES_EXCHANGE_EXCHANGE_FIXTURE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "common/base/ids.h"
#include "common/base/timestamps.h"
#include "services/exchange/delivery_rules.h"
#include "services/exchange/exchange_tables.h"
#include "services/exchange/listing_rules.h"
#include "services/exchange/match_rules.h"
#include "services/exchange/migrations/migrations.h"
#include "tests/support/service_fixture.h"

namespace pingan::exchange {

inline constexpr char kParent[] = "towns/330481003";
inline constexpr char kLongxing[] = "towns/330481003/units/330481003005";
inline constexpr char kGrid[] = "towns/330481003/units/330481003005-01";
inline constexpr char kOtherUnit[] = "towns/330481003/units/330481003013";
inline constexpr char kMerged[] = "towns/330481003/units/330481003014";
inline constexpr char kBofei[] = "towns/330481003/enterprises/01900000-0000-7000-8000-000000000001";
inline constexpr char kOtherFirm[] =
    "towns/330481003/enterprises/01900000-0000-7000-8000-000000000002";
inline constexpr char kElsewhere[] =
    "towns/330481001/enterprises/01900000-0000-7000-8000-000000000003";
inline constexpr char kNowhere[] = "towns/330481003/listings/01900000-0000-7000-8000-00000000000f";

class ExchangeFixture : public test::ServiceFixture {
 protected:
  ExchangeFixture()
      : ServiceFixture({.service = "exchange", .migrations = Migrations(), .tables = AllTables()}) {
  }

  void SetUp() override {
    ASSERT_THAT(Act(test::kTown,
                    [&](db::UnitOfWork& work) {
                      for (const char* name : {kLongxing, kGrid, kOtherUnit})
                        work.Insert(kUnits, Unit(name), "put");
                      work.Insert(kUnits, Unit(kMerged, kLongxing), "put");
                      for (const char* name : {kBofei, kOtherFirm})
                        work.Insert(kEnterprises, Enterprise(name), "put");
                      return absl::OkStatus();
                    }),
                test::IsOk());
    Put(kEnterprises, Enterprise(kElsewhere));
    pairing_ = PutPairing(kBofei, kLongxing, pairing::v1::ACTIVE);
    worker_ = PersonWith(directory::v1::VILLAGE_WORKER, kLongxing);
    grid_worker_ = PersonWith(directory::v1::VILLAGE_WORKER, kGrid);
    manager_ = PersonWith(directory::v1::ENTERPRISE_MANAGER, kBofei);
    other_worker_ = PersonWith(directory::v1::VILLAGE_WORKER, kOtherUnit);
    stranger_ = PersonWith(directory::v1::ENTERPRISE_MANAGER, kOtherFirm);
    outsider_ = PersonWith(directory::v1::ENTERPRISE_MANAGER, kElsewhere, "330481001");
    official_ = PersonWith(directory::v1::TOWN_OFFICIAL, kParent);
    city_official_ = PersonWith(directory::v1::CITY_OFFICIAL, "towns/330481000", test::kCity);
    resident_ = Person();
  }

  // --- rows that others brought in

  static directory::v1::Unit Unit(const std::string& name, const std::string& successor = "") {
    directory::v1::Unit unit;
    unit.set_name(name);
    unit.set_kind(directory::v1::COMMUNITY);
    unit.set_successor(successor);
    return unit;
  }
  static directory::v1::Enterprise Enterprise(const std::string& name) {
    directory::v1::Enterprise enterprise;
    enterprise.set_name(name);
    return enterprise;
  }
  std::string PutPairing(const std::string& enterprise, const std::string& unit,
                         pairing::v1::PairingState state) {
    pairing::v1::Pairing pairing;
    pairing.set_name(absl::StrCat(kParent, "/pairings/", base::NewId(clock().Now())));
    pairing.set_enterprise(enterprise);
    pairing.set_unit(unit);
    pairing.set_state(state);
    Put(kPairings, pairing);
    return pairing.name();
  }

  // --- listings

  // The community needs so many chairs, from tomorrow on, known to the pair for a week.
  v1::Listing Need(int64_t quantity = 10) {
    v1::Listing listing = Resource(quantity);
    listing.set_direction(v1::NEED);
    listing.set_party(kLongxing);
    listing.set_title("文化礼堂座椅");
    *listing.mutable_release_time() = base::ToTimestamp(clock().Now() + absl::Hours(24 * 7));
    return listing;
  }
  // The firm has so many, this month and the next.
  v1::Listing Resource(int64_t quantity = 10) {
    v1::Listing listing;
    listing.set_direction(v1::RESOURCE);
    listing.set_party(kBofei);
    listing.set_category(v1::EQUIPMENT);
    listing.set_mechanism(event::v1::RESOURCE);
    listing.set_title("闲置座椅");
    listing.set_quantity(quantity);
    listing.set_measure(v1::PIECES);
    return listing;
  }
  static void SetWindow(v1::Listing& listing, absl::CivilDay first, absl::CivilDay last) {
    *listing.mutable_start_date() = base::ToDate(first);
    *listing.mutable_end_date() = base::ToDate(last);
  }

  // Time goes on between two of them, so that their ids are in order.
  absl::StatusOr<v1::Listing> Create(const v1::Listing& listing, const rpc::Caller& caller) {
    clock().Advance(absl::Microseconds(1));
    v1::CreateListingRequest request;
    request.set_parent(kParent);
    *request.mutable_listing() = listing;
    return Run(DecideCreateListing, request, caller);
  }
  absl::StatusOr<v1::Listing> Publish(const std::string& name, const rpc::Caller& caller) {
    v1::PublishListingRequest request;
    request.set_name(name);
    return Run(DecidePublishListing, request, caller);
  }
  absl::StatusOr<v1::Listing> Release(const std::string& name, const rpc::Caller& caller) {
    v1::ReleaseListingRequest request;
    request.set_name(name);
    return Run(DecideReleaseListing, request, caller);
  }
  absl::StatusOr<v1::Listing> Withdraw(const std::string& name, const rpc::Caller& caller) {
    v1::WithdrawListingRequest request;
    request.set_name(name);
    return Run(DecideWithdrawListing, request, caller);
  }
  absl::StatusOr<v1::Listing> CloseListing(const std::string& name, const rpc::Caller& caller) {
    v1::CloseListingRequest request;
    request.set_name(name);
    request.set_reason("不再需要");
    return Run(DecideCloseListing, request, caller);
  }
  // The whole listing as it is to be, with the fields of `mask`.
  absl::StatusOr<v1::Listing> Update(const v1::Listing& listing, const std::string& path,
                                     const rpc::Caller& caller) {
    v1::UpdateListingRequest request;
    *request.mutable_listing() = listing;
    request.mutable_update_mask()->add_paths(path);
    return Run(DecideUpdateListing, request, caller);
  }
  // The name of a listing that its party published.
  std::string Published(const v1::Listing& listing, const rpc::Caller& caller) {
    const auto created = Create(listing, caller);
    EXPECT_THAT(created, test::IsOk());
    if (!created.ok()) return "";
    EXPECT_THAT(Publish(created->name(), caller), test::IsOk());
    return created->name();
  }
  std::string PublishedNeed(int64_t quantity = 10) { return Published(Need(quantity), worker_); }
  std::string PublishedResource(int64_t quantity = 10) {
    return Published(Resource(quantity), manager_);
  }

  // --- matches

  absl::StatusOr<v1::Match> Propose(const std::string& need, const std::string& resource,
                                    int64_t quantity, const rpc::Caller& caller,
                                    const std::string& giver = "",
                                    const std::string& receiver = "") {
    clock().Advance(absl::Microseconds(1));
    v1::CreateMatchRequest request;
    request.set_parent(kParent);
    request.mutable_match()->set_need(need);
    request.mutable_match()->set_resource(resource);
    request.mutable_match()->set_giver(giver);
    request.mutable_match()->set_receiver(receiver);
    request.mutable_match()->set_quantity(quantity);
    return Run(DecideCreateMatch, request, caller);
  }
  absl::StatusOr<v1::Match> Accept(const std::string& name, const rpc::Caller& caller) {
    v1::AcceptMatchRequest request;
    request.set_name(name);
    return Run(DecideAcceptMatch, request, caller);
  }
  absl::StatusOr<v1::Match> Decline(const std::string& name, const rpc::Caller& caller) {
    v1::DeclineMatchRequest request;
    request.set_name(name);
    request.set_reason("用不上");
    return Run(DecideDeclineMatch, request, caller);
  }
  absl::StatusOr<v1::Match> Cancel(const std::string& name, const rpc::Caller& caller) {
    v1::CancelMatchRequest request;
    request.set_name(name);
    request.set_reason("计划有变");
    return Run(DecideCancelMatch, request, caller);
  }
  absl::StatusOr<v1::Match> Deliver(const std::string& name, int64_t quantity,
                                    const rpc::Caller& caller) {
    v1::DeliverMatchRequest request;
    request.set_name(name);
    request.set_quantity(quantity);
    request.set_words("货车送出");
    return Run(DecideDeliverMatch, request, caller);
  }
  absl::StatusOr<v1::Match> Confirm(const std::string& name, int64_t quantity,
                                    const rpc::Caller& caller) {
    v1::ConfirmMatchRequest request;
    request.set_name(name);
    request.set_quantity(quantity);
    return Run(DecideConfirmMatch, request, caller);
  }
  absl::StatusOr<v1::Match> Lose(const std::string& name, int64_t quantity,
                                 const rpc::Caller& caller) {
    v1::ReportLossRequest request;
    request.set_name(name);
    request.set_quantity(quantity);
    request.set_words("运输途中损坏");
    return Run(DecideReportLoss, request, caller);
  }
  absl::StatusOr<v1::Match> CloseMatch(const std::string& name, const rpc::Caller& caller) {
    v1::CloseMatchRequest request;
    request.set_name(name);
    request.set_reason("余下的不送了");
    return Run(DecideCloseMatch, request, caller);
  }
  absl::StatusOr<v1::Match> Rate(const std::string& name, int stars, const rpc::Caller& caller) {
    v1::RateMatchRequest request;
    request.set_name(name);
    request.mutable_rating()->set_stars(stars);
    return Run(DecideRateMatch, request, caller);
  }
  // The name of a match of a new need and a new resource that both sides agreed on.
  std::string Accepted(int64_t quantity = 10) {
    const auto match =
        Propose(PublishedNeed(quantity), PublishedResource(quantity), quantity, worker_);
    EXPECT_THAT(match, test::IsOk());
    EXPECT_THAT(Accept(match->name(), manager_), test::IsOk());
    return match->name();
  }

  // Every sum of every match and listing is that of its lines, and what remains follows from them.
  void ExpectLedgerToHold() {
    EXPECT_EQ(Sql("SELECT string_agg(m.match::text, ' ') FROM matches m WHERE "
                  "(delivered, confirmed, lost, cancelled, state IN (2, 3, 4) OR cancelled > 0) <> "
                  "(SELECT coalesce(sum(quantity) FILTER (WHERE kind = 2), 0), "
                  "coalesce(sum(quantity) FILTER (WHERE kind = 3), 0), "
                  "coalesce(sum(quantity) FILTER (WHERE kind = 4), 0), "
                  "coalesce(sum(quantity) FILTER (WHERE kind = 5), 0), "
                  "coalesce(sum(quantity) FILTER (WHERE kind = 1), 0) = m.quantity "
                  "FROM lines l WHERE l.town = m.town AND l.match = m.match)"),
              "");
    EXPECT_EQ(Sql("SELECT string_agg(x.listing::text, ' ') FROM listings x WHERE "
                  "(committed, delivered, confirmed, lost, remaining) <> "
                  "(SELECT c, d, a, o, x.quantity - c + CASE x.direction WHEN 2 THEN o ELSE 0 END "
                  "FROM (SELECT coalesce(sum(l.quantity) FILTER (WHERE kind = 1), 0) - "
                  "coalesce(sum(l.quantity) FILTER (WHERE kind = 5), 0) AS c, "
                  "coalesce(sum(l.quantity) FILTER (WHERE kind = 2), 0) AS d, "
                  "coalesce(sum(l.quantity) FILTER (WHERE kind = 3), 0) AS a, "
                  "coalesce(sum(l.quantity) FILTER (WHERE kind = 4), 0) AS o "
                  "FROM lines l JOIN matches m USING (town, match) "
                  "WHERE m.town = x.town AND x.listing IN (m.need, m.resource)) s)"),
              "");
  }

  std::string pairing_;
  rpc::Caller worker_, grid_worker_, manager_, other_worker_, stranger_, outsider_, official_,
      city_official_, resident_;
};

}  // namespace pingan::exchange

#endif  // PINGAN_TESTS_SERVICES_EXCHANGE_EXCHANGE_FIXTURE_H_
