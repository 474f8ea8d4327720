// Lists of people and of roles: plain statements with keyset pages. Names and phones are put in
// afterwards (personal_data.h).
#ifndef PINGAN_SERVICES_DIRECTORY_PEOPLE_LISTS_H_
#define PINGAN_SERVICES_DIRECTORY_PEOPLE_LISTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/db/read_session.h"
#include "common/rpc/page_token.h"
#include "common/service/grants.h"
#include "pingan/directory/v1/people.pb.h"

namespace pingan::directory {

// In order of their id, without the erased; only those that `roles` see. `phone_index`: of the
// phone asked for, or "".
absl::StatusOr<v1::ListPeopleResponse> ReadPeople(const v1::ListPeopleRequest& request,
                                                  const rpc::Page& page,
                                                  const std::string& phone_index,
                                                  const service::Roles& roles,
                                                  db::ReadSession& session);

// Newest last. `person`: only theirs; "" is everybody's.
absl::StatusOr<v1::ListGrantsResponse> ReadGrants(const v1::ListGrantsRequest& request,
                                                  const rpc::Page& page, const std::string& person,
                                                  db::ReadSession& session);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_PEOPLE_LISTS_H_
