#include "common/base/status_macros.h"

#include <gtest/gtest.h>

#include <memory>

namespace pingan::base {
namespace {

absl::StatusOr<int> Half(int value, int& calls) {
  ++calls;
  if (value % 2 != 0) return absl::InvalidArgumentError("odd");
  return value / 2;
}

absl::StatusOr<int> Quarter(int value, int& calls) {
  ASSIGN_OR_RETURN(int result, Half(value, calls));
  ASSIGN_OR_RETURN(result, Half(result, calls));  // to a variable that is there
  return result;
}

TEST(StatusMacrosTest, AssignBindsTheValueOrReturnsTheStatus) {
  int calls = 0;
  EXPECT_EQ(*Quarter(12, calls), 3);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(Quarter(3, calls).status(), absl::InvalidArgumentError("odd"));
  EXPECT_EQ(calls, 3);  // evaluated once, and nothing after it
}

TEST(StatusMacrosTest, ReturnIfErrorReturnsTheFirstError) {
  int calls = 0;
  const auto check = [&calls](int value) -> absl::Status {
    RETURN_IF_ERROR(Half(value, calls).status());
    ++calls;
    return absl::OkStatus();
  };
  EXPECT_TRUE(check(2).ok());
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(check(1), absl::InvalidArgumentError("odd"));
  EXPECT_EQ(calls, 3);
}

TEST(StatusMacrosTest, MoveOnlyValuesAreMoved) {
  const auto make = []() -> absl::StatusOr<std::unique_ptr<int>> {
    return std::make_unique<int>(7);
  };
  const auto use = [&make]() -> absl::StatusOr<int> {
    ASSIGN_OR_RETURN(const std::unique_ptr<int> value, make());
    return *value;
  };
  EXPECT_EQ(*use(), 7);
}

TEST(StatusMacrosTest, ReturnIfErrorIsOneStatement) {
  const auto check = [](bool fail) -> absl::Status {
    if (fail)
      RETURN_IF_ERROR(absl::InternalError("x"));
    else
      return absl::OkStatus();
    return absl::OkStatus();
  };
  EXPECT_TRUE(check(false).ok());
  EXPECT_FALSE(check(true).ok());
}

}  // namespace
}  // namespace pingan::base
