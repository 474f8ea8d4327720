#include "services/exchange/plan.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "lemon/network_simplex.h"
#include "lemon/static_graph.h"

namespace pingan::exchange {
namespace {

using Graph = lemon::StaticDigraph;
using Simplex = lemon::NetworkSimplex<Graph, int64_t, int64_t>;

// Nodes: a source, the resources, the needs, a sink, in this order.
struct Layout {
  explicit Layout(const PlanProblem& problem)
      : resources(static_cast<int>(problem.resources.size())),
        needs(static_cast<int>(problem.needs.size())) {}

  int source() const { return 0; }
  int resource(int index) const { return 1 + index; }
  int need(int index) const { return 1 + resources + index; }
  int sink() const { return 1 + resources + needs; }
  int nodes() const { return resources + needs + 2; }

  const int resources;
  const int needs;
};

struct Edge {
  int from;
  int to;
  int64_t capacity;
  int64_t cost;
  int arc;  // index of the problem's arc; -1 for the rest
};

// A circulation: every unit passes one arc of the problem and comes back from the sink to the
// source. A unit met is worth more than all scores that rerouting for it can cost, since that
// passes each node at most once; so meeting more always wins, and scores decide among equals.
std::vector<Edge> EdgesOf(const PlanProblem& problem, const Layout& layout) {
  const int64_t met = static_cast<int64_t>(layout.nodes()) * (kMostScore + 1);
  std::vector<Edge> edges;
  edges.reserve(problem.arcs.size() + layout.nodes());
  for (int i = 0; i < layout.resources; ++i) {
    edges.push_back({layout.source(), layout.resource(i), problem.resources[i], 0, -1});
  }
  for (size_t i = 0; i < problem.arcs.size(); ++i) {
    const PlanArc& arc = problem.arcs[i];
    edges.push_back({layout.resource(arc.resource), layout.need(arc.need),
                     std::min(problem.resources[arc.resource], problem.needs[arc.need]),
                     -met - arc.score, static_cast<int>(i)});
  }
  for (int i = 0; i < layout.needs; ++i) {
    edges.push_back({layout.need(i), layout.sink(), problem.needs[i], 0, -1});
  }
  const int64_t all =
      std::accumulate(problem.needs.begin(), problem.needs.end(), static_cast<int64_t>(0));
  edges.push_back({layout.sink(), layout.source(), all, 0, -1});
  // As StaticDigraph wants them.
  std::stable_sort(edges.begin(), edges.end(),
                   [](const Edge& a, const Edge& b) { return a.from < b.from; });
  return edges;
}

}  // namespace

std::vector<Assigned> BestAssignment(const PlanProblem& problem) {
  const Layout layout(problem);
  const std::vector<Edge> edges = EdgesOf(problem, layout);
  std::vector<std::pair<int, int>> ends;
  ends.reserve(edges.size());
  for (const Edge& edge : edges) ends.emplace_back(edge.from, edge.to);
  Graph graph;
  graph.build(layout.nodes(), ends.begin(), ends.end());
  Graph::ArcMap<int64_t> capacity(graph), cost(graph);
  for (size_t i = 0; i < edges.size(); ++i) {
    capacity[Graph::arc(static_cast<int>(i))] = edges[i].capacity;
    cost[Graph::arc(static_cast<int>(i))] = edges[i].cost;
  }

  Simplex simplex(graph);
  // Capacities are finite and nothing is a circulation, too: there always is a best one.
  if (simplex.upperMap(capacity).costMap(cost).run() != Simplex::OPTIMAL) std::abort();
  std::vector<Assigned> assigned;
  for (size_t i = 0; i < edges.size(); ++i) {
    const int64_t flow = simplex.flow(Graph::arc(static_cast<int>(i)));
    if (edges[i].arc >= 0 && flow > 0) assigned.push_back({edges[i].arc, flow});
  }
  std::sort(assigned.begin(), assigned.end(),
            [](const Assigned& a, const Assigned& b) { return a.arc < b.arc; });
  return assigned;
}

}  // namespace pingan::exchange
