#include "common/changes/town_queues.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/steady.h"
#include "common/changes/follower.h"
#include "common/db/town_writer.h"
#include "gtest/gtest.h"
#include "tests/common/changes/rows.h"
#include "tests/common/changes/source.h"
#include "tests/support/database.h"

namespace pingan::changes {
namespace {

// The towns of a follower without its loop: the test is the thread that they belong to.
class TownQueuesTest : public ::testing::Test {
 protected:
  // The log of the town has grown to `up_to` by what nobody wants.
  void Grow(int town, int64_t up_to) {
    v1::TenantChanges changes;
    changes.set_tenant(Town(town));
    changes.set_up_to(up_to);
    queues_.Receive(std::move(changes));
  }
  // Begins what is to be begun and takes in its answers until nothing is under way.
  void Work() {
    queues_.Tick();
    queues_.Advance(base::SteadyNow());
    while (!queues_.idle()) {
      for (const auto& task : WaitForTasks()) task();
      queues_.Advance(base::SteadyNow());
    }
  }
  std::vector<std::function<void()>> WaitForTasks() {
    absl::MutexLock lock(&mutex_);
    const auto any = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !tasks_.empty(); };
    EXPECT_TRUE(mutex_.AwaitWithDeadline(absl::Condition(&any), Patient()));
    return std::exchange(tasks_, {});
  }
  std::string StoredCursors() {
    return test_database_.Sql("SELECT string_agg(seq::text, ',' ORDER BY tenant) FROM cursors");
  }

  base::SystemClock clock_;
  test::TestDatabase test_database_{"volunteer", Tables()};
  const std::unique_ptr<db::Database> database_ = test_database_.Open({&kUnits, &kCursors});
  db::TownWriter writer_{*database_, clock_};
  const FollowerOptions options_{.source = "event", .service = "volunteer"};
  Handlers handlers_;
  CursorBoard board_;
  absl::Mutex mutex_;
  std::vector<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  TownQueues queues_{options_,
                     handlers_,
                     writer_,
                     clock_,
                     board_,
                     {.post =
                          [this](std::function<void()> task) {
                            absl::MutexLock lock(&mutex_);
                            tasks_.push_back(std::move(task));
                          },
                      .ask_again = [] {},
                      .abandoned = [] { return false; }}};
};

TEST_F(TownQueuesTest, CursorsThatPassedUnwantedChangesAreStored) {
  Grow(1, 5);
  Grow(2, 7);
  Work();
  EXPECT_EQ(StoredCursors(), "5,7");
}

// Stored cursors are being read meanwhile, and then towns are forgotten: a command that began in
// between would be used after its town is gone.
TEST_F(TownQueuesTest, NothingIsBegunBetweenRestAndReset) {
  Grow(1, 5);
  queues_.Rest();
  queues_.Tick();
  queues_.Advance(base::SteadyNow());
  EXPECT_TRUE(queues_.idle());
  EXPECT_EQ(queues_.running(), 0u);
  board_.Replace({});  // as they are stored
  queues_.Reset(Buckets().set());

  Grow(1, 6);
  Work();
  EXPECT_EQ(StoredCursors(), "6");
}

}  // namespace
}  // namespace pingan::changes
