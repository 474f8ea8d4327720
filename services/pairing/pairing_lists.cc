#include "services/pairing/pairing_lists.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/base/calendar.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/pairing/commitment_progress.h"
#include "services/pairing/pairing_tables.h"

namespace pingan::pairing {
namespace {

// One page by pairing over the primary key; all else drops rows of that range. $3: reads as the
// town's official, $4: units and enterprises the caller acts for, $5 to $7: enterprise, unit,
// state, $8: active and ending by this day, $9: active since this day or longer, and nothing done
// after it.
constexpr char kPairingsSql[] = R"sql(
SELECT {p.columns} FROM pairings p
WHERE p.town = $1 AND p.pairing > $2::uuid
  AND (p.state IN (3, 5) OR $3::bool OR p.unit = ANY ($4::text[])
       OR 'towns/' || p.town || '/enterprises/' || p.enterprise = ANY ($4::text[]))
  AND ($5::uuid IS NULL OR p.enterprise = $5) AND ($6::text = '' OR p.unit = $6)
  AND ($7::int = 0 OR p.state = $7)
  AND ($8::date IS NULL OR p.state = 3 AND p.end_date <= $8)
  AND ($9::date IS NULL OR p.state = 3 AND p.start_date <= $9 AND NOT EXISTS (
    SELECT FROM deeds d WHERE d.town = p.town AND d.enterprise = p.enterprise
      AND d.unit = split_part(p.unit, '/', 4) AND d.day > $9))
ORDER BY p.pairing LIMIT $10::int)sql";

// Over the index deeds_of_pair, from its end.
constexpr char kLastDeedsSql[] = R"sql(
SELECT p.pairing, (SELECT max(d.day) FROM deeds d WHERE d.town = p.town AND d.enterprise = p.enterprise
  AND d.unit = split_part(p.unit, '/', 4))
FROM pairings p WHERE p.town = $1 AND p.pairing = ANY ($2::uuid[]))sql";

constexpr char kTransitionsSql[] = R"sql(
SELECT {columns} FROM transitions WHERE town = $1 AND pairing = $2::uuid AND transition > $3::uuid
ORDER BY transition LIMIT $4::int)sql";

// The day so many days from today; NULL for none.
db::Value DayFrom(const google::type::Date& today, int days, int sign) {
  if (days == 0) return std::nullopt;
  return db::Value(base::ToDate(*base::FromDate(today) + sign * days));
}

}  // namespace

absl::StatusOr<v1::ListPairingsResponse> ReadPairings(const v1::ListPairingsRequest& request,
                                                      const rpc::Page& page,
                                                      const service::Roles& roles,
                                                      const google::type::Date& today,
                                                      db::ReadSession& session) {
  ASSIGN_OR_RETURN(std::vector<v1::Pairing> pairings,
                   session.Rows(kPairings, kPairingsSql,
                                {base::TownOf(request.parent()), page.KeyOr(0, rpc::kFirstId),
                                 roles.ReadsAsOfficialOf(request.parent()), roles.Parties(),
                                 db::IdOrNull(request.enterprise()), request.unit(),
                                 request.state(), DayFrom(today, request.expiring_days(), 1),
                                 DayFrom(today, request.idle_days(), -1), page.size + 1}));
  v1::ListPairingsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, pairings));
  std::vector<v1::Pairing*> shown;
  for (v1::Pairing& pairing : pairings) {
    shown.push_back(response.add_pairings());
    *shown.back() = std::move(pairing);
  }
  RETURN_IF_ERROR(FillLastDeeds(shown, session));
  return response;
}

absl::Status FillLastDeeds(absl::Span<v1::Pairing* const> pairings, db::ReadSession& session) {
  if (pairings.empty()) return absl::OkStatus();
  std::map<std::string, v1::Pairing*> by_id;
  std::vector<std::string> ids;
  for (v1::Pairing* pairing : pairings) {
    ids.emplace_back(base::LastSegment(pairing->name()));
    by_id[ids.back()] = pairing;
  }
  return session.Records(
      kLastDeedsSql, {base::TownOf(pairings[0]->name()), ids}, [&](const db::Record& row) {
        if (const auto day = base::ParseDay(row.Text(1)); day.has_value())
          *by_id[std::string(row.Text(0))]->mutable_last_deed_date() = base::ToDate(*day);
      });
}

absl::StatusOr<v1::ListTransitionsResponse> ReadTransitions(
    const v1::ListTransitionsRequest& request, const rpc::Page& page, db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<v1::Transition> transitions,
      session.Rows(kTransitions, kTransitionsSql,
                   {base::TownOf(request.parent()), base::LastSegment(request.parent()),
                    page.KeyOr(0, rpc::kFirstId), page.size + 1}));
  v1::ListTransitionsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, transitions));
  for (v1::Transition& transition : transitions)
    *response.add_transitions() = std::move(transition);
  return response;
}

}  // namespace pingan::pairing
