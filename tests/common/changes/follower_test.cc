#include "common/changes/follower.h"

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/changes/follower_fixture.h"

namespace pingan::changes {
namespace {

using FollowerTest = FollowerFixture;

TEST_F(FollowerTest, CatchesUpFromTheFirstChangeAndThenFollows) {
  SourceReplica& source = StartSource();
  for (int town = 1; town <= 20; ++town) source.RenameMany(Town(town), town);
  FollowerReplica& follower = StartFollower();
  for (int town = 1; town <= 20; ++town) ASSERT_TRUE(follower.Follows(Town(town), town));
  source.RenameMany(Town(7), 3);
  ASSERT_TRUE(follower.Follows(Town(7), 10));
  ExpectEachTookEffectOnce();
}

TEST_F(FollowerTest, AMirrorHoldsTheSourcesRows) {
  SourceReplica& source = StartSource();
  FollowerReplica& follower = MakeFollower();
  follower.follower().Mirror(kUnits);
  follower.follower().Start();
  const std::string kept = UnitName(Town(1), 1);
  const std::string gone = UnitName(Town(1), 2);
  source.Rename(kept, "旧名");
  source.Rename(gone, "要撤并的");
  source.Rename(kept, "新名");
  source.Remove(gone);
  source.Rename(gone, "又设立的");
  source.Remove(gone);
  ASSERT_TRUE(follower.Follows(Town(1), 6));
  EXPECT_EQ(FollowersSql("SELECT string_agg(display_name, ',') FROM units"), "新名");
}

TEST_F(FollowerTest, CommandsNameTheServiceAndTheLogItFollows) {
  SourceReplica& source = StartSource();
  FollowerReplica& follower = StartFollower();
  source.RenameMany(Town(1), 1);
  ASSERT_TRUE(follower.Follows(Town(1), 1));
  EXPECT_EQ(FollowersSql("SELECT DISTINCT actor || ' ' || method FROM changes"),
            "services/volunteer follow/event");
}

TEST_F(FollowerTest, GoesOnFromItsCursorsWhenItIsStartedAgain) {
  SourceReplica& source = StartSource();
  source.RenameMany(Town(1), 250);
  source.RenameMany(Town(2), 10);
  {
    FollowerReplica& follower = StartFollower();
    ASSERT_TRUE(follower.Follows(Town(1), 100));  // in the middle, or further
  }
  followers_.clear();
  source.RenameMany(Town(1), 30);
  FollowerReplica& again = StartFollower();
  ASSERT_TRUE(again.Follows(Town(1), 280));
  ASSERT_TRUE(again.Follows(Town(2), 10));
  ExpectEachTookEffectOnce();
}

TEST_F(FollowerTest, TwoReplicasApplyEachChangeOnce) {
  SourceReplica& source = StartSource();
  // The second comes while the first is at work, and both follow the same towns for a while.
  for (int town = 1; town <= 30; ++town) source.RenameMany(Town(town), 50);
  StartFollower("a");
  StartFollower("b");
  for (int town = 1; town <= 30; ++town) source.RenameMany(Town(town), 10, 1);
  for (int town = 1; town <= 30; ++town)
    ASSERT_TRUE(Await([&] { return StoredCursor(Town(town)) == 60; })) << town;
  ExpectEachTookEffectOnce();
  EXPECT_TRUE(Await([&] {
    return FollowersSql(
               "SELECT string_agg(n::text, ',') FROM (SELECT count(*) AS n FROM leases "
               "WHERE name = 'follow/event' GROUP BY holder) AS held") == "32,32";
  }));

  // One that leaves is replaced by the other.
  followers_.pop_back();
  for (int town = 1; town <= 30; ++town) source.RenameMany(Town(town), 1);
  for (int town = 1; town <= 30; ++town)
    ASSERT_TRUE(Await([&] { return StoredCursor(Town(town)) == 61; })) << town;
  ExpectEachTookEffectOnce();
}

TEST_F(FollowerTest, AHandlerThatRefusesStopsOnlyItsTown) {
  SourceReplica& source = StartSource();
  bad_.insert(UnitName(Town(1), 5));
  source.RenameMany(Town(1), 20);
  source.RenameMany(Town(2), 20);
  FollowerReplica& follower = StartFollower();
  ASSERT_TRUE(follower.Follows(Town(2), 20));
  ASSERT_TRUE(follower.Follows(Town(1), 5));  // what stands before the refused one
  source.RenameMany(Town(1), 30);
  source.RenameMany(Town(2), 30);
  ASSERT_TRUE(follower.Follows(Town(2), 50));
  EXPECT_EQ(follower.follower().Cursor(Town(1)), 5);
  EXPECT_EQ(StoredCursor(Town(1)), 5);

  Forgive();
  ASSERT_TRUE(follower.Follows(Town(1), 50));
  ExpectEachTookEffectOnce();
}

TEST_F(FollowerTest, NothingIsPassedOverWhenATownGoesOnWhileChangesCome) {
  SourceReplica& source = StartSource();
  FollowerReplica& follower = StartFollower();
  int64_t seq = 0;
  for (int round = 0; round < 5; ++round) {
    {
      absl::MutexLock lock(&mutex_);
      bad_.insert(UnitName(Town(1), 0));
    }
    source.RenameMany(Town(1), 50, 5);
    Forgive();
    source.RenameMany(Town(1), 100, 1);
    seq += 150;
    ASSERT_TRUE(follower.Follows(Town(1), seq));
  }
  ExpectEachTookEffectOnce();
}

TEST_F(FollowerTest, WorksAgainWhenTheSourceIsBack) {
  FollowerReplica* follower = nullptr;
  int port = 0;
  {
    SourceReplica& source = StartSource();
    port = source.port();
    follower = &StartFollower();
    source.RenameMany(Town(1), 5);
    ASSERT_TRUE(follower->Follows(Town(1), 5));
  }
  source_.reset();
  // What the service does by itself goes on.
  Deed own(Town(1),
           [](db::UnitOfWork& work) { return RenameUnit(work, UnitName(Town(1), 99), "own"); });
  EXPECT_TRUE(follower->writer().RunAndWait(own).ok());

  SourceReplica& again = StartSource({.port = port});
  again.RenameMany(Town(1), 5);
  ASSERT_TRUE(follower->Follows(Town(1), 10));
  ExpectEachTookEffectOnce();
}

TEST_F(FollowerTest, WorksAgainWhenItsDatabaseCutTheConnections) {
  SourceReplica& source = StartSource();
  FollowerReplica& follower = StartFollower();
  for (int round = 1; round <= 5; ++round) {
    source.RenameMany(Town(1), 40, 1);
    FollowersSql(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    ASSERT_TRUE(follower.Follows(Town(1), round * 40));
  }
  ExpectEachTookEffectOnce();
}

TEST_F(FollowerTest, RowsNobodyHandlesMoveTheStoredCursor) {
  SourceReplica& source = StartSource();
  FollowerReplica& follower = StartFollower();
  for (int duty = 1; duty <= 5; ++duty) source.AddDuty(Town(1), duty);
  ASSERT_TRUE(follower.Follows(Town(1), 5));
  EXPECT_TRUE(Await([&] { return StoredCursor(Town(1)) == 5; }));
  EXPECT_EQ(FollowersSql("SELECT count(*) FROM changes"), "0");
}

TEST_F(FollowerTest, ACursorSetBackIsFollowedAgainFromThere) {
  SourceReplica& source = StartSource();
  FollowerReplica& follower = StartFollower();
  source.RenameMany(Town(1), 10);
  ASSERT_TRUE(follower.Follows(Town(1), 10));
  // As if the follower's database had been restored from this morning.
  FollowersSql("UPDATE cursors SET seq = 4");
  FollowersSql("UPDATE tallies SET size = 0 WHERE tally::bigint % 1000 >= 104");
  source.RenameMany(Town(1), 5);
  source.RenameMany(Town(2), 5);
  ASSERT_TRUE(follower.Follows(Town(2), 5));
  ASSERT_TRUE(Await([&] { return StoredCursor(Town(1)) == 15; }));
  ExpectEachTookEffectOnce();
}

TEST_F(FollowerTest, FollowsALongLogOfOneTownQuickly) {
  SourceReplica& source = StartSource();
  source.RenameMany(Town(1), 10000);
  const absl::Time before = absl::Now();
  FollowerReplica& follower = StartFollower();
  ASSERT_TRUE(follower.Follows(Town(1), 10000));
  const absl::Duration took = absl::Now() - before;
  RecordProperty("milliseconds", static_cast<int>(absl::ToInt64Milliseconds(took)));
  EXPECT_LT(took, absl::Seconds(20));
  ExpectEachTookEffectOnce();
}

TEST_F(FollowerTest, FollowsTheLogsOfManyTownsQuickly) {
  SourceReplica& source = StartSource();
  for (int town = 1; town <= 500; ++town) source.RenameMany(Town(town), 20);
  const absl::Time before = absl::Now();
  FollowerReplica& follower = StartFollower();
  for (int town = 1; town <= 500; ++town) ASSERT_TRUE(follower.Follows(Town(town), 20)) << town;
  const absl::Duration took = absl::Now() - before;
  RecordProperty("milliseconds", static_cast<int>(absl::ToInt64Milliseconds(took)));
  EXPECT_LT(took, absl::Seconds(20));
  ExpectEachTookEffectOnce();
}

}  // namespace
}  // namespace pingan::changes
