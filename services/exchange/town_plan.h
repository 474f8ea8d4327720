// The plan of a whole town: what is open is read in one go, the best assignment becomes matches to
// propose, and of every need that is left open is said why.
#ifndef PINGAN_SERVICES_EXCHANGE_TOWN_PLAN_H_
#define PINGAN_SERVICES_EXCHANGE_TOWN_PLAN_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/read_session.h"
#include "pingan/exchange/v1/exchange.pb.h"

namespace pingan::exchange {

// The town as a plan sees it, without regard to who may read what: the town decides.
struct OpenTown {
  // Published, with something left, the oldest first; at most 1,000 of each.
  std::vector<v1::Listing> needs;
  std::vector<v1::Listing> resources;
  // Need and resource of the open proposals that could be accepted, and what is proposed in sum of
  // each listing: a plan takes what was proposed as given, so a second plan repeats nothing.
  std::set<std::pair<std::string, std::string>> proposed;
  std::map<std::string, int64_t> promised;
  // Enterprise and unit of the active pairings.
  std::set<std::pair<std::string, std::string>> paired;
};
absl::StatusOr<OpenTown> ReadOpenTown(absl::string_view parent, db::ReadSession& session);

struct TownPlan {
  std::vector<v1::Match> matches;  // proposals of the town, without names
  std::vector<v1::UnmetNeed> unmet;
};
// Pure. Meets as much as can be met, and then scores as PointsOf does.
TownPlan PlanTown(absl::string_view parent, const OpenTown& town);

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_TOWN_PLAN_H_
