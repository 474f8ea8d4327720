#include "services/exchange/exchange_service.h"

#include <algorithm>
#include <utility>

#include "absl/types/span.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/rpc/page_token.h"
#include "common/service/import_file.h"
#include "services/exchange/categories.h"
#include "services/exchange/delivery_rules.h"
#include "services/exchange/exchange_errors.h"
#include "services/exchange/exchange_lists.h"
#include "services/exchange/exchange_tables.h"
#include "services/exchange/listing_import.h"
#include "services/exchange/listing_rules.h"
#include "services/exchange/match_rules.h"
#include "services/exchange/suggestions.h"
#include "services/exchange/visibility.h"

namespace pingan::exchange {
namespace {

using service::PatienceOf;
using service::Roles;
using service::RolesOf;

// Proposals in one command: some 20 ms under the town's lock.
constexpr size_t kProposedAtOnce = 100;

// The rows that DecideProposePlanned asks for.
std::vector<db::Want> WantsOfPlanned(absl::Span<const v1::Match> planned) {
  std::vector<db::Want> wants;
  for (const v1::Match& match : planned) {
    wants.push_back(db::Want::ForRow(kListings, match.need()));
    wants.push_back(db::Want::ForRow(kListings, match.resource()));
    wants.push_back(
        db::Want::ForList(kMatchesOfNeed, match.need(), db::kAll, match.need(), v1::PROPOSED));
  }
  return wants;
}

}  // namespace

service::ChoreOptions ReleaseListings() {
  return {.name = "release_listings", .due_towns = kTownsToReleaseSql, .step = ReleaseDueListings};
}

ExchangeService::ExchangeService(service::Runtime& runtime)
    : reader_(runtime.reader()),
      methods_("pingan.exchange.v1.ExchangeService", runtime.adapter()),
      commands_(methods_, runtime.writer()) {}

absl::StatusOr<std::unique_ptr<service::Handlers>> ExchangeService::Make(
    service::Runtime& runtime) {
  std::unique_ptr<ExchangeService> service(new ExchangeService(runtime));
  service->BindListings();
  service->BindMatches();
  RETURN_IF_ERROR(service->methods_.Complete());
  changes::Follower& directory = runtime.Follow("directory");
  directory.Mirror(kUnits);
  directory.Mirror(kEnterprises);
  directory.Mirror(service::kGrants);
  runtime.Follow("pairing").Mirror(kPairings);
  runtime.Every(ReleaseListings());
  return service;
}

void ExchangeService::BindListings() {
  methods_.Handle("ListCategories", this, &ExchangeService::ListCategories);
  commands_.Bind("CreateListing", DecideCreateListing);
  methods_.Handle("GetListing", this, &ExchangeService::GetListing);
  methods_.Handle("ListListings", this, &ExchangeService::ListListings);
  commands_.Bind("UpdateListing", DecideUpdateListing);
  commands_.Bind("PublishListing", DecidePublishListing);
  commands_.Bind("ReleaseListing", DecideReleaseListing);
  commands_.Bind("WithdrawListing", DecideWithdrawListing);
  commands_.Bind("CloseListing", DecideCloseListing);
  methods_.Handle("ImportListings", this, &ExchangeService::ImportListings);
  methods_.Handle("SuggestListings", this, &ExchangeService::SuggestListings);
  methods_.Handle("SuggestForParty", this, &ExchangeService::SuggestForParty);
}

void ExchangeService::BindMatches() {
  commands_.Bind("CreateMatch", DecideCreateMatch);
  methods_.Handle("GetMatch", this, &ExchangeService::GetMatch);
  methods_.Handle("ListMatches", this, &ExchangeService::ListMatches);
  commands_.Bind("AcceptMatch", DecideAcceptMatch);
  commands_.Bind("DeclineMatch", DecideDeclineMatch);
  commands_.Bind("CancelMatch", DecideCancelMatch);
  commands_.Bind("DeliverMatch", DecideDeliverMatch);
  commands_.Bind("ConfirmMatch", DecideConfirmMatch);
  commands_.Bind("ReportLoss", DecideReportLoss);
  commands_.Bind("CloseMatch", DecideCloseMatch);
  commands_.Bind("RateMatch", DecideRateMatch);
  methods_.Handle("ListLines", this, &ExchangeService::ListLines);
  methods_.Handle("PlanMatches", this, &ExchangeService::PlanMatches);
}

ExchangeService::Answer<v1::Listing> ExchangeService::FindReadable(const rpc::Call& call,
                                                                   std::string name) {
  CO_ASSIGN_OR_RETURN(v1::Listing listing,
                      co_await reader_.Find(kListings, name, PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  if (MayReadUnpaired(roles, listing)) co_return listing;
  std::vector<db::Value> active = {PairedAs(listing.party()), pairing::v1::ACTIVE};
  CO_ASSIGN_OR_RETURN(const std::vector<pairing::v1::Pairing> pairings,
                      co_await reader_.List(PairingsQueryOf(listing.party()), name, kMostPairings,
                                            std::move(active), PatienceOf(call)));
  if (!MayReadPaired(roles, listing, pairings)) co_return db::RowNotFound(name);
  co_return listing;
}

ExchangeService::Answer<v1::Match> ExchangeService::FindReadableMatch(const rpc::Call& call,
                                                                      std::string name) {
  CO_ASSIGN_OR_RETURN(v1::Match match, co_await reader_.Find(kMatches, name, PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  if (!MayReadMatch(roles, match)) co_return db::RowNotFound(name);
  co_return match;
}

ExchangeService::Answer<v1::ListCategoriesResponse> ExchangeService::ListCategories(
    const rpc::Call&, const v1::ListCategoriesRequest&) {
  co_return AllCategories();
}

ExchangeService::Answer<v1::Listing> ExchangeService::GetListing(
    const rpc::Call& call, const v1::GetListingRequest& request) {
  co_return co_await FindReadable(call, request.name());
}

ExchangeService::Answer<v1::ListListingsResponse> ExchangeService::ListListings(
    const rpc::Call& call, const v1::ListListingsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  co_return co_await reader_.Read<v1::ListListingsResponse>(
      [&](db::ReadSession& session) { return ReadListings(request, page, roles, session); },
      PatienceOf(call));
}

ExchangeService::Answer<imports::v1::ImportReport> ExchangeService::ImportListings(
    const rpc::Call& call, const v1::ImportListingsRequest& request) {
  CO_ASSIGN_OR_RETURN(service::ImportFile<rows::ListingChunk> file, ReadListingFile(request));
  co_return co_await service::RunImport<rows::ListingChunk>(
      commands_, call, std::move(file), DecideImportListings, WantsOfImportListings);
}

ExchangeService::Answer<v1::SuggestListingsResponse> ExchangeService::SuggestListings(
    const rpc::Call& call, const v1::SuggestListingsRequest& request) {
  CO_ASSIGN_OR_RETURN(const v1::Listing listing, co_await FindReadable(call, request.name()));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  co_return co_await reader_.Read<v1::SuggestListingsResponse>(
      [&](db::ReadSession& session) { return ReadSuggestions(listing, roles, session); },
      PatienceOf(call));
}

ExchangeService::Answer<v1::SuggestForPartyResponse> ExchangeService::SuggestForParty(
    const rpc::Call& call, const v1::SuggestForPartyRequest& request) {
  if (base::TownOf(request.party()) != base::TownOf(request.parent()))
    co_return base::RefuseField("party", "该单位不属于这个镇街");
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  if (!roles.ActsFor(request.party()) && !roles.ReadsAsOfficialOf(request.party()))
    co_return NotParty();
  co_return co_await reader_.Read<v1::SuggestForPartyResponse>(
      [&](db::ReadSession& session) { return ReadSuggestionsForParty(request, roles, session); },
      PatienceOf(call));
}

ExchangeService::Answer<v1::Match> ExchangeService::GetMatch(const rpc::Call& call,
                                                             const v1::GetMatchRequest& request) {
  co_return co_await FindReadableMatch(call, request.name());
}

ExchangeService::Answer<v1::ListMatchesResponse> ExchangeService::ListMatches(
    const rpc::Call& call, const v1::ListMatchesRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  co_return co_await reader_.Read<v1::ListMatchesResponse>(
      [&](db::ReadSession& session) { return ReadMatches(request, page, roles, session); },
      PatienceOf(call));
}

ExchangeService::Answer<v1::ListLinesResponse> ExchangeService::ListLines(
    const rpc::Call& call, const v1::ListLinesRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_RETURN_IF_ERROR((co_await FindReadableMatch(call, request.parent())).status());
  co_return co_await reader_.Read<v1::ListLinesResponse>(
      [&](db::ReadSession& session) { return ReadLines(request, page, session); },
      PatienceOf(call));
}

ExchangeService::Answer<v1::PlanMatchesResponse> ExchangeService::PlanMatches(
    const rpc::Call& call, const v1::PlanMatchesRequest& request) {
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  if (!roles.IsOfficialOf(request.parent())) co_return base::Refuse(errors::v1::FORBIDDEN);
  // Computed on the list's thread, which may be held.
  CO_ASSIGN_OR_RETURN(TownPlan plan, co_await reader_.Read<TownPlan>(
                                         [&](db::ReadSession& session) -> absl::StatusOr<TownPlan> {
                                           ASSIGN_OR_RETURN(
                                               const OpenTown town,
                                               ReadOpenTown(request.parent(), session));
                                           return PlanTown(request.parent(), town);
                                         },
                                         PatienceOf(call)));
  if (!request.validate_only()) co_return co_await Propose(call, request, std::move(plan));
  v1::PlanMatchesResponse response;
  response.mutable_matches()->Assign(plan.matches.begin(), plan.matches.end());
  response.mutable_unmet()->Assign(plan.unmet.begin(), plan.unmet.end());
  co_return response;
}

// A retry under the same request_id finds the answers of the chunks that were made before, and goes
// on with what a plan of today proposes. So the first chunk is always asked for, and says how many
// there are.
ExchangeService::Answer<v1::PlanMatchesResponse> ExchangeService::Propose(
    const rpc::Call& call, const v1::PlanMatchesRequest& request, TownPlan plan) {
  v1::PlanMatchesResponse response;
  absl::Span<const v1::Match> left = plan.matches;
  const size_t planned = (left.size() + kProposedAtOnce - 1) / kProposedAtOnce;
  int chunks = std::max(1, static_cast<int>(planned));
  for (int number = 0; number < chunks; ++number) {
    const absl::Span<const v1::Match> next = left.first(std::min(left.size(), kProposedAtOnce));
    bool was_made_now = false;
    rows::PlanChunk chunk;
    chunk.set_parent(request.parent());
    chunk.set_request_id(service::ChunkRequestId(request.request_id(), number));
    chunk.set_number(number);
    db::CommandOf<rows::PlanChunk, rpc::Caller, rows::PlanAnswer> command(
        [&](const rows::PlanChunk& asked, const rpc::Caller& caller,
            db::UnitOfWork& work) -> absl::StatusOr<rows::PlanAnswer> {
          was_made_now = true;
          ASSIGN_OR_RETURN(rows::PlanAnswer answer,
                           DecideProposePlanned(next, asked, caller, work));
          answer.set_chunks(chunks);
          if (number == 0) answer.mutable_unmet()->Assign(plan.unmet.begin(), plan.unmet.end());
          return answer;
        },
        chunk, call.caller);
    command.tenant = std::string(base::TownOf(request.parent()));
    command.actor = call.caller.actor();
    command.method = std::string(call.method);
    command.request_id = chunk.request_id();
    command.patience = PatienceOf(call);
    command.wants = WantsOfPlanned(next);
    CO_ASSIGN_OR_RETURN(const rows::PlanAnswer answer, co_await commands_.writer().Run(command));
    response.mutable_matches()->MergeFrom(answer.matches());
    response.mutable_unmet()->MergeFrom(answer.unmet());
    chunks = answer.chunks();
    if (was_made_now) left.remove_prefix(next.size());
  }
  co_return response;
}

}  // namespace pingan::exchange
