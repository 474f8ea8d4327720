#include "services/exchange/plan.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <numeric>
#include <random>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"

namespace pingan::exchange {
namespace {

// What a plan is worth: quantity met, then quantity times score.
using Worth = std::pair<int64_t, int64_t>;

Worth WorthOf(const PlanProblem& problem, const std::vector<Assigned>& plan) {
  Worth worth = {0, 0};
  for (const Assigned& assigned : plan) {
    worth.first += assigned.quantity;
    worth.second += assigned.quantity * problem.arcs[assigned.arc].score;
  }
  return worth;
}

// No need gets and no resource gives more than it has; every arc once and for something.
void ExpectPossible(const PlanProblem& problem, const std::vector<Assigned>& plan) {
  std::vector<int64_t> needs = problem.needs, resources = problem.resources;
  int last = -1;
  for (const Assigned& assigned : plan) {
    EXPECT_GT(assigned.arc, last);
    EXPECT_GT(assigned.quantity, 0);
    last = assigned.arc;
    needs[problem.arcs[assigned.arc].need] -= assigned.quantity;
    resources[problem.arcs[assigned.arc].resource] -= assigned.quantity;
  }
  for (const int64_t left : needs) EXPECT_GE(left, 0);
  for (const int64_t left : resources) EXPECT_GE(left, 0);
}

// The best over every quantity on every arc.
Worth BestByTrying(const PlanProblem& problem, size_t arc, std::vector<int64_t>& needs,
                   std::vector<int64_t>& resources) {
  if (arc == problem.arcs.size()) return {0, 0};
  const PlanArc& on = problem.arcs[arc];
  const int64_t most = std::min(needs[on.need], resources[on.resource]);
  Worth best = {-1, 0};
  for (int64_t quantity = 0; quantity <= most; ++quantity) {
    needs[on.need] -= quantity;
    resources[on.resource] -= quantity;
    Worth worth = BestByTrying(problem, arc + 1, needs, resources);
    needs[on.need] += quantity;
    resources[on.resource] += quantity;
    worth.first += quantity;
    worth.second += quantity * on.score;
    best = std::max(best, worth);
  }
  return best;
}

// What somebody would do by hand: the best scores first, each with as much as there is.
std::vector<Assigned> Greedy(const PlanProblem& problem) {
  std::vector<int64_t> needs = problem.needs, resources = problem.resources;
  std::vector<int> order(problem.arcs.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return problem.arcs[a].score > problem.arcs[b].score; });
  std::vector<Assigned> plan;
  for (const int arc : order) {
    const PlanArc& on = problem.arcs[arc];
    const int64_t quantity = std::min(needs[on.need], resources[on.resource]);
    if (quantity == 0) continue;
    needs[on.need] -= quantity;
    resources[on.resource] -= quantity;
    plan.push_back({arc, quantity});
  }
  return plan;
}

PlanProblem RandomProblem(std::mt19937& random, int needs, int resources, int most_quantity,
                          int percent_of_arcs) {
  const auto number = [&](int most) { return static_cast<int>(random() % most); };
  PlanProblem problem;
  for (int i = 0; i < needs; ++i) problem.needs.push_back(number(most_quantity + 1));
  for (int i = 0; i < resources; ++i) problem.resources.push_back(number(most_quantity + 1));
  for (int i = 0; i < needs; ++i) {
    for (int j = 0; j < resources; ++j) {
      if (number(100) < percent_of_arcs)
        problem.arcs.push_back({.need = i, .resource = j, .score = number(181)});
    }
  }
  return problem;
}

TEST(Plan, NothingMeetsNothing) {
  EXPECT_TRUE(BestAssignment({}).empty());
  EXPECT_TRUE(BestAssignment({.needs = {5}, .resources = {5}, .arcs = {}}).empty());
  EXPECT_TRUE(BestAssignment({.needs = {0}, .resources = {5}, .arcs = {{0, 0, 9}}}).empty());
}

TEST(Plan, MeetingMoreWinsOverAnyScore) {
  // The first need could take the best score, and would leave the second without.
  const PlanProblem problem = {
      .needs = {1, 1}, .resources = {1, 1}, .arcs = {{0, 0, kMostScore}, {0, 1, 0}, {1, 0, 0}}};
  EXPECT_EQ(BestAssignment(problem), (std::vector<Assigned>{{1, 1}, {2, 1}}));
}

TEST(Plan, AmongEquallyMuchTheScoresDecide) {
  const PlanProblem problem = {.needs = {2, 2},
                               .resources = {2, 2},
                               .arcs = {{0, 0, 50}, {0, 1, 60}, {1, 0, 40}, {1, 1, 10}}};
  EXPECT_EQ(BestAssignment(problem), (std::vector<Assigned>{{1, 2}, {2, 2}}));
}

TEST(Plan, QuantitiesAreSplit) {
  const PlanProblem problem = {.needs = {7}, .resources = {4, 5}, .arcs = {{0, 0, 10}, {0, 1, 20}}};
  EXPECT_EQ(BestAssignment(problem), (std::vector<Assigned>{{0, 2}, {1, 5}}));
}

TEST(Plan, GreatQuantitiesDoNotOverflow) {
  PlanProblem problem;
  for (int i = 0; i < 50; ++i) {
    problem.needs.push_back(1'000'000'000);
    problem.resources.push_back(1'000'000'000);
    for (int j = 0; j < 50; ++j) problem.arcs.push_back({i, j, kMostScore});
  }
  EXPECT_EQ(WorthOf(problem, BestAssignment(problem)).first, 50'000'000'000);
}

TEST(Plan, IsTheBestThereIsInSmallTowns) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 2000 && !testing::Test::HasFailure(); ++round) {
    const PlanProblem problem = RandomProblem(random, 1 + static_cast<int>(random() % 3),
                                              1 + static_cast<int>(random() % 3), 3, 60);
    const std::vector<Assigned> plan = BestAssignment(problem);
    ExpectPossible(problem, plan);
    std::vector<int64_t> needs = problem.needs, resources = problem.resources;
    EXPECT_EQ(WorthOf(problem, plan), BestByTrying(problem, 0, needs, resources)) << round;
  }
}

TEST(Plan, IsNeverWorseThanByHandInLargerTowns) {
  std::mt19937 random(330481);
  int better = 0;
  for (int round = 0; round < 100 && !testing::Test::HasFailure(); ++round) {
    const PlanProblem problem = RandomProblem(random, 60, 50, 40, 8);
    const std::vector<Assigned> plan = BestAssignment(problem);
    ExpectPossible(problem, plan);
    const Worth worth = WorthOf(problem, plan), by_hand = WorthOf(problem, Greedy(problem));
    EXPECT_GE(worth, by_hand) << round;
    if (worth > by_hand) ++better;
    EXPECT_EQ(plan, BestAssignment(problem)) << "the same problem, the same answer";
  }
  EXPECT_GT(better, 50) << "otherwise it shows nothing";
}

// Says how long a great town takes; machines differ, so nothing is asserted of it.
TEST(Plan, AThousandNeedsAndResources) {
  for (const int percent : {7, 100}) {
    std::mt19937 random(7);
    const PlanProblem problem = RandomProblem(random, 1000, 1000, 100, percent);
    const auto start = std::chrono::steady_clock::now();
    const std::vector<Assigned> plan = BestAssignment(problem);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::cout << "1000 x 1000, " << problem.arcs.size() << " arcs: " << plan.size()
              << " matches in " << took.count() << " s\n";
    ExpectPossible(problem, plan);
    EXPECT_GE(WorthOf(problem, plan), WorthOf(problem, Greedy(problem)));
  }
}

}  // namespace
}  // namespace pingan::exchange
