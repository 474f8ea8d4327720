#include "common/changes/feed.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "gtest/gtest.h"
#include "tests/common/changes/rows.h"
#include "tests/common/changes/source.h"
#include "tests/support/database.h"

namespace pingan::changes {
namespace {

constexpr absl::Duration kNever = absl::Hours(1);

class Listener final : public ChangeFeed::Watcher {
 public:
  explicit Listener(ChangeFeed& feed) : feed_(feed) { feed_.Add(*this); }
  ~Listener() override { feed_.Remove(*this); }

  void OnHeads(absl::Span<const db::Committed> heads) override {
    absl::MutexLock lock(&mutex_);
    for (const db::Committed& head : heads)
      heads_[head.tenant] = std::max(heads_[head.tenant], head.seq);
  }
  bool Hears(const std::string& tenant, int64_t seq) {
    absl::MutexLock lock(&mutex_);
    const auto heard = [&] { return heads_[tenant] == seq; };
    return mutex_.AwaitWithDeadline(absl::Condition(&heard), Patient());
  }
  size_t towns() {
    absl::MutexLock lock(&mutex_);
    return heads_.size();
  }

 private:
  ChangeFeed& feed_;
  absl::Mutex mutex_;
  std::map<std::string, int64_t> heads_;
};

class FeedTest : public ::testing::Test {
 protected:
  void Commit(const std::string& tenant, int seq) {
    database_.Sql(absl::StrCat("INSERT INTO heads VALUES ('", tenant, "', ", seq,
                               ") ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq"));
  }

  test::TestDatabase database_{"event", Tables()};
  const std::unique_ptr<db::Database> opened_ = database_.Open({&kUnits});
};

TEST_F(FeedTest, WatchersHearOfCommitsAtOnceAlsoWithoutADatabase) {
  ChangeFeed feed(*opened_);
  Listener listener(feed);
  const db::Committed committed[] = {{Town(1), 3}, {Town(2), 1}};
  feed.OnCommit(committed);
  EXPECT_TRUE(listener.Hears(Town(1), 3));
  EXPECT_TRUE(listener.Hears(Town(2), 1));
}

TEST_F(FeedTest, AWatcherHearsWhatWasKnownBeforeItCame) {
  ChangeFeed feed(*opened_);
  const db::Committed committed[] = {{Town(1), 3}};
  feed.OnCommit(committed);
  Listener listener(feed);
  EXPECT_TRUE(listener.Hears(Town(1), 3));
}

TEST_F(FeedTest, SweepsFindWhatNobodyTold) {
  Commit(Town(1), 5);
  ChangeFeed feed(*opened_, {.sweep_every = absl::Milliseconds(20)});
  Listener listener(feed);
  feed.Start();
  EXPECT_TRUE(listener.Hears(Town(1), 5));
  Commit(Town(1), 6);
  EXPECT_TRUE(listener.Hears(Town(1), 6));
}

TEST_F(FeedTest, SweepsTakeAllTownsAndNoAccounts) {
  database_.Sql(
      "INSERT INTO heads SELECT (110000000 + n)::text, 1 FROM generate_series(1, 25000) AS n");
  Commit("0192f0c1-0000-7000-8000-000000000001", 9);
  ChangeFeed feed(*opened_);
  Listener listener(feed);
  feed.Start();
  EXPECT_TRUE(listener.Hears("110025000", 1));
  EXPECT_EQ(listener.towns(), 25000);
  const db::Committed account[] = {{"0192f0c1-0000-7000-8000-000000000001", 10}};
  feed.OnCommit(account);
  EXPECT_EQ(listener.towns(), 25000);
}

TEST_F(FeedTest, OtherReplicasHearByNotification) {
  Commit(Town(1), 1);
  ChangeFeed here(*opened_, {.sweep_every = kNever});
  ChangeFeed there(*opened_, {.sweep_every = kNever});
  Listener listener(there);
  here.Start();
  there.Start();
  ASSERT_TRUE(listener.Hears(Town(1), 1));  // from its first sweep, so it listens by now
  const db::Committed committed[] = {{Town(1), 7}, {Town(2), 1}};
  here.OnCommit(committed);
  EXPECT_TRUE(listener.Hears(Town(1), 7));
  EXPECT_TRUE(listener.Hears(Town(2), 1));
}

TEST_F(FeedTest, MoreTownsThanANotificationHoldsAreSwept) {
  Commit(Town(0), 1);
  ChangeFeed here(*opened_, {.sweep_every = kNever});
  ChangeFeed there(*opened_, {.sweep_every = kNever});
  Listener listener(there);
  here.Start();
  there.Start();
  ASSERT_TRUE(listener.Hears(Town(0), 1));
  database_.Sql(
      "INSERT INTO heads SELECT (330481000 + n)::text, 2 FROM generate_series(1, 900) AS n");
  std::vector<db::Committed> committed;
  for (int town = 1; town <= 900; ++town) committed.push_back({Town(town), 2});
  here.OnCommit(committed);
  for (int town = 1; town <= 900; ++town) ASSERT_TRUE(listener.Hears(Town(town), 2)) << town;
}

TEST_F(FeedTest, GoesOnWhenItsConnectionsAreCut) {
  ChangeFeed feed(*opened_, {.sweep_every = absl::Milliseconds(20)});
  std::atomic<int> sweeps = 0, losses = 0;
  feed.WhenSwept([&](pqxx::transaction_base& work) {
    EXPECT_EQ(work.exec("SELECT current_schema()")[0][0].c_str(), opened_->options().schema);
    ++sweeps;
  });
  feed.WhenLost([&] { ++losses; });
  Listener listener(feed);
  feed.Start();
  for (int seq = 1; seq <= 3; ++seq) {
    Commit(Town(1), seq);
    ASSERT_TRUE(listener.Hears(Town(1), seq));
    database_.Sql(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }
  feed.Stop();
  EXPECT_GE(sweeps, 3);
  EXPECT_GE(losses, 2);
}

}  // namespace
}  // namespace pingan::changes
