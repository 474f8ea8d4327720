#include "services/event/held_lists.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "common/base/calendar.h"
#include "common/base/csv.h"
#include "common/base/enum_words.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/event/event_tables.h"

namespace pingan::event {
namespace {

// Whether a held event h counts for a pairing p: both sides organised it, the unit or a grid of it,
// on a day of its terms.
#define PINGAN_OF_PAIRING                                                                     \
  "'towns/' || p.town || '/enterprises/' || p.enterprise = ANY (h.organisers) "               \
  "AND EXISTS (SELECT FROM unnest(h.organisers) o WHERE o = p.unit OR starts_with(o, p.unit " \
  "|| '-')) AND h.day >= p.start_date AND h.day <= p.end_date"

// The one condition of numbers, lists and exports, over the index held_events_by_day.
#define PINGAN_HELD_EVENTS                                                                         \
  "FROM held_events h WHERE h.counted AND h.town = $1 AND h.day >= $2::date AND h.day < $3::date " \
  "AND ($4::text = '' OR EXISTS (SELECT FROM unnest(h.organisers) o WHERE o = $4 OR "              \
  "starts_with(o, $4 || '-'))) "                                                                   \
  "AND ($5::text = '' OR $5 = ANY (h.organisers)) "                                                \
  "AND ($6::int = 0 OR h.mechanism = $6) AND ($7::int = 0 OR h.kind = $7) "                        \
  "AND ($8::uuid IS NULL OR EXISTS (SELECT FROM pairings p WHERE p.town = h.town "                 \
  "AND p.pairing = $8 AND " PINGAN_OF_PAIRING "))"

// What an event counts under, by the grouping $9 (pingan.event.v1.HeldEventGrouping; 0 is the
// total). A grid's event counts at the units above it too, as the list behind a unit's number takes
// its grids along.
constexpr char kCountsSql[] =
    "SELECT k.key, count(*), count(*) FILTER (WHERE h.kind = 1), sum(h.attendance) FROM ("
    "SELECT h.kind, h.attendance, CASE $9::int "
    "WHEN 1 THEN ARRAY[to_char(h.day, 'YYYY-MM')] "
    "WHEN 2 THEN ARRAY[h.mechanism::text] "
    "WHEN 3 THEN ARRAY[h.kind::text] "
    "WHEN 4 THEN ARRAY(SELECT DISTINCT v.unit FROM unnest(h.organisers) o, LATERAL (VALUES (o), "
    "(regexp_replace(o, '-[0-9]{2}$', '')), (regexp_replace(o, '(-[0-9]{2}){2}$', ''))) v(unit) "
    "WHERE o LIKE '%/units/%') "
    "WHEN 5 THEN ARRAY(SELECT DISTINCT o FROM unnest(h.organisers) o "
    "WHERE o LIKE '%/enterprises/%') "
    "WHEN 6 THEN ARRAY(SELECT 'towns/' || p.town || '/pairings/' || p.pairing FROM pairings p "
    "WHERE p.town = h.town AND " PINGAN_OF_PAIRING
    ") "
    "ELSE ARRAY[''] END AS keys " PINGAN_HELD_EVENTS
    ") h, unnest(h.keys) AS k(key) GROUP BY k.key ORDER BY k.key COLLATE \"C\"";

constexpr char kListSql[] =
    "SELECT {h.columns} " PINGAN_HELD_EVENTS
    "AND (h.day, h.event) > ($9::date, $10::uuid) ORDER BY h.day, h.event LIMIT $11::int";

constexpr char kTitlesSql[] =
    "SELECT 'towns/' || town || '/units/' || unit, display_name FROM units WHERE town = $1 "
    "UNION ALL SELECT 'towns/' || town || '/enterprises/' || enterprise, display_name FROM "
    "enterprises WHERE town = $1 "
    "UNION ALL SELECT 'towns/' || town, display_name FROM towns WHERE town = $1 "
    "UNION ALL SELECT 'towns/' || p.town || '/pairings/' || p.pairing, e.display_name || '—' || "
    "u.display_name FROM pairings p JOIN enterprises e ON e.town = p.town AND e.enterprise = "
    "p.enterprise JOIN units u ON u.town = p.town AND u.unit = split_part(p.unit, '/', 4) "
    "WHERE p.town = $1";

// Villages and communities that still are one.
constexpr char kSummarySql[] =
    "SELECT (SELECT count(*) FROM units WHERE town = $1 AND kind IN (1, 2) AND successor = ''), "
    "(SELECT count(*) FROM enterprises WHERE town = $1), "
    "(SELECT count(*) FROM held_events WHERE town = $1 AND counted), "
    "(SELECT count(*) FROM held_events WHERE town = $1 AND counted AND kind = 1), "
    "(SELECT display_name FROM towns WHERE town = $1)";

constexpr int kNoGrouping = 0;
constexpr int kExportRound = 5000;

std::string FirstDay(const HeldFilter& filter) {
  return filter.month_from.empty() ? rpc::kFirstDay : absl::StrCat(filter.month_from, "-01");
}
std::string DayAfterLast(const HeldFilter& filter) {
  const std::optional<absl::CivilMonth> month = base::ParseMonth(filter.month_until);
  return month.has_value() ? base::FormatDay(absl::CivilDay(*month + 1)) : rpc::kLastDay;
}

std::vector<db::Value> Parameters(const HeldFilter& filter) {
  return {base::TownOf(filter.parent),
          FirstDay(filter),
          DayAfterLast(filter),
          filter.unit,
          filter.enterprise,
          filter.mechanism,
          static_cast<int>(filter.kind),
          db::IdOrNull(filter.pairing)};
}

using Titles = std::map<std::string, std::string>;

absl::StatusOr<Titles> ReadTitles(absl::string_view parent, db::ReadSession& session) {
  Titles titles;
  RETURN_IF_ERROR(
      session.Records(kTitlesSql, {base::TownOf(parent)}, [&](const db::Record& record) {
        titles[std::string(record.Text(0))] = std::string(record.Text(1));
      }));
  return titles;
}

v1::HeldEventCount ToCount(const db::Record& record) {
  v1::HeldEventCount count;
  count.set_key(std::string(record.Text(0)));
  count.set_held_events(static_cast<int32_t>(record.Integer(1)));
  count.set_talks(static_cast<int32_t>(record.Integer(2)));
  count.set_other_events(count.held_events() - count.talks());
  count.set_attendance(record.Integer(3));
  return count;
}

// Numbers of enums become their names; all keys get words beside them.
void NameKey(v1::HeldEventGrouping group_by, const Titles& titles, v1::HeldEventCount& count) {
  int number = 0;
  switch (group_by) {
    case v1::BY_MECHANISM:
      if (!absl::SimpleAtoi(count.key(), &number)) return;
      count.set_key(base::IdentifierOf(static_cast<v1::Mechanism>(number)));
      count.set_title(base::WordOf(static_cast<v1::Mechanism>(number)));
      return;
    case v1::BY_KIND:
      if (!absl::SimpleAtoi(count.key(), &number)) return;
      count.set_key(base::IdentifierOf(static_cast<v1::EventKind>(number)));
      count.set_title(base::WordOf(static_cast<v1::EventKind>(number)));
      return;
    default:
      const auto title = titles.find(count.key());
      count.set_title(title == titles.end() ? count.key() : title->second);
  }
}

absl::StatusOr<std::vector<v1::HeldEvent>> ReadRows(const HeldFilter& filter,
                                                    const std::string& day,
                                                    const std::string& event, int limit,
                                                    db::ReadSession& session) {
  std::vector<db::Value> parameters = Parameters(filter);
  parameters.insert(parameters.end(), {day, event, limit});
  return session.Rows(kHeldEvents, kListSql, db::Values(parameters));
}

void AppendLine(const v1::HeldEvent& held, const Titles& titles, base::CsvWriter& csv) {
  std::vector<std::string> organisers;
  for (const std::string& organiser : held.organisers()) {
    const auto title = titles.find(organiser);
    organisers.push_back(title == titles.end() ? organiser : title->second);
  }
  const std::vector<std::string> cells = {base::FormatDay(held.day()),
                                          base::WordOf(held.kind()),
                                          base::WordOf(held.mechanism()),
                                          held.title(),
                                          absl::StrJoin(organisers, "、"),
                                          absl::StrCat(held.attendance()),
                                          held.late() ? "是" : "否",
                                          held.corrected() ? "是" : "否",
                                          held.event()};
  csv.Row(absl::MakeConstSpan(cells));
}

}  // namespace

absl::Status CheckMonths(const HeldFilter& filter) {
  if (filter.month_from.empty() || filter.month_until.empty() ||
      filter.month_from <= filter.month_until) {
    return absl::OkStatus();
  }
  return base::RefuseField("month_until", "结束月份不能早于开始月份");
}

absl::StatusOr<v1::CountHeldEventsResponse> CountHeldEvents(const HeldFilter& filter,
                                                            v1::HeldEventGrouping group_by,
                                                            db::ReadSession& session) {
  v1::CountHeldEventsResponse response;
  std::vector<db::Value> parameters = Parameters(filter);
  parameters.push_back(group_by);
  ASSIGN_OR_RETURN(const Titles titles, ReadTitles(filter.parent, session));
  RETURN_IF_ERROR(
      session.Records(kCountsSql, db::Values(parameters), [&](const db::Record& record) {
        v1::HeldEventCount& count = *response.add_counts() = ToCount(record);
        NameKey(group_by, titles, count);
      }));
  parameters.back() = kNoGrouping;
  RETURN_IF_ERROR(session.Records(
      kCountsSql, db::Values(parameters),
      [&](const db::Record& record) { *response.mutable_total() = ToCount(record); }));
  response.mutable_total()->set_title("合计");
  return response;
}

absl::StatusOr<v1::ListHeldEventsResponse> ReadHeldEvents(const v1::ListHeldEventsRequest& request,
                                                          const rpc::Page& page,
                                                          db::ReadSession& session) {
  ASSIGN_OR_RETURN(std::vector<v1::HeldEvent> rows,
                   ReadRows(HeldFilter::Of(request), page.KeyOr(0, rpc::kFirstDay),
                            page.KeyOr(1, rpc::kFirstId), page.size + 1, session));
  v1::ListHeldEventsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, rows, [](const v1::HeldEvent& last) {
    return std::vector<std::string>{base::FormatDay(last.day()),
                                    std::string(base::LastSegment(last.name()))};
  }));
  for (v1::HeldEvent& row : rows) *response.add_held_events() = std::move(row);
  return response;
}

