#include "common/base/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/status_macros.h"

// There when the program is built with that sanitizer.
extern "C" {
[[gnu::weak]] void __asan_init();
[[gnu::weak]] void __tsan_init();
}

namespace pingan::base {
namespace {

// More calls than a stack of 8 MB holds. Code with sanitizers makes no tail calls.
int Many() { return __asan_init != nullptr || __tsan_init != nullptr ? 1'000 : 1'000'000; }

// Keeps the coroutine that awaits Wait() until Open().
class Gate {
 public:
  struct Waiting {
    Gate& gate;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) { gate.waiting_ = waiting; }
    void await_resume() const {}
  };
  Waiting Wait() { return {*this}; }
  void Open() { std::exchange(waiting_, nullptr).resume(); }

 private:
  std::coroutine_handle<> waiting_;
};

Task<int> Return(int value) { co_return value; }
Task<int> CountDown(int depth) {
  if (depth == 0) co_return 0;
  co_return 1 + co_await CountDown(depth - 1);
}
Task<void> Store(Task<int> task, int& result) { result = co_await std::move(task); }

TEST(TaskTest, StartsWhenItIsAwaitedAndNotBefore) {
  bool started = false;
  const auto start = [&started]() -> Task<int> {
    started = true;
    co_return 7;
  };
  Task<int> task = start();
  EXPECT_FALSE(started);
  int result = 0;
  Detach(Store(std::move(task), result));
  EXPECT_TRUE(started);
  EXPECT_EQ(result, 7);
}

TEST(TaskTest, MoveOnlyResultsAreMovedOut) {
  const auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  int result = 0;
  const auto use = [&]() -> Task<void> { result = *co_await make(); };
  Detach(use());
  EXPECT_EQ(result, 7);
}

// A loop of tasks that end at once must not grow the stack either.
TEST(TaskTest, LongLoopsUseOneStackFrame) {
  int sum = 0;
  const auto loop = [&]() -> Task<void> {
    for (int i = 0; i < Many(); ++i) sum += co_await Return(1);
  };
  Detach(loop());
  EXPECT_EQ(sum, Many());
}

TEST(TaskTest, DeepChainsUseOneStackFrame) {
  int result = 0;
  Detach(Store(CountDown(Many() / 10), result));
  EXPECT_EQ(result, Many() / 10);
}

TEST(TaskTest, ResumesOnTheThreadThatOpensTheGate) {
  Gate gate;
  std::thread::id resumed_on;
  const auto wait = [&]() -> Task<int> {
    co_await gate.Wait();
    resumed_on = std::this_thread::get_id();
    co_return 7;
  };
  int result = 0;
  Detach(Store(wait(), result));
  EXPECT_EQ(result, 0);
  std::thread opener([&gate] { gate.Open(); });
  const std::thread::id opened_on = opener.get_id();
  opener.join();
  EXPECT_EQ(result, 7);
  EXPECT_EQ(resumed_on, opened_on);
}

TEST(TaskTest, DestroyingATaskThatNeverRanFreesWhatItHolds) {
  auto held = std::make_shared<int>(7);
  const auto hold = [](std::shared_ptr<int> value) -> Task<int> { co_return *value; };
  {
    const Task<int> task = hold(held);
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(TaskTest, DetachedTaskFreesItselfWhenItEnds) {
  Gate gate;
  auto held = std::make_shared<int>(7);
  const auto hold = [&gate](std::shared_ptr<int> value) -> Task<void> {
    co_await gate.Wait();
    (void)value;
  };
  Detach(hold(held));
  EXPECT_EQ(held.use_count(), 2);
  gate.Open();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(TaskTest, MovedTaskKeepsTheFrame) {
  auto held = std::make_shared<int>(7);
  const auto hold = [](std::shared_ptr<int> value) -> Task<int> { co_return *value; };
  Task<int> task = hold(held);
  task = Return(1);
  int result = 0;
  Detach(Store(std::move(task), result));
  EXPECT_EQ(result, 1);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(TaskDeathTest, ExceptionEndsTheProcess) {
  const auto raise = []() -> Task<int> {
    throw 7;
    co_return 0;
  };
  int result = 0;
  EXPECT_DEATH(Detach(Store(raise(), result)), "");
}

TEST(TaskTest, MacrosLeaveTheCoroutineEarly) {
  const auto half = [](int value) -> absl::StatusOr<int> {
    if (value % 2 != 0) return absl::InvalidArgumentError("odd");
    return value / 2;
  };
  const auto quarter = [&half](int value) -> Task<absl::StatusOr<int>> {
    CO_RETURN_IF_ERROR(value < 0 ? absl::OutOfRangeError("negative") : absl::OkStatus());
    CO_ASSIGN_OR_RETURN(const int first, half(value));
    CO_ASSIGN_OR_RETURN(const int second, half(first));
    co_return second;
  };
  const auto run = [&quarter](int value) {
    absl::StatusOr<int> result;
    const auto store = [&](Task<absl::StatusOr<int>> task) -> Task<void> {
      result = co_await std::move(task);
    };
    Detach(store(quarter(value)));
    return result;
  };
  EXPECT_EQ(*run(12), 3);
  EXPECT_EQ(run(6).status(), absl::InvalidArgumentError("odd"));
  EXPECT_EQ(run(-4).status(), absl::OutOfRangeError("negative"));
}

}  // namespace
}  // namespace pingan::base
