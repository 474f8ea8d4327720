#include "common/changes/leases.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "gtest/gtest.h"
#include "tests/common/changes/rows.h"
#include "tests/common/changes/source.h"
#include "tests/support/database.h"

namespace pingan::changes {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1795399200);
const absl::Time kLater = kNow + absl::Seconds(5);

// All buckets: the first `a` of "a", the next `b` of "b", the rest free.
std::vector<Lease> Held(int a, int b) {
  std::vector<Lease> leases;
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    const bool held = bucket < a + b;
    leases.push_back({bucket,
                      bucket < a ? "a"
                      : held     ? "b"
                                 : "",
                      held ? kLater : absl::UnixEpoch()});
  }
  return leases;
}

TEST(ChooseBucketsTest, TheOnlyReplicaTakesAll) {
  EXPECT_EQ(ChooseBuckets(Held(0, 0), {}, "a", kNow).count(), 64);
  EXPECT_EQ(ChooseBuckets(Held(10, 0), {"a"}, "a", kNow).count(), 64);
}

TEST(ChooseBucketsTest, TheSecondTakesHalfFromTheFirst) {
  EXPECT_EQ(ChooseBuckets(Held(64, 0), {"a"}, "b", kNow).count(), 32);
}

TEST(ChooseBucketsTest, TheThirdTakesFromBoth) {
  const Buckets chosen = ChooseBuckets(Held(32, 32), {"a", "b"}, "c", kNow);
  EXPECT_EQ(chosen.count(), 21);
  int from_a = 0;
  for (int bucket = 0; bucket < 32; ++bucket) from_a += chosen.test(bucket);
  EXPECT_EQ(from_a, 10);  // a keeps 22, the share of the first by name, and b 21
}

TEST(ChooseBucketsTest, KeepsWhatItHasUntilOthersTakeIt) {
  EXPECT_EQ(ChooseBuckets(Held(64, 0), {"a", "b"}, "a", kNow).count(), 64);
}

TEST(ChooseBucketsTest, TakesOverWhatEnded) {
  std::vector<Lease> leases = Held(32, 32);
  for (Lease& lease : leases) {
    if (lease.holder == "b") lease.until = kNow;
  }
  EXPECT_EQ(ChooseBuckets(leases, {"a"}, "a", kNow).count(), 64);
}

TEST(ChooseBucketsTest, TakesNothingFromWhoHasAShare) {
  EXPECT_EQ(ChooseBuckets(Held(32, 32), {"a", "b"}, "a", kNow),
            ChooseBuckets(Held(32, 32), {"b"}, "a", kNow));
  EXPECT_EQ(ChooseBuckets(Held(32, 32), {"a", "b"}, "a", kNow).count(), 32);
}

class LeaseKeeperTest : public ::testing::Test {
 protected:
  struct Replica {
    absl::Mutex mutex;
    Buckets held;
    bool told = false;
    std::unique_ptr<LeaseKeeper> keeper;

    void Join(const std::string& work) {
      keeper->Join(work, [this](Buckets buckets) {
        absl::MutexLock lock(&mutex);
        held = buckets;
        told = true;
      });
    }
    bool AwaitCount(size_t count) {
      absl::MutexLock lock(&mutex);
      const auto has = [&] { return told && held.count() == count; };
      return mutex.AwaitWithDeadline(absl::Condition(&has), Patient());
    }
  };

  std::unique_ptr<Replica> Start(const std::string& holder) {
    auto replica = std::make_unique<Replica>();
    replica->keeper = std::make_unique<LeaseKeeper>(
        *opened_, clock_, LeaseOptions{.holder = holder, .renew_every = absl::Milliseconds(20)});
    replica->Join("follow/event");
    return replica;
  }
  std::string Lasting(absl::string_view holder) {
    return database_.Sql(absl::StrCat(
        "SELECT count(*) FROM leases WHERE name = 'follow/event' AND holder = '", holder, "'"));
  }

  base::FakeClock clock_{kNow};
  test::TestDatabase database_{"volunteer", Tables()};
  const std::unique_ptr<db::Database> opened_ = database_.Open({});
};

TEST_F(LeaseKeeperTest, ReplicasShareAndTakeOverWhenOneLeaves) {
  const auto a = Start("a");
  ASSERT_TRUE(a->AwaitCount(64));
  auto b = Start("b");
  EXPECT_TRUE(b->AwaitCount(32));
  EXPECT_TRUE(a->AwaitCount(32));
  b->keeper->Leave("follow/event");
  EXPECT_TRUE(a->AwaitCount(64));
}

TEST_F(LeaseKeeperTest, TakesOverWhenAReplicaIsSilentForTooLong) {
  auto a = Start("a");
  ASSERT_TRUE(a->AwaitCount(64));
  a->keeper->Leave("follow/event");
  // As a crash would leave it.
  database_.Sql(
      "UPDATE leases SET holder = 'lost', until = '2026-11-23 02:00:06+00' WHERE name = "
      "'follow/event'");
  database_.Sql(
      "INSERT INTO leases VALUES ('follow/event/lost', 0, 'lost', '2026-11-23 02:00:06+00')");
  const auto b = Start("b");
  ASSERT_TRUE(b->AwaitCount(32));
  EXPECT_EQ(Lasting("lost"), "32");
  clock_.Advance(absl::Seconds(6));
  EXPECT_TRUE(b->AwaitCount(64));
}

TEST_F(LeaseKeeperTest, TakesOverFromWhoDiedWithAClockThatWasAhead) {
  clock_.Advance(absl::Hours(1));
  auto a = Start("a");
  ASSERT_TRUE(a->AwaitCount(64));
  a->keeper->Leave("follow/event");
  // As a crash would leave it.
  database_.Sql(
      "UPDATE leases SET holder = 'lost', until = '2026-11-23 03:00:06+00' WHERE name = "
      "'follow/event'");
  database_.Sql(
      "INSERT INTO leases VALUES ('follow/event/lost', 0, 'lost', '2026-11-23 03:00:06+00')");
  clock_.Advance(-absl::Hours(1));
  const auto b = Start("b");
  EXPECT_TRUE(b->AwaitCount(64));
}

TEST_F(LeaseKeeperTest, DifferentWorkHasDifferentLeases) {
  const auto a = Start("a");
  ASSERT_TRUE(a->AwaitCount(64));
  Replica of_both;
  of_both.keeper = std::make_unique<LeaseKeeper>(
      *opened_, clock_, LeaseOptions{.holder = "b", .renew_every = absl::Milliseconds(20)});
  of_both.Join("follow/directory");
  EXPECT_TRUE(of_both.AwaitCount(64));
  of_both.Join("follow/event");
  EXPECT_TRUE(a->AwaitCount(32));
  EXPECT_TRUE(of_both.AwaitCount(32));
  of_both.keeper->Leave("follow/event");
  EXPECT_TRUE(a->AwaitCount(64));
  EXPECT_EQ(
      database_.Sql("SELECT count(*) FROM leases WHERE name = 'follow/directory' AND holder = "
                    "'b' AND until > '2026-11-23 02:00:00+00'"),
      "64");
  of_both.keeper->Leave("follow/directory");
}

}  // namespace
}  // namespace pingan::changes
