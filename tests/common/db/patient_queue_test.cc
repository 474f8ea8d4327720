#include "common/db/patient_queue.h"

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/common/db/engine_fixture.h"

namespace pingan::db {
namespace {

using errors::v1::OVERLOADED;

struct Asker {
  Patience waits;
  const Patience& patience() const { return waits; }
};

// Hours, so that what the test itself takes does not count.
constexpr absl::Duration kHour = absl::Hours(1);

absl::Status Push(PatientQueue<Asker>& queue, absl::Duration patience) {
  Asker asker{{.deadline = absl::Now() + patience, .abandoned = {}}};
  return queue.Push(asker);
}

TEST(PatientQueueTest, NobodyIsRefusedWhoWouldBeInTheNextBatch) {
  PatientQueue<Asker> queue(100, kHour);
  queue.ServedFull(2, kHour);
  EXPECT_TRUE(Push(queue, absl::Seconds(10)).ok());
  EXPECT_TRUE(Push(queue, absl::Seconds(10)).ok());
}

TEST(PatientQueueTest, WhoseTurnWouldComeTooLateIsRefusedAtOnce) {
  PatientQueue<Asker> queue(100, kHour);
  queue.ServedFull(2, kHour);
  ASSERT_TRUE(Push(queue, kHour).ok() && Push(queue, kHour).ok());
  // Before it the batch under way and one more, then its own.
  EXPECT_THAT(Push(queue, 2.5 * kHour), RefusedFor(OVERLOADED));
  EXPECT_TRUE(Push(queue, 4 * kHour).ok());
  EXPECT_TRUE(Push(queue, absl::InfiniteDuration()).ok());
}

TEST(PatientQueueTest, WhileNoBatchWasFullOnlyTheLimitCounts) {
  PatientQueue<Asker> queue(3, kHour);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Push(queue, absl::Seconds(10)).ok());
  EXPECT_THAT(Push(queue, kHour), RefusedFor(OVERLOADED));
}

TEST(PatientQueueTest, TheLastBatchesCountMost) {
  PatientQueue<Asker> queue(100, kHour);
  queue.ServedFull(1, 100 * kHour);
  for (int i = 0; i < 50; ++i) queue.ServedFull(1, absl::Seconds(1));
  ASSERT_TRUE(Push(queue, kHour).ok());
  EXPECT_TRUE(Push(queue, kHour).ok());
}

TEST(PatientQueueTest, WhatABusyWorkerWillTakeIsNotForAnother) {
  PatientQueue<Asker> queue(100, kHour, /*spare_after=*/kHour);
  std::optional<PatientQueue<Asker>::Serving> serving(queue);
  ASSERT_TRUE(Push(queue, kHour).ok());
  EXPECT_FALSE(queue.Wait(absl::Milliseconds(1)));
  serving.reset();
  EXPECT_TRUE(queue.Wait(absl::Milliseconds(1)));
}

TEST(PatientQueueTest, WhatABusyWorkerLeavesLyingIsForAnother) {
  PatientQueue<Asker> queue(100, kHour, /*spare_after=*/absl::Milliseconds(1));
  const PatientQueue<Asker>::Serving serving(queue);
  bool taken = false;
  std::thread spare([&] { taken = queue.Wait(kHour); });
  EXPECT_TRUE(Push(queue, kHour).ok());
  spare.join();
  EXPECT_TRUE(taken);
}

TEST(PatientQueueTest, WithoutSparesEveryItemIsForWhoeverIsIdle) {
  PatientQueue<Asker> queue(100, kHour);
  const PatientQueue<Asker>::Serving serving(queue);
  std::atomic<int> taken = 0;
  const auto take = [&] {
    std::vector<PatientQueue<Asker>::Ended> ended;
    const auto join = [](const Asker&, const Asker&) { return Joining::kTake; };
    while (queue.Wait(kHour) && queue.Take(1, join, ended).empty()) {
    }
    ++taken;
  };
  std::thread one(take);
  std::thread other(take);
  EXPECT_TRUE(Push(queue, kHour).ok() && Push(queue, kHour).ok());
  one.join();
  other.join();
  EXPECT_EQ(taken, 2);
}

TEST(PatientQueueTest, WhoHasGivenUpIsToldWhileNobodyServes) {
  PatientQueue<Asker> queue(10, kHour);
  bool given_up = false;
  Asker leaving{{.deadline = absl::InfiniteFuture(), .abandoned = [&] { return given_up; }}};
  ASSERT_TRUE(queue.Push(leaving).ok() && Push(queue, kHour).ok());
  EXPECT_EQ(queue.TakeEnding().size(), 0);
  given_up = true;
  EXPECT_EQ(queue.TakeEnding().size(), 1);
  EXPECT_EQ(queue.load().waiting, 1);
}

TEST(PatientQueueTest, LoadIsWhatWaitsAndHowMuchMay) {
  PatientQueue<Asker> queue(2, kHour);
  EXPECT_EQ(queue.load().waiting, 0);
  ASSERT_TRUE(Push(queue, kHour).ok() && Push(queue, kHour).ok());
  EXPECT_EQ(queue.load().waiting, 2);
  EXPECT_EQ(queue.load().limit, 2);
  EXPECT_THAT(Push(queue, kHour), RefusedFor(OVERLOADED));

  std::vector<PatientQueue<Asker>::Ended> ended;
  queue.Take(
      1, [](const Asker&, const Asker&) { return Joining::kTake; }, ended);
  EXPECT_EQ(queue.load().waiting, 1);
}

}  // namespace
}  // namespace pingan::db
