// A following service in a test: one database, any number of replicas, beside a source (source.h).
#ifndef PINGAN_TESTS_COMMON_CHANGES_FOLLOWER_FIXTURE_H_
#define PINGAN_TESTS_COMMON_CHANGES_FOLLOWER_FIXTURE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/changes/follower.h"
#include "common/db/database.h"
#include "common/db/row_reader.h"
#include "common/db/town_writer.h"
#include "common/rpc/peer.h"
#include "gtest/gtest.h"
#include "tests/common/changes/rows.h"
#include "tests/common/changes/source.h"
#include "tests/support/database.h"

namespace pingan::changes {

class FollowerReplica {
 public:
  FollowerReplica(const test::TestDatabase& database, base::Clock& clock,
                  std::unique_ptr<rpc::Peer> source, const std::string& holder,
                  FollowerOptions options)
      : database_(database.Open({&kUnits, &kTallies, &kCursors})),
        source_(std::move(source)),
        writer_(*database_, clock),
        reader_(*database_, {.lookup_workers = 1, .list_workers = 1}),
        leases_(*database_, clock, {.holder = holder, .renew_every = absl::Milliseconds(50)}),
        follower_(std::move(options), leases_, *source_, writer_, reader_, clock) {}

  Follower& follower() { return follower_; }
  db::TownWriter& writer() { return writer_; }
  bool Follows(const std::string& tenant, int64_t seq) {
    return follower_.WaitUntil(tenant, seq, Patient());
  }

 private:
  const std::unique_ptr<db::Database> database_;
  const std::unique_ptr<rpc::Peer> source_;
  db::TownWriter writer_;
  db::RowReader reader_;
  LeaseKeeper leases_;
  Follower follower_;
};

// Followers keep the units of the source, and count in a tally how often each unit changed: adding
// is what shows a change that took effect twice.
class FollowerFixture : public ::testing::Test {
 protected:
  SourceReplica& StartSource(const SourceReplica::Options& options = {}) {
    source_.emplace(source_database_, clock_, keys_, options);
    port_ = source_->port();
    return *source_;
  }

  FollowerOptions Options() const {
    return {.source = "event",
            .service = "volunteer",
            .first_retry = absl::Milliseconds(20),
            .longest_retry = absl::Milliseconds(200),
            .store_idle_cursors_every = absl::Milliseconds(20)};
  }

  // Without handlers, and not started.
  FollowerReplica& MakeFollower(const std::string& holder = "a") {
    followers_.push_back(std::make_unique<FollowerReplica>(database_, clock_, keys_.PeerAt(port_),
                                                           holder, Options()));
    return *followers_.back();
  }
  FollowerReplica& StartFollower(const std::string& holder = "a") {
    Follower& follower = MakeFollower(holder).follower();
    follower.On<directory::v1::Unit>(
        [this](const v1::Change& change, const directory::v1::Unit& unit, db::UnitOfWork& work) {
          return TakeIn(change, unit, work);
        },
        [](const v1::Change&, const directory::v1::Unit& unit, std::vector<db::Want>& wants) {
          wants.push_back(db::Want::ForRow(kUnits, unit.name()));
          wants.push_back(db::Want::ForRow(kTallies, TallyName(unit.name())));
        });
    follower.Start();
    return *followers_.back();
  }

  absl::Status TakeIn(const v1::Change& change, const directory::v1::Unit& unit,
                      db::UnitOfWork& work) {
    {
      absl::MutexLock lock(&mutex_);
      if (bad_.count(unit.name()) > 0) {
        ++refusals_;
        return base::Refuse(errors::v1::WRONG_STATE);
      }
    }
    if (absl::Status status = ApplyMirror(kUnits, change, unit, work); !status.ok()) return status;
    const std::string name = TallyName(unit.name());
    if (const volunteer::v1::Team* tally = work.FindOrNull(kTallies, name); tally != nullptr) {
      work.Change(*tally, "counted").set_size(tally->size() + 1);
    } else {
      volunteer::v1::Team first;
      first.set_name(name);
      first.set_size(1);
      work.Insert(kTallies, std::move(first), "counted");
    }
    return absl::OkStatus();
  }
  void Forgive() {
    absl::MutexLock lock(&mutex_);
    bad_.clear();
  }

  std::string SourcesSql(absl::string_view sql) const { return source_database_.Sql(sql); }
  std::string FollowersSql(absl::string_view sql) const { return database_.Sql(sql); }
  int64_t StoredCursor(const std::string& tenant) const {
    int64_t seq = 0;
    (void)absl::SimpleAtoi(
        FollowersSql(absl::StrCat("SELECT seq FROM cursors WHERE source = 'event' AND tenant = '",
                                  tenant, "'")),
        &seq);
    return seq;
  }

  // The tallies are what the source's log says, the units are the source's.
  void ExpectEachTookEffectOnce() {
    EXPECT_EQ(
        FollowersSql("SELECT string_agg(town || ' ' || tally || ' ' || size, ',' ORDER BY town, "
                     "tally) FROM tallies"),
        SourcesSql(
            "SELECT string_agg(tenant || ' ' || unit || ' ' || n, ',' ORDER BY tenant, unit) FROM "
            "(SELECT tenant, split_part(name, '/', 4) AS unit, count(*) AS n FROM changes "
            "WHERE type LIKE '%.Unit.%' GROUP BY 1, 2) AS counted"));
    constexpr char kRows[] =
        "SELECT string_agg(unit || ' ' || display_name, ',' ORDER BY town, unit) FROM units "
        "WHERE display_name <> 'own'";
    EXPECT_EQ(FollowersSql(kRows), SourcesSql(kRows));
  }

  base::SystemClock clock_;
  Keys keys_{clock_};
  test::TestDatabase source_database_{"event", Tables()};
  test::TestDatabase database_{"volunteer", Tables()};
  std::optional<SourceReplica> source_;
  int port_ = 0;
  absl::Mutex mutex_;
  std::set<std::string> bad_;  // units whose changes are refused
  std::atomic<int> refusals_ = 0;
  std::vector<std::unique_ptr<FollowerReplica>> followers_;
};

}  // namespace pingan::changes

#endif  // PINGAN_TESTS_COMMON_CHANGES_FOLLOWER_FIXTURE_H_
