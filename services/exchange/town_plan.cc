#include "services/exchange/town_plan.h"

#include <algorithm>

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/exchange/exchange_tables.h"
#include "services/exchange/fit.h"
#include "services/exchange/match_rules.h"
#include "services/exchange/plan.h"
#include "services/exchange/visibility.h"

namespace pingan::exchange {
namespace {

using v1::Listing;
using v1::Match;

// Over the index listings_open.
constexpr char kOpenSql[] = R"sql(
SELECT {columns} FROM listings WHERE town = $1 AND direction = $2::int AND state = 2 AND remaining > 0
ORDER BY listing LIMIT 1000)sql";

// Open proposals whose listings are all published.
constexpr char kProposedSql[] = R"sql(
SELECT coalesce(m.need::text, ''), coalesce(m.resource::text, ''), m.quantity FROM matches m
LEFT JOIN listings n ON n.town = m.town AND n.listing = m.need
LEFT JOIN listings r ON r.town = m.town AND r.listing = m.resource
WHERE m.town = $1 AND m.state = 1 AND coalesce(n.state, 2) = 2 AND coalesce(r.state, 2) = 2)sql";

constexpr char kPairedSql[] = "SELECT enterprise, unit FROM pairings WHERE town = $1 AND state = 3";

std::string ListingName(absl::string_view parent, absl::string_view id) {
  return id.empty() ? std::string() : absl::StrCat(parent, "/listings/", id);
}

// What of a listing a plan may still use.
int64_t FreeOf(const Listing& listing, const OpenTown& town) {
  const auto promised = town.promised.find(listing.name());
  const int64_t taken = promised == town.promised.end() ? 0 : promised->second;
  return std::max<int64_t>(0, listing.remaining() - taken);
}

bool ArePaired(const std::string& a, const std::string& b, const OpenTown& town) {
  return town.paired.count({PairedAs(a), PairedAs(b)}) > 0 ||
         town.paired.count({PairedAs(b), PairedAs(a)}) > 0;
}

// How far the resources came towards a need, the best of them.
enum class Reach { kNoSuchResource, kNoCommonDay, kFits };

struct Problem {
  PlanProblem flow;
  std::vector<Reach> reach;  // by need
};

Problem ProblemOf(const OpenTown& town) {
  Problem problem;
  std::map<std::pair<int, int>, std::vector<int>> by_kind;
  for (size_t i = 0; i < town.resources.size(); ++i) {
    const Listing& resource = town.resources[i];
    problem.flow.resources.push_back(FreeOf(resource, town));
    by_kind[{resource.category(), resource.measure()}].push_back(static_cast<int>(i));
  }
  for (size_t i = 0; i < town.needs.size(); ++i) {
    const Listing& need = town.needs[i];
    problem.flow.needs.push_back(FreeOf(need, town));
    Reach& reach = problem.reach.emplace_back(Reach::kNoSuchResource);
    for (const int index : by_kind[{need.category(), need.measure()}]) {
      const Listing& resource = town.resources[index];
      if (resource.party() == need.party()) continue;
      const bool fits = SharedDays(WindowOf(resource), WindowOf(need)) > 0;
      reach = std::max(reach, fits ? Reach::kFits : Reach::kNoCommonDay);
      if (!fits || town.proposed.count({need.name(), resource.name()}) > 0) continue;
      const bool paired = ArePaired(need.party(), resource.party(), town);
      problem.flow.arcs.push_back({.need = static_cast<int>(i),
                                   .resource = index,
                                   .score = PointsOf(resource, need, paired).total()});
    }
  }
  return problem;
}

v1::UnmetNeed UnmetOf(const Listing& need, int64_t quantity, Reach reach) {
  v1::UnmetNeed unmet;
  *unmet.mutable_need() = need;
  unmet.set_quantity(quantity);
  switch (reach) {
    case Reach::kNoSuchResource:
      unmet.set_key("NO_SUCH_RESOURCE");
      unmet.set_text("全镇没有同类资源");
      break;
    case Reach::kNoCommonDay:
      unmet.set_key("WINDOW");
      unmet.set_text("有同类资源，但时间段不重合");
      break;
    case Reach::kFits:
      unmet.set_key("USED_UP");
      unmet.set_text("同类资源已全部安排");
      break;
  }
  return unmet;
}

}  // namespace

absl::StatusOr<OpenTown> ReadOpenTown(absl::string_view parent, db::ReadSession& session) {
  const absl::string_view code = base::TownOf(parent);
  OpenTown town;
  ASSIGN_OR_RETURN(town.needs, session.Rows(kListings, kOpenSql, {code, v1::NEED}));
  ASSIGN_OR_RETURN(town.resources, session.Rows(kListings, kOpenSql, {code, v1::RESOURCE}));
  RETURN_IF_ERROR(session.Records(kProposedSql, {code}, [&](const db::Record& record) {
    const std::string need = ListingName(parent, record.Text(0));
    const std::string resource = ListingName(parent, record.Text(1));
    town.proposed.emplace(need, resource);
    for (const std::string& name : {need, resource}) town.promised[name] += record.Integer(2);
  }));
  RETURN_IF_ERROR(session.Records(kPairedSql, {code}, [&](const db::Record& record) {
    town.paired.emplace(record.Text(0), record.Text(1));
  }));
  return town;
}

TownPlan PlanTown(absl::string_view parent, const OpenTown& town) {
  const Problem problem = ProblemOf(town);
  std::vector<int64_t> open = problem.flow.needs;
  TownPlan plan;
  for (const Assigned& assigned : BestAssignment(problem.flow)) {
    const PlanArc& arc = problem.flow.arcs[assigned.arc];
    Match match = MatchOf(&town.needs[arc.need], &town.resources[arc.resource]);
    match.set_quantity(assigned.quantity);
    match.set_proposer(std::string(parent));
    plan.matches.push_back(std::move(match));
    open[arc.need] -= assigned.quantity;
  }
  for (size_t i = 0; i < open.size(); ++i) {
    if (open[i] > 0) plan.unmet.push_back(UnmetOf(town.needs[i], open[i], problem.reach[i]));
  }
  return plan;
}

}  // namespace pingan::exchange
