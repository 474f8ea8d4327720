#include "services/event/event_lists.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "services/event/event_tables.h"

namespace pingan::event {
namespace {

// One page by (start_time, event) over the index events_by_start; other filters drop rows of that
// range. $4: units and enterprises the caller acts for, $5: may read every draft, $6 to $8: party,
// mechanism and kind, $9: state.
constexpr char kEventsSql[] = R"sql(
SELECT {e.columns} FROM events e
WHERE e.town = $1 AND e.start_time >= $2::timestamptz AND e.start_time < $3::timestamptz
  AND (e.start_time, e.event) > ($10::timestamptz, $11::uuid)
  AND (e.state <> 1 OR $5::bool OR EXISTS (
    SELECT FROM unnest(e.organisers) o, unnest($4::text[]) p WHERE o = p OR starts_with(o, p || '-')))
  AND ($6::text = '' OR EXISTS (SELECT FROM unnest(e.organisers) o WHERE o = $6 OR starts_with(o, $6 || '-')))
  AND ($12::text = '' OR $12 = ANY (e.organisers))
  AND ($7::int = 0 OR e.mechanism = $7) AND ($8::int = 0 OR e.kind = $8) AND ($9::int = 0 OR e.state = $9)
ORDER BY e.start_time, e.event LIMIT $13::int)sql";

constexpr char kCorrectionsSql[] = R"sql(
SELECT {columns} FROM corrections WHERE town = $1 AND event = $2::uuid AND correction > $3::uuid
ORDER BY correction LIMIT $4::int)sql";

db::Value Moment(bool given, const google::protobuf::Timestamp& time, absl::string_view otherwise) {
  return given ? db::Value(time) : db::Value(otherwise);
}

}  // namespace

absl::StatusOr<v1::ListEventsResponse> ReadEvents(const v1::ListEventsRequest& request,
                                                  const rpc::Page& page,
                                                  const service::Roles& roles,
                                                  db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<v1::Event> events,
      session.Rows(
          kEvents, kEventsSql,
          {base::TownOf(request.parent()),
           Moment(request.has_start_time_from(), request.start_time_from(), rpc::kFirstMoment),
           Moment(request.has_start_time_until(), request.start_time_until(), rpc::kLastMoment),
           roles.Parties(), roles.ReadsAsOfficialOf(request.parent()), request.unit(),
           request.mechanism(), request.kind(), request.state(), page.KeyOr(0, rpc::kFirstMoment),
           page.KeyOr(1, rpc::kFirstId), request.enterprise(), page.size + 1}));
  v1::ListEventsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, events, [](const v1::Event& last) {
    return std::vector<std::string>{db::Value(last.start_time()).ToParameter(),
                                    std::string(base::LastSegment(last.name()))};
  }));
  for (v1::Event& event : events) *response.add_events() = std::move(event);
  return response;
}

absl::StatusOr<v1::ListCorrectionsResponse> ReadCorrections(
    const v1::ListCorrectionsRequest& request, const rpc::Page& page, db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<v1::Correction> corrections,
      session.Rows(kCorrections, kCorrectionsSql,
                   {base::TownOf(request.parent()), base::LastSegment(request.parent()),
                    page.KeyOr(0, rpc::kFirstId), page.size + 1}));
  v1::ListCorrectionsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, corrections));
  for (v1::Correction& correction : corrections)
    *response.add_corrections() = std::move(correction);
  return response;
}

}  // namespace pingan::event
