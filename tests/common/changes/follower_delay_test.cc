#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/obs/metrics.h"
#include "gtest/gtest.h"
#include "tests/common/changes/follower_fixture.h"

namespace pingan::changes {
namespace {

// How many delays from a change to its effect were counted.
double Delays() {
  for (const absl::string_view line : absl::StrSplit(obs::MetricsText(), '\n')) {
    if (!absl::StartsWith(line, "pingan_follow_delay_seconds_count")) continue;
    const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
    double count = 0;
    EXPECT_TRUE(absl::SimpleAtod(parts.back(), &count)) << line;
    return count;
  }
  return 0;
}

using FollowerDelayTest = FollowerFixture;

// Two thousand changes as quickly as they come, over a hundred towns: each has its effect once, and
// its delay is counted once. How long they take is told by tests/load.
TEST_F(FollowerDelayTest, EveryChangeIsCountedWithItsDelay) {
  constexpr int kTowns = 100;
  constexpr int kChanges = 2000;
  SourceReplica& source = StartSource();
  FollowerReplica& follower = StartFollower();
  source.RenameMany(Town(1), 1);
  ASSERT_TRUE(follower.Follows(Town(1), 1));
  const double before = Delays();

  std::vector<std::unique_ptr<Deed>> deeds;
  std::atomic<int> committed = 0;
  for (int i = 0; i < kChanges; ++i) {
    const std::string town = Town(1 + i % kTowns);
    deeds.push_back(std::make_unique<Deed>(town, [town, i](db::UnitOfWork& work) {
      return RenameUnit(work, UnitName(town, 0), absl::StrCat(i));
    }));
    source.writer().Start(*deeds.back(), [&](const absl::Status& status) {
      EXPECT_TRUE(status.ok()) << status;
      ++committed;
    });
  }
  for (int town = 1; town <= kTowns; ++town)
    ASSERT_TRUE(follower.Follows(Town(town), kChanges / kTowns + (town == 1 ? 1 : 0)));
  ASSERT_EQ(committed, kChanges);

  EXPECT_TRUE(Await([&] { return Delays() - before >= kChanges; }));
  EXPECT_EQ(Delays() - before, kChanges);
  ExpectEachTookEffectOnce();
}

}  // namespace
}  // namespace pingan::changes
