// The lists of pairing and its numbers: the only SQL of its reads.
#ifndef PINGAN_SERVICES_PAIRING_PAIRING_LISTS_H_
#define PINGAN_SERVICES_PAIRING_PAIRING_LISTS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/db/read_session.h"
#include "common/rpc/page_token.h"
#include "common/service/grants.h"
#include "google/type/date.pb.h"
#include "pingan/pairing/v1/pairing.pb.h"

namespace pingan::pairing {

// In order of id, what the caller may read.
absl::StatusOr<v1::ListPairingsResponse> ReadPairings(const v1::ListPairingsRequest& request,
                                                      const rpc::Page& page,
                                                      const service::Roles& roles,
                                                      const google::type::Date& today,
                                                      db::ReadSession& session);
// Fills the last day on which something of the two was held or delivered. All are of one town.
absl::Status FillLastDeeds(absl::Span<v1::Pairing* const> pairings, db::ReadSession& session);

// Oldest first.
absl::StatusOr<v1::ListTransitionsResponse> ReadTransitions(
    const v1::ListTransitionsRequest& request, const rpc::Page& page, db::ReadSession& session);

// In order of pairing and id, with progress. Of the town (`pairings/-`) those that bind today.
absl::StatusOr<v1::ListCommitmentsResponse> ReadCommitments(
    const v1::ListCommitmentsRequest& request, const rpc::Page& page,
    const google::type::Date& today, db::ReadSession& session);
// Fills how they stand on this day. All are of one town.
absl::Status FillProgress(absl::Span<v1::Commitment* const> commitments,
                          const google::type::Date& today, db::ReadSession& session);

// By day: what counts for the commitment, in periods that are over and in the running one.
absl::StatusOr<v1::ListDeedsResponse> ReadDeeds(const v1::ListDeedsRequest& request,
                                                const rpc::Page& page, db::ReadSession& session);

// Of the commitments of the town that bind today: the same as ReadCommitments gives for each
// mechanism and standing.
absl::StatusOr<v1::CountCommitmentsResponse> CountCommitments(absl::string_view town,
                                                              const google::type::Date& today,
                                                              db::ReadSession& session);

}  // namespace pingan::pairing

#endif  // PINGAN_SERVICES_PAIRING_PAIRING_LISTS_H_
