// Activity numbers: one definition for the numbers, the list behind each of them, and its export.
// All three read the same rows with the same condition, so they cannot differ.
#ifndef PINGAN_SERVICES_EVENT_HELD_LISTS_H_
#define PINGAN_SERVICES_EVENT_HELD_LISTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/read_session.h"
#include "common/rpc/page_token.h"
#include "pingan/event/v1/event.pb.h"

namespace pingan::event {

// Which held events are meant. Empty and zero: all.
struct HeldFilter {
  // The fields of the same names of the three requests.
  template <class Request>
  static HeldFilter Of(const Request& request) {
    return {.parent = request.parent(),
            .unit = request.unit(),
            .enterprise = request.enterprise(),
            .mechanism = request.mechanism(),
            .kind = request.kind(),
            .month_from = request.month_from(),
            .month_until = request.month_until(),
            .pairing = request.pairing()};
  }

  std::string parent;
  std::string unit;  // and its grids
  std::string enterprise;
  v1::Mechanism mechanism;
  v1::EventKind kind;
  std::string month_from;   // 2026-01, included
  std::string month_until;  // included
  std::string pairing;
};

// INVALID_FIELD when the months are in the wrong order.
absl::Status CheckMonths(const HeldFilter& filter);

absl::StatusOr<v1::CountHeldEventsResponse> CountHeldEvents(const HeldFilter& filter,
                                                            v1::HeldEventGrouping group_by,
                                                            db::ReadSession& session);
// By day, earliest first.
absl::StatusOr<v1::ListHeldEventsResponse> ReadHeldEvents(const v1::ListHeldEventsRequest& request,
                                                          const rpc::Page& page,
                                                          db::ReadSession& session);
// CSV: UTF-8 with a byte order mark; a header and one line an event, in the order of the list.
absl::StatusOr<std::string> ExportHeldEvents(const HeldFilter& filter, db::ReadSession& session);

absl::StatusOr<v1::EventSummary> Summarize(absl::string_view parent, db::ReadSession& session);

}  // namespace pingan::event

#endif  // PINGAN_SERVICES_EVENT_HELD_LISTS_H_
