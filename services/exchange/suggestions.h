// What fits a listing, best first.
#ifndef PINGAN_SERVICES_EXCHANGE_SUGGESTIONS_H_
#define PINGAN_SERVICES_EXCHANGE_SUGGESTIONS_H_

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/read_session.h"
#include "common/service/grants.h"
#include "pingan/exchange/v1/exchange.pb.h"

namespace pingan::exchange {

// The `most` candidates that fit best: of the other direction and another party, of the same
// category and measure, on some common day, with something left on both sides. Those of one score
// in order of create_time, then name. `paired` are the parties paired with the listing's. Pure.
std::vector<v1::Suggestion> BestSuggestions(const v1::Listing& listing,
                                            const std::vector<v1::Listing>& candidates,
                                            const std::set<std::string>& paired, size_t most);

// Of what `roles` may read, at most 50. Nothing for a listing that is withdrawn or closed.
absl::StatusOr<v1::SuggestListingsResponse> ReadSuggestions(const v1::Listing& listing,
                                                            const service::Roles& roles,
                                                            db::ReadSession& session);

// For each of the party's newest 100 published listings of which something is left, at most 5.
absl::StatusOr<v1::SuggestForPartyResponse> ReadSuggestionsForParty(
    const v1::SuggestForPartyRequest& request, const service::Roles& roles,
    db::ReadSession& session);

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_SUGGESTIONS_H_
