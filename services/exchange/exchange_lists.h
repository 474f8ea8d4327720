// Lists of listings, matches and lines: plain statements with keyset pages.
#ifndef PINGAN_SERVICES_EXCHANGE_EXCHANGE_LISTS_H_
#define PINGAN_SERVICES_EXCHANGE_EXCHANGE_LISTS_H_

#include "absl/status/statusor.h"
#include "common/db/read_session.h"
#include "common/rpc/page_token.h"
#include "common/service/grants.h"
#include "pingan/exchange/v1/exchange.pb.h"

namespace pingan::exchange {

// Those that `roles` may read, newest first. A unit takes its grids along.
absl::StatusOr<v1::ListListingsResponse> ReadListings(const v1::ListListingsRequest& request,
                                                      const rpc::Page& page,
                                                      const service::Roles& roles,
                                                      db::ReadSession& session);

// Those that `roles` may read, newest first. A unit takes its grids along.
absl::StatusOr<v1::ListMatchesResponse> ReadMatches(const v1::ListMatchesRequest& request,
                                                    const rpc::Page& page,
                                                    const service::Roles& roles,
                                                    db::ReadSession& session);

// Oldest first. Whether the caller may read the match is the handler's to ask.
absl::StatusOr<v1::ListLinesResponse> ReadLines(const v1::ListLinesRequest& request,
                                                const rpc::Page& page, db::ReadSession& session);

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_EXCHANGE_LISTS_H_
