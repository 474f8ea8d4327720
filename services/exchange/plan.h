// The best assignment of resources to needs, as a minimum-cost flow.
//
// Pure: numbers in, numbers out. What fits what, and how well, is said by the arcs.
#ifndef PINGAN_SERVICES_EXCHANGE_PLAN_H_
#define PINGAN_SERVICES_EXCHANGE_PLAN_H_

#include <cstdint>
#include <vector>

namespace pingan::exchange {

// That something of a resource may go to a need.
struct PlanArc {
  int need;      // index into PlanProblem::needs
  int resource;  // index into PlanProblem::resources
  int score;     // 0 to kMostScore for each unit given
};
inline constexpr int kMostScore = 1000;

// Quantities are 0 to 1,000,000,000; between a need and a resource is at most one arc.
struct PlanProblem {
  std::vector<int64_t> needs;
  std::vector<int64_t> resources;
  std::vector<PlanArc> arcs;
};

// So much, more than 0, over the arc of this index.
struct Assigned {
  int arc;
  int64_t quantity;

  friend bool operator==(const Assigned&, const Assigned&) = default;
};

// In order of the arcs. No need gets and no resource gives more than its quantity; no other
// assignment meets more in sum, and none that meets as much has a greater sum of quantity times
// score. The same problem has always the same answer. A thousand needs and resources take well
// below a second, also when everything fits everything.
std::vector<Assigned> BestAssignment(const PlanProblem& problem);

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_PLAN_H_
