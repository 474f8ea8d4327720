#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "common/obs/metrics.h"
#include "gtest/gtest.h"
#include "tests/common/changes/follower_fixture.h"

namespace pingan::changes {
namespace {

// The histogram from a change to its effect: changes within each bound.
std::map<double, double> Delays() {
  std::map<double, double> within;
  for (const absl::string_view line : absl::StrSplit(obs::MetricsText(), '\n')) {
    if (!absl::StartsWith(line, "pingan_follow_delay_seconds_bucket")) continue;
    const std::vector<absl::string_view> parts = absl::StrSplit(line, '"');
    const std::vector<absl::string_view> end = absl::StrSplit(line, ' ');
    double bound = 0;
    double count = 0;
    if (absl::SimpleAtod(parts[parts.size() - 2], &bound) && absl::SimpleAtod(end.back(), &count))
      within[bound] = count;
  }
  return within;
}

using FollowerLatencyTest = FollowerFixture;

// The goal is 50 ms for 99 of 100; tests share their machine, so this only fails when it is missed
// by far. The properties tell the figures.
TEST_F(FollowerLatencyTest, EffectsComeSoonAtFiveHundredChangesASecond) {
  constexpr int kTowns = 100;
  constexpr int kChanges = 2000;
  SourceReplica& source = StartSource();
  FollowerReplica& follower = StartFollower();
  source.RenameMany(Town(1), 1);
  ASSERT_TRUE(follower.Follows(Town(1), 1));
  const std::map<double, double> before = Delays();

  std::vector<std::unique_ptr<Deed>> deeds;
  std::atomic<int> committed = 0;
  const absl::Time start = absl::Now();
  for (int i = 0; i < kChanges; ++i) {
    const std::string town = Town(1 + i % kTowns);
    deeds.push_back(std::make_unique<Deed>(town, [town, i](db::UnitOfWork& work) {
      return RenameUnit(work, UnitName(town, 0), absl::StrCat(i));
    }));
    absl::Notification().WaitForNotificationWithTimeout(start + i * absl::Milliseconds(2) -
                                                        absl::Now());
    source.writer().Start(*deeds.back(), [&](const absl::Status& status) {
      EXPECT_TRUE(status.ok()) << status;
      ++committed;
    });
  }
  for (int town = 1; town <= kTowns; ++town)
    ASSERT_TRUE(follower.Follows(Town(town), kChanges / kTowns));
  ASSERT_EQ(committed, kChanges);

  const std::map<double, double> after = Delays();
  double within_a_second = 0;
  for (const auto& [bound, count] : after) {
    const double share = 100 * (count - before.at(bound)) / kChanges;
    RecordProperty(absl::StrCat("percent_within_", bound, "_s"), absl::StrCat(share));
    if (bound <= 1) within_a_second = share;
  }
  EXPECT_GE(within_a_second, 99);
  ExpectEachTookEffectOnce();
}

}  // namespace
}  // namespace pingan::changes
