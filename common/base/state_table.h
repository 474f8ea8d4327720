// State machines as constexpr tables: code, test input and documentation in one.
//
//   inline constexpr StateTable kEventStates({
//       Transition<Event::State>{Event::DRAFT, "publish", Event::PUBLISHED, "发布"},
//       {Event::PUBLISHED, "hold", Event::HELD, "登记开展"},
//   });
//   ASSIGN_OR_RETURN(Event::State next, kEventStates.Next(event.state(), "publish"));
//
// State is a protobuf enum. A table with two transitions for one state and verb does not compile.
#ifndef PINGAN_COMMON_BASE_STATE_TABLE_H_
#define PINGAN_COMMON_BASE_STATE_TABLE_H_

#include <array>
#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace pingan::base {

template <class State>
struct Transition {
  State from;
  absl::string_view verb;  // as in the method's `:verb`
  State to;
  absl::string_view zh = {};  // what a person calls the verb; the verb itself when empty
};

namespace state_table_internal {

struct Edge {
  int from;
  absl::string_view verb;
  int to;
  absl::string_view zh;
};

absl::Status WrongState(const google::protobuf::EnumDescriptor& states, int state,
                        absl::Span<const Edge> edges);
std::string Mermaid(const google::protobuf::EnumDescriptor& states, absl::Span<const Edge> edges);

}  // namespace state_table_internal

template <class State, size_t N>
class StateTable {
 public:
  consteval explicit StateTable(const Transition<State> (&transitions)[N]) {
    for (size_t i = 0; i < N; ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (transitions[i].from == transitions[j].from &&
            transitions[i].verb == transitions[j].verb) {
          throw "two transitions for one state and verb";
        }
      }
      edges_[i] = {transitions[i].from, transitions[i].verb, transitions[i].to, transitions[i].zh};
    }
  }

  // The state after `verb`. Refuses with WRONG_STATE and metadata
  //   state, state_zh      the enum value's name, and its option (pingan.options.v1.zh) or else the
  //   name allowed, allowed_zh  the verbs that this state does allow, in the table's order:
  //   "hold,cancel", "登记开展、取消";
  //                        none is "" and "无"
  // The text shown to the person uses the zh ones.
  absl::StatusOr<State> Next(State state, absl::string_view verb) const {
    for (const auto& edge : edges_) {
      if (edge.from == state && edge.verb == verb) return static_cast<State>(edge.to);
    }
    return state_table_internal::WrongState(*google::protobuf::GetEnumDescriptor<State>(), state,
                                            edges_);
  }

  constexpr bool Allows(State state, absl::string_view verb) const {
    for (const auto& edge : edges_) {
      if (edge.from == state && edge.verb == verb) return true;
    }
    return false;
  }

  // A Mermaid state diagram for the README of a service. States nothing leads to are marked as
  // beginnings, those nothing leads out of as ends.
  std::string ToMermaid() const {
    return state_table_internal::Mermaid(*google::protobuf::GetEnumDescriptor<State>(), edges_);
  }

 private:
  std::array<state_table_internal::Edge, N> edges_{};
};

template <class State, size_t N>
StateTable(const Transition<State> (&)[N]) -> StateTable<State, N>;

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_STATE_TABLE_H_
