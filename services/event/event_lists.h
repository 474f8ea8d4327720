// Lists of events: plain statements with keyset pages.
#ifndef PINGAN_SERVICES_EVENT_EVENT_LISTS_H_
#define PINGAN_SERVICES_EVENT_EVENT_LISTS_H_

#include "absl/status/statusor.h"
#include "common/db/read_session.h"
#include "common/rpc/page_token.h"
#include "common/service/grants.h"
#include "pingan/event/v1/event.pb.h"

namespace pingan::event {

// By start, earliest first. Drafts only those that `roles` may read.
absl::StatusOr<v1::ListEventsResponse> ReadEvents(const v1::ListEventsRequest& request,
                                                  const rpc::Page& page,
                                                  const service::Roles& roles,
                                                  db::ReadSession& session);

// Oldest first.
absl::StatusOr<v1::ListCorrectionsResponse> ReadCorrections(
    const v1::ListCorrectionsRequest& request, const rpc::Page& page, db::ReadSession& session);

}  // namespace pingan::event

#endif  // PINGAN_SERVICES_EVENT_EVENT_LISTS_H_
