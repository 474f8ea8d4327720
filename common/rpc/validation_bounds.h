// Bounds on values that have an order. Internal to validation.
#ifndef PINGAN_COMMON_RPC_VALIDATION_BOUNDS_H_
#define PINGAN_COMMON_RPC_VALIDATION_BOUNDS_H_

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace pingan::rpc {

// const, lt, lte, gt, gte, in, not_in of buf.validate. When the upper bound lies below the lower
// one, what is between them is excluded, as protovalidate has it. A NaN is within no bounds.
template <class T>
struct Bounds {
  std::optional<T> equal, less, at_most, more, at_least;
  std::vector<T> in, not_in;

  // What is wanted instead of `value`, in Chinese, for each bound it breaks. `text` writes a T.
  template <class Text, class Say>
  void Check(const T& value, const Text& text, const Say& say) const {
    if (equal.has_value() && !(value == *equal)) say(absl::StrCat("须为 ", text(*equal)));
    if (!Within(value)) say(Range(text));
    if (!in.empty() && !Contains(in, value)) say(absl::StrCat("须为以下之一：", List(in, text)));
    if (!not_in.empty() && Contains(not_in, value))
      say(absl::StrCat("不得为以下之一：", List(not_in, text)));
  }

 private:
  static bool Contains(const std::vector<T>& values, const T& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
  }

  bool Within(const T& value) const {
    bool above = more.has_value() ? value > *more : !at_least.has_value() || value >= *at_least;
    bool below = less.has_value() ? value < *less : !at_most.has_value() || value <= *at_most;
    return IsGap() ? above || below : above && below;
  }

  bool IsGap() const {
    const std::optional<T>& upper = less.has_value() ? less : at_most;
    const std::optional<T>& lower = more.has_value() ? more : at_least;
    return upper.has_value() && lower.has_value() && *upper < *lower;
  }

  template <class Text>
  std::string Range(const Text& text) const {
    std::string lower, upper;
    if (more.has_value()) lower = absl::StrCat("大于 ", text(*more));
    if (at_least.has_value()) lower = absl::StrCat("不小于 ", text(*at_least));
    if (less.has_value()) upper = absl::StrCat("小于 ", text(*less));
    if (at_most.has_value()) upper = absl::StrCat("不大于 ", text(*at_most));
    absl::string_view between = lower.empty() || upper.empty() ? "" : IsGap() ? "，或" : "，且";
    return absl::StrCat("须", lower, between, upper);
  }

  template <class Text>
  static std::string List(const std::vector<T>& values, const Text& text) {
    return absl::StrJoin(
        values, "、", [&](std::string* out, const T& value) { absl::StrAppend(out, text(value)); });
  }
};

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_VALIDATION_BOUNDS_H_