absl::StatusOr<std::string> ExportHeldEvents(const HeldFilter& filter, db::ReadSession& session) {
  ASSIGN_OR_RETURN(const Titles titles, ReadTitles(filter.parent, session));
  base::CsvWriter csv;
  constexpr absl::string_view kHeader[] = {"日期",     "类型", "八联机制", "名称", "主办方",
                                           "参加人次", "补录", "更正",     "编号"};
  csv.Row(absl::MakeConstSpan(kHeader));
  std::string day = rpc::kFirstDay;
  std::string event = rpc::kFirstId;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<v1::HeldEvent> rows,
                     ReadRows(filter, day, event, kExportRound, session));
    for (const v1::HeldEvent& row : rows) AppendLine(row, titles, csv);
    if (rows.size() < kExportRound) return std::move(csv).Take();
    day = base::FormatDay(rows.back().day());
    event = std::string(base::LastSegment(rows.back().name()));
  }
}

absl::StatusOr<v1::EventSummary> Summarize(absl::string_view parent, db::ReadSession& session) {
  v1::EventSummary summary;
  std::string town;
  RETURN_IF_ERROR(
      session.Records(kSummarySql, {base::TownOf(parent)}, [&](const db::Record& record) {
        summary.set_villages(static_cast<int32_t>(record.Integer(0)));
        summary.set_enterprises(static_cast<int32_t>(record.Integer(1)));
        summary.set_held_events(static_cast<int32_t>(record.Integer(2)));
        summary.set_talks(static_cast<int32_t>(record.Integer(3)));
        summary.set_other_events(summary.held_events() - summary.talks());
        town = std::string(record.Text(4));
      }));
  if (town.empty()) return base::Refuse(errors::v1::NOT_FOUND, {{"resource", std::string(parent)}});
  summary.set_text(absl::StrCat(town, summary.villages(), "个村社、", summary.enterprises(),
                                "家企业，共开展活动", summary.held_events(), "场，其中平安大宣讲",
                                summary.talks(), "场、其他活动", summary.other_events(), "场。"));
  return summary;
}

}  // namespace pingan::event
