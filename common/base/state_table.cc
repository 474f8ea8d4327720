#include "common/base/state_table.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "pingan/options/v1/options.pb.h"

namespace pingan::base::state_table_internal {
namespace {

std::string NameOf(const google::protobuf::EnumDescriptor& states, int state) {
  const auto* value = states.FindValueByNumber(state);
  return value != nullptr ? value->name() : absl::StrCat(state);
}

std::string ZhOf(const google::protobuf::EnumDescriptor& states, int state) {
  const auto* value = states.FindValueByNumber(state);
  if (value == nullptr || !value->options().HasExtension(options::v1::zh))
    return NameOf(states, state);
  return value->options().GetExtension(options::v1::zh);
}

}  // namespace

absl::Status WrongState(const google::protobuf::EnumDescriptor& states, int state,
                        absl::Span<const Edge> edges) {
  std::vector<absl::string_view> allowed;
  std::vector<absl::string_view> allowed_zh;
  for (const Edge& edge : edges) {
    if (edge.from != state) continue;
    allowed.push_back(edge.verb);
    allowed_zh.push_back(edge.zh.empty() ? edge.verb : edge.zh);
  }
  if (allowed_zh.empty()) allowed_zh.push_back("无");
  return Refuse(errors::v1::WRONG_STATE, {{"state", NameOf(states, state)},
                                          {"state_zh", ZhOf(states, state)},
                                          {"allowed", absl::StrJoin(allowed, ",")},
                                          {"allowed_zh", absl::StrJoin(allowed_zh, "、")}});
}

std::string Mermaid(const google::protobuf::EnumDescriptor& states, absl::Span<const Edge> edges) {
  std::set<int> left;
  std::set<int> reached;
  std::vector<int> in_order;  // each state once, in the order of the table
  auto note = [&in_order, seen = std::set<int>()](int state) mutable {
    if (seen.insert(state).second) in_order.push_back(state);
  };
  for (const Edge& edge : edges) {
    left.insert(edge.from);
    if (edge.from != edge.to) reached.insert(edge.to);
    note(edge.from);
    note(edge.to);
  }
  std::string text = "stateDiagram-v2\n";
  for (int state : in_order) {
    if (!reached.contains(state))
      absl::StrAppend(&text, "    [*] --> ", NameOf(states, state), "\n");
  }
  for (const Edge& edge : edges) {
    absl::StrAppend(&text, "    ", NameOf(states, edge.from), " --> ", NameOf(states, edge.to),
                    ": ", edge.verb, "\n");
  }
  for (int state : in_order) {
    if (!left.contains(state)) absl::StrAppend(&text, "    ", NameOf(states, state), " --> [*]\n");
  }
  return text;
}

}  // namespace pingan::base::state_table_internal
