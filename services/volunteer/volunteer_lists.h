// Lists of sign-ups, teams and members: plain statements with keyset pages.
#ifndef PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_LISTS_H_
#define PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_LISTS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/db/read_session.h"
#include "common/rpc/page_token.h"
#include "common/service/grants.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::volunteer {

// In order of rank.
absl::StatusOr<v1::ListSignUpsResponse> ReadSignUps(const v1::ListSignUpsRequest& request,
                                                    const rpc::Page& page,
                                                    db::ReadSession& session);
// Of one person in one town: latest start first, with titles, positions and overlaps.
absl::StatusOr<v1::ListMySignUpsResponse> ReadSignUpsOf(absl::string_view person,
                                                        const v1::ListMySignUpsRequest& request,
                                                        const rpc::Page& page,
                                                        db::ReadSession& session);
// Fills what is not stored in sign-ups of one person: title, position in the line, overlap with
// others.
absl::Status Complete(absl::Span<v1::SignUp* const> sign_ups, db::ReadSession& session);

// In order of id.
absl::StatusOr<v1::ListTeamsResponse> ReadTeams(const v1::ListTeamsRequest& request,
                                                const rpc::Page& page, db::ReadSession& session);
// Applicants and active members, in order of the person's id.
absl::StatusOr<v1::ListMembersResponse> ReadMembers(const v1::ListMembersRequest& request,
                                                    const rpc::Page& page,
                                                    db::ReadSession& session);

}  // namespace pingan::volunteer

#endif  // PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_LISTS_H_
