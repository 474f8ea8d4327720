// Lists of towns, units, enterprises, placements and duties: plain statements with keyset pages.
#ifndef PINGAN_SERVICES_DIRECTORY_DIRECTORY_LISTS_H_
#define PINGAN_SERVICES_DIRECTORY_DIRECTORY_LISTS_H_

#include "absl/status/statusor.h"
#include "common/db/read_session.h"
#include "common/rpc/page_token.h"
#include "common/service/grants.h"
#include "google/type/date.pb.h"
#include "pingan/directory/v1/directory.pb.h"

namespace pingan::directory {

// By code.
absl::StatusOr<v1::ListTownsResponse> ReadTowns(const v1::ListTownsRequest& request,
                                                const rpc::Page& page, db::ReadSession& session);
// By code.
absl::StatusOr<v1::ListUnitsResponse> ReadUnits(const v1::ListUnitsRequest& request,
                                                const rpc::Page& page, db::ReadSession& session);
// In the order they came in, each as `roles` see it and in the unit where it is `today`.
absl::StatusOr<v1::ListEnterprisesResponse> ReadEnterprises(
    const v1::ListEnterprisesRequest& request, const rpc::Page& page, const service::Roles& roles,
    const google::type::Date& today, db::ReadSession& session);
// Newest first.
absl::StatusOr<v1::ListPlacementsResponse> ReadPlacements(const v1::ListPlacementsRequest& request,
                                                          const rpc::Page& page,
                                                          db::ReadSession& session);
// In the order they were entered, past and future ones too.
absl::StatusOr<v1::ListDutiesResponse> ReadDuties(const v1::ListDutiesRequest& request,
                                                  const rpc::Page& page, db::ReadSession& session);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_DIRECTORY_LISTS_H_
