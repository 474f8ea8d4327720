#include "services/directory/directory_lists.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/directory/directory_tables.h"
#include "services/directory/enterprise_rules.h"

namespace pingan::directory {
namespace {

// One page by town over the primary key, of all towns or those whose code lies between two: the one
// statement that asks for more than one town, since a city's towns are known by their codes alone.
constexpr char kTownsSql[] = R"sql(
SELECT {columns} FROM towns WHERE town > $1 AND town < $2 ORDER BY town LIMIT $3::int)sql";

// One page by unit over the primary key; kind and parent drop rows of that range.
constexpr char kUnitsSql[] = R"sql(
SELECT {columns} FROM units WHERE town = $1 AND unit > $2
  AND ($3::int = 0 OR kind = $3) AND ($4::text = '' OR parent_unit = $4)
ORDER BY unit LIMIT $5::int)sql";

// Where an enterprise e is on the day $3: its newest placement that has begun, over the index
// placements_by_day.
#define PINGAN_UNIT_ON_DAY                                                                  \
  "(SELECT p.unit FROM placements p WHERE p.town = e.town AND p.enterprise = e.enterprise " \
  "AND p.start_date <= $3::date ORDER BY p.start_date DESC, p.placement DESC LIMIT 1)"

// One page by enterprise over the primary key; the unit, with those below it, drops rows of that
// range.
constexpr char kEnterprisesSql[] =
    "SELECT {e.columns} FROM enterprises e WHERE e.town = $1 AND e.enterprise > $2::uuid "
    "AND ($4::text = '' OR EXISTS (SELECT FROM " PINGAN_UNIT_ON_DAY
    " u WHERE u.unit = $4 OR starts_with(u.unit, $4 || '-'))) ORDER BY e.enterprise LIMIT $5::int";

// Where the enterprises of a page are; those that are nowhere give NULL.
constexpr char kUnitsOfSql[] =
    "SELECT e.enterprise, " PINGAN_UNIT_ON_DAY
    " FROM enterprises e WHERE e.town = $1 AND e.enterprise = ANY ($2::uuid[])";

// One page backwards by (start_date, placement) over the index placements_by_day.
constexpr char kPlacementsSql[] = R"sql(
SELECT {columns} FROM placements WHERE town = $1 AND enterprise = $2::uuid
  AND (start_date, placement) < ($3::date, $4::uuid)
ORDER BY start_date DESC, placement DESC LIMIT $5::int)sql";

// One page by duty over the primary key; the unit drops rows of that range.
constexpr char kDutiesSql[] = R"sql(
SELECT {columns} FROM duties WHERE town = $1 AND duty > $2::uuid AND ($3::text = '' OR unit = $3)
ORDER BY duty LIMIT $4::int)sql";

constexpr char kAfterAllTowns[] = ":";  // follows the digits

// The unit of each enterprise by its id.
absl::StatusOr<std::map<std::string, std::string>> UnitsOf(
    const std::vector<v1::Enterprise>& enterprises, absl::string_view town,
    const google::type::Date& today, db::ReadSession& session) {
  std::vector<std::string> ids;
  ids.reserve(enterprises.size());
  for (const v1::Enterprise& enterprise : enterprises)
    ids.emplace_back(base::LastSegment(enterprise.name()));
  std::map<std::string, std::string> units;
  RETURN_IF_ERROR(session.Records(kUnitsOfSql, {town, ids, today}, [&](const db::Record& record) {
    units.emplace(record.Text(0), record.Text(1));
  }));
  return units;
}

}  // namespace

absl::StatusOr<v1::ListTownsResponse> ReadTowns(const v1::ListTownsRequest& request,
                                                const rpc::Page& page, db::ReadSession& session) {
  ASSIGN_OR_RETURN(std::vector<v1::Town> towns,
                   session.Rows(kTowns, kTownsSql,
                                {page.KeyOr(0, request.city()),
                                 absl::StrCat(request.city(), kAfterAllTowns), page.size + 1}));
  v1::ListTownsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, towns));
  for (v1::Town& town : towns) *response.add_towns() = std::move(town);
  return response;
}

absl::StatusOr<v1::ListUnitsResponse> ReadUnits(const v1::ListUnitsRequest& request,
                                                const rpc::Page& page, db::ReadSession& session) {
  ASSIGN_OR_RETURN(std::vector<v1::Unit> units,
                   session.Rows(kUnits, kUnitsSql,
                                {base::TownOf(request.parent()), page.KeyOr(0, ""), request.kind(),
                                 request.parent_unit(), page.size + 1}));
  v1::ListUnitsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, units));
  for (v1::Unit& unit : units) *response.add_units() = std::move(unit);
  return response;
}

absl::StatusOr<v1::ListEnterprisesResponse> ReadEnterprises(
    const v1::ListEnterprisesRequest& request, const rpc::Page& page, const service::Roles& roles,
    const google::type::Date& today, db::ReadSession& session) {
  const absl::string_view town = base::TownOf(request.parent());
  ASSIGN_OR_RETURN(
      std::vector<v1::Enterprise> enterprises,
      session.Rows(kEnterprises, kEnterprisesSql,
                   {town, page.KeyOr(0, rpc::kFirstId), today, request.unit(), page.size + 1}));
  v1::ListEnterprisesResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, enterprises));
  ASSIGN_OR_RETURN(const auto units, UnitsOf(enterprises, town, today, session));
  for (v1::Enterprise& enterprise : enterprises) {
    const auto unit = units.find(std::string(base::LastSegment(enterprise.name())));
    *response.add_enterprises() =
        ShownTo(roles, std::move(enterprise), unit == units.end() ? "" : unit->second);
  }
  return response;
}

absl::StatusOr<v1::ListPlacementsResponse> ReadPlacements(const v1::ListPlacementsRequest& request,
                                                          const rpc::Page& page,
                                                          db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<v1::Placement> placements,
      session.Rows(kPlacements, kPlacementsSql,
                   {base::TownOf(request.parent()), base::LastSegment(request.parent()),
                    page.KeyOr(0, rpc::kLastDay), page.KeyOr(1, rpc::kLastId), page.size + 1}));
  v1::ListPlacementsResponse response;
  response.set_next_page_token(
      rpc::EndPage(request, page, placements, [](const v1::Placement& last) {
        return std::vector<std::string>{base::FormatDay(last.start_date()),
                                        std::string(base::LastSegment(last.name()))};
      }));
  for (v1::Placement& placement : placements) *response.add_placements() = std::move(placement);
  return response;
}

absl::StatusOr<v1::ListDutiesResponse> ReadDuties(const v1::ListDutiesRequest& request,
                                                  const rpc::Page& page, db::ReadSession& session) {
  ASSIGN_OR_RETURN(std::vector<v1::Duty> duties,
                   session.Rows(kDuties, kDutiesSql,
                                {base::TownOf(request.parent()), page.KeyOr(0, rpc::kFirstId),
                                 request.unit(), page.size + 1}));
  v1::ListDutiesResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, duties));
  for (v1::Duty& duty : duties) *response.add_duties() = std::move(duty);
  return response;
}

}  // namespace pingan::directory
