// ExchangeService: which method is which rule or list, and the handlers that do more than one
// thing.
#ifndef PINGAN_SERVICES_EXCHANGE_EXCHANGE_SERVICE_H_
#define PINGAN_SERVICES_EXCHANGE_EXCHANGE_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/service/chore.h"
#include "common/service/commands.h"
#include "common/service/main.h"
#include "common/service/runtime.h"
#include "pingan/exchange/v1/exchange.pb.h"
#include "services/exchange/town_plan.h"

namespace pingan::exchange {

// Releases listings whose time has come.
service::ChoreOptions ReleaseListings();

class ExchangeService final : public service::Handlers {
 public:
  // Binds every method of the API, follows directory and pairing, and keeps the chore. The runtime
  // outlives the service.
  static absl::StatusOr<std::unique_ptr<service::Handlers>> Make(service::Runtime& runtime);

  std::vector<grpc::Service*> services() override { return {&methods_}; }

 private:
  template <class T>
  using Answer = base::Task<absl::StatusOr<T>>;

  explicit ExchangeService(service::Runtime& runtime);
  void BindListings();
  void BindMatches();

  // What the caller may read, or NOT_FOUND.
  Answer<v1::Listing> FindReadable(const rpc::Call& call, std::string name);
  Answer<v1::Match> FindReadableMatch(const rpc::Call& call, std::string name);

  Answer<v1::ListCategoriesResponse> ListCategories(const rpc::Call& call,
                                                    const v1::ListCategoriesRequest& request);
  Answer<v1::Listing> GetListing(const rpc::Call& call, const v1::GetListingRequest& request);
  Answer<v1::ListListingsResponse> ListListings(const rpc::Call& call,
                                                const v1::ListListingsRequest& request);
  Answer<imports::v1::ImportReport> ImportListings(const rpc::Call& call,
                                                   const v1::ImportListingsRequest& request);
  Answer<v1::SuggestListingsResponse> SuggestListings(const rpc::Call& call,
                                                      const v1::SuggestListingsRequest& request);
  Answer<v1::SuggestForPartyResponse> SuggestForParty(const rpc::Call& call,
                                                      const v1::SuggestForPartyRequest& request);
  Answer<v1::Match> GetMatch(const rpc::Call& call, const v1::GetMatchRequest& request);
  Answer<v1::ListMatchesResponse> ListMatches(const rpc::Call& call,
                                              const v1::ListMatchesRequest& request);
  Answer<v1::ListLinesResponse> ListLines(const rpc::Call& call,
                                          const v1::ListLinesRequest& request);
  Answer<v1::PlanMatchesResponse> PlanMatches(const rpc::Call& call,
                                              const v1::PlanMatchesRequest& request);
  // Makes a plan's matches proposals.
  Answer<v1::PlanMatchesResponse> Propose(const rpc::Call& call,
                                          const v1::PlanMatchesRequest& request, TownPlan plan);

  db::RowReader& reader_;
  rpc::Service methods_;
  service::Commands commands_;
};

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_EXCHANGE_SERVICE_H_
