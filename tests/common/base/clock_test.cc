#include "common/base/clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <thread>
#include <vector>

#include "absl/time/clock.h"

namespace pingan::base {
namespace {

TEST(SystemClockTest, NeverGivesOneTimeTwiceToAnyThread) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 20'000;
  SystemClock clock;
  std::vector<std::vector<absl::Time>> seen(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : seen) {
    threads.emplace_back([&clock, &mine] {
      for (int i = 0; i < kCalls; ++i) mine.push_back(clock.Now());
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<absl::Time> all;
  for (const auto& mine : seen) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST(SystemClockTest, GivesTheTimeOfDayInWholeMicroseconds) {
  SystemClock clock;
  const absl::Time before = absl::Now() - absl::Microseconds(1);
  const absl::Time now = clock.Now();
  EXPECT_GE(now, before);
  EXPECT_LE(now, absl::Now() + absl::Seconds(1));
  EXPECT_EQ(now, absl::FromUnixMicros(absl::ToUnixMicros(now)));
}

TEST(SystemClockTest, CreepsWhenSetBackALittleAndFollowsWhenSetBackMuch) {
  const absl::Time start = absl::FromUnixSeconds(1'800'000'000);
  absl::Time system = start;
  SystemClock clock([&] { return system; });
  EXPECT_EQ(clock.Now(), start);
  system = start - SystemClock::kCreep;
  EXPECT_EQ(clock.Now(), start + absl::Microseconds(1));
  system = start + absl::Hours(1);
  EXPECT_EQ(clock.Now(), start + absl::Hours(1));
  system = start + absl::Seconds(1);
  EXPECT_EQ(clock.Now(), start + absl::Seconds(1));
  EXPECT_EQ(clock.Now(), start + absl::Seconds(1) + absl::Microseconds(1));
}

TEST(FakeClockTest, MovesOnlyWhenTold) {
  const absl::Time start = absl::FromUnixSeconds(1'800'000'000);
  FakeClock clock(start);
  EXPECT_EQ(clock.Now(), start);
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(absl::Minutes(15));
  EXPECT_EQ(clock.Now(), start + absl::Minutes(15));
  clock.Set(start - absl::Hours(1));
  EXPECT_EQ(clock.Now(), start - absl::Hours(1));
}

}  // namespace
}  // namespace pingan::base
