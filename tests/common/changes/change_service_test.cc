#include "common/changes/change_service.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/changes/bucket.h"
#include "common/changes/handlers.h"
#include "common/rpc/grpc_status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pingan/changes/v1/changes.grpc.pb.h"
#include "tests/common/changes/rows.h"
#include "tests/common/changes/source.h"
#include "tests/support/database.h"

namespace pingan::changes {
namespace {

constexpr char kUnit[] = "pingan.directory.v1.Unit";
constexpr char kDuty[] = "pingan.directory.v1.Duty";

// A follower by hand: one stream, and what came through it.
class Watching {
 public:
  Watching(rpc::Peer& peer, const v1::WatchRequest& request)
      : stub_(v1::ChangeService::NewStub(peer.channel())) {
    rpc::Call call;
    call.deadline = Patient();
    call.trace = obs::BeginSpan();
    peer.Prepare(call, context_);
    reader_ = stub_->Watch(&context_, request);
  }
  ~Watching() {
    context_.TryCancel();
    if (!ended_) reader_->Finish();
  }

  // Takes one response; false when the stream has ended.
  bool Next() {
    response_.Clear();
    if (!reader_->Read(&response_)) return false;
    ++responses_;
    for (const v1::TenantChanges& town : response_.tenants()) {
      up_to_[town.tenant()] = town.up_to();
      for (const v1::Change& change : town.changes()) changes_.push_back(change);
    }
    return true;
  }
  // Takes responses until this town's log is known up to `seq`.
  bool ReadTo(const std::string& tenant, int64_t seq) {
    while (up_to_[tenant] < seq) {
      if (!Next()) return false;
    }
    return true;
  }
  absl::Status End() {
    while (Next()) {
    }
    ended_ = true;
    return rpc::FromGrpcStatus(reader_->Finish());
  }

  std::vector<int64_t> SeqsOf(const std::string& tenant) const {
    std::vector<int64_t> seqs;
    for (const v1::Change& change : changes_) {
      if (change.tenant() == tenant) seqs.push_back(change.seq());
    }
    return seqs;
  }
  const std::vector<v1::Change>& changes() const { return changes_; }
  const v1::WatchResponse& last() const { return response_; }
  int responses() const { return responses_; }
  int64_t up_to(const std::string& tenant) { return up_to_[tenant]; }

 private:
  const std::unique_ptr<v1::ChangeService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
  v1::WatchResponse response_;
  std::vector<v1::Change> changes_;
  std::map<std::string, int64_t> up_to_;
  int responses_ = 0;
  bool ended_ = false;
};

v1::WatchRequest Wanting(std::vector<std::string> rows,
                         const std::map<std::string, int64_t>& cursors = {}) {
  v1::WatchRequest request;
  for (const std::string& row : rows) request.add_rows(row);
  for (const auto& [tenant, seq] : cursors) {
    request.add_cursors()->set_tenant(tenant);
    request.mutable_cursors()->rbegin()->set_seq(seq);
  }
  return request;
}

class ChangeServiceTest : public ::testing::Test {
 protected:
  SourceReplica& StartSource(const SourceReplica::Options& options = {}) {
    source_.emplace(database_, clock_, keys_, options);
    peer_ = keys_.PeerAt(source_->port());
    return *source_;
  }

  base::SystemClock clock_;
  Keys keys_{clock_};
  test::TestDatabase database_{"event", Tables()};
  std::optional<SourceReplica> source_;
  std::unique_ptr<rpc::Peer> peer_;
};

TEST_F(ChangeServiceTest, GivesWhatIsStoredAndThenWhatComes) {
  SourceReplica& source = StartSource();
  const std::string unit = UnitName(Town(1), 0);
  source.Rename(unit, "before");
  source.Rename(unit, "between");
  Watching watching(*peer_, Wanting({kUnit}));
  ASSERT_TRUE(watching.ReadTo(Town(1), 2));
  source.Rename(unit, "after");
  source.Remove(unit);
  ASSERT_TRUE(watching.ReadTo(Town(1), 4));

  ASSERT_EQ(watching.changes().size(), 4);
  const v1::Change& third = watching.changes()[2];
  EXPECT_EQ(third.tenant(), Town(1));
  EXPECT_EQ(third.seq(), 3);
  EXPECT_EQ(third.name(), unit);
  EXPECT_EQ(third.type(), "pingan.directory.v1.Unit.renamed");
  EXPECT_EQ(third.actor(), "services/test");
  EXPECT_EQ(third.method(), "test");
  EXPECT_EQ(third.id().size(), 36);
  EXPECT_GT(third.time().seconds(), 0);
  directory::v1::Unit row;
  ASSERT_TRUE(row.ParseFromString(third.body()));
  EXPECT_EQ(row.display_name(), "after");
  EXPECT_EQ(row.etag(), "3");
  EXPECT_TRUE(IsDeletion(watching.changes()[3].type()));
}

TEST_F(ChangeServiceTest, BeginsAfterTheCursorsItIsGiven) {
  SourceReplica& source = StartSource();
  source.RenameMany(Town(1), 5);
  source.RenameMany(Town(2), 3);
  Watching watching(*peer_, Wanting({kUnit}, {{Town(1), 4}}));
  ASSERT_TRUE(watching.ReadTo(Town(1), 5));
  ASSERT_TRUE(watching.ReadTo(Town(2), 3));
  EXPECT_THAT(watching.SeqsOf(Town(1)), testing::ElementsAre(5));
  EXPECT_THAT(watching.SeqsOf(Town(2)), testing::ElementsAre(1, 2, 3));
}

TEST_F(ChangeServiceTest, RowsNotWantedOnlyMoveTheCursor) {
  SourceReplica& source = StartSource();
  source.AddDuty(Town(1), 1);
  source.RenameMany(Town(1), 2);
  source.AddDuty(Town(1), 2);
  Watching units(*peer_, Wanting({kUnit}));
  ASSERT_TRUE(units.ReadTo(Town(1), 4));
  EXPECT_THAT(units.SeqsOf(Town(1)), testing::ElementsAre(2, 3));
  Watching both(*peer_, Wanting({kDuty, kUnit}));
  ASSERT_TRUE(both.ReadTo(Town(1), 4));
  EXPECT_THAT(both.SeqsOf(Town(1)), testing::ElementsAre(1, 2, 3, 4));
}

TEST_F(ChangeServiceTest, GivesOnlyTownsOfTheBucketsAskedFor) {
  SourceReplica& source = StartSource();
  v1::WatchRequest request = Wanting({kUnit});
  request.add_buckets(BucketOf(Town(1)));
  int other = 2;
  while (BucketOf(Town(other)) == BucketOf(Town(1))) ++other;
  source.RenameMany(Town(other), 1);
  source.RenameMany(Town(1), 1);
  Watching watching(*peer_, request);
  ASSERT_TRUE(watching.ReadTo(Town(1), 1));
  source.RenameMany(Town(other), 1);
  source.RenameMany(Town(1), 1);
  ASSERT_TRUE(watching.ReadTo(Town(1), 2));
  EXPECT_EQ(watching.up_to(Town(other)), 0);
}

TEST_F(ChangeServiceTest, ATownThatLostAChangeStopsAndOthersGoOn) {
  SourceReplica& source = StartSource();
  source.RenameMany(Town(1), 5);
  database_.Sql("DELETE FROM changes WHERE seq = 3");
  Watching watching(*peer_, Wanting({kUnit}));
  source.RenameMany(Town(2), 5);
  source.RenameMany(Town(1), 5);
  source.RenameMany(Town(3), 5);
  ASSERT_TRUE(watching.ReadTo(Town(2), 5));
  ASSERT_TRUE(watching.ReadTo(Town(3), 5));
  EXPECT_THAT(watching.SeqsOf(Town(1)), testing::ElementsAre(1, 2));
  EXPECT_EQ(watching.up_to(Town(1)), 2);
}

TEST_F(ChangeServiceTest, AResponseIsNotMuchLargerThanItsBound) {
  SourceReplica& source = StartSource({.service = {.max_response_bytes = 2000}});
  source.RenameMany(Town(1), 100);
  Watching watching(*peer_, Wanting({kUnit}));
  while (watching.up_to(Town(1)) < 100) {
    ASSERT_TRUE(watching.Next());
    EXPECT_LT(watching.last().ByteSizeLong(), 2500);
  }
  EXPECT_GT(watching.responses(), 5);
  EXPECT_EQ(watching.SeqsOf(Town(1)).size(), 100);
}

TEST_F(ChangeServiceTest, ATownWithALongLogDoesNotKeepOthersWaiting) {
  SourceReplica& source = StartSource({.service = {.max_rows = 10}});
  source.RenameMany(Town(1), 500);
  for (int town = 2; town <= 5; ++town) source.RenameMany(Town(town), 1);
  Watching watching(*peer_, Wanting({kUnit}));
  for (int town = 2; town <= 5; ++town) ASSERT_TRUE(watching.ReadTo(Town(town), 1));
  EXPECT_LT(watching.up_to(Town(1)), 100);
  EXPECT_TRUE(watching.ReadTo(Town(1), 500));
}

TEST_F(ChangeServiceTest, HearsOfCommitsOfAnotherReplica) {
  StartSource();
  SourceReplica other(database_, clock_, keys_);
  Watching watching(*peer_, Wanting({kUnit}));
  for (int change = 1; change <= 20; ++change) {
    other.RenameMany(Town(1), 1);
    ASSERT_TRUE(watching.ReadTo(Town(1), change));
  }
}

TEST_F(ChangeServiceTest, StopEndsAllStreamsAndRefusesNewOnes) {
  SourceReplica& source = StartSource();
  source.RenameMany(Town(1), 1);
  Watching idle(*peer_, Wanting({kUnit}, {{Town(1), 1}}));
  Watching busy(*peer_, Wanting({kUnit}));
  ASSERT_TRUE(busy.ReadTo(Town(1), 1));
  source.service().Stop();
  EXPECT_EQ(busy.End().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(idle.End().code(), absl::StatusCode::kUnavailable);
  Watching late(*peer_, Wanting({kUnit}));
  EXPECT_EQ(late.End().code(), absl::StatusCode::kUnavailable);
  const absl::Time before = absl::Now();
  source.server().Drain(absl::ZeroDuration(), absl::Seconds(20));
  EXPECT_LT(absl::Now() - before, absl::Seconds(10));
}

TEST_F(ChangeServiceTest, AFeedWithoutItsDatabaseEndsAllStreamsAndRefusesNewOnes) {
  SourceReplica& source = StartSource();
  source.RenameMany(Town(1), 1);
  Watching idle(*peer_, Wanting({kUnit}));
  ASSERT_TRUE(idle.ReadTo(Town(1), 1));
  database_.Sql("ALTER TABLE heads RENAME TO hidden");
  EXPECT_EQ(idle.End().code(), absl::StatusCode::kUnavailable);
  Watching late(*peer_, Wanting({kUnit}));
  EXPECT_EQ(late.End().code(), absl::StatusCode::kUnavailable);
  database_.Sql("ALTER TABLE hidden RENAME TO heads");
  const absl::Time patience = Patient();
  for (;;) {
    Watching again(*peer_, Wanting({kUnit}));
    if (again.ReadTo(Town(1), 1)) break;
    ASSERT_LT(absl::Now(), patience);
  }
}

TEST_F(ChangeServiceTest, RefusesWhoIsNoServiceAndWhatIsNoRequest) {
  SourceReplica& source = StartSource();
  Watching nothing(*peer_, Wanting({}));
  EXPECT_EQ(nothing.End().code(), absl::StatusCode::kInvalidArgument);
  grpc::ClientContext context;
  const auto stub = v1::ChangeService::NewStub(grpc::CreateChannel(
      absl::StrCat("127.0.0.1:", source.port()), grpc::InsecureChannelCredentials()));
  const auto reader = stub->Watch(&context, Wanting({kUnit}));
  EXPECT_EQ(reader->Finish().error_code(), grpc::PERMISSION_DENIED);
}

TEST_F(ChangeServiceTest, AReadThatFailsEndsTheStream) {
  SourceReplica& source = StartSource();
  source.RenameMany(Town(1), 1);
  Watching watching(*peer_, Wanting({kUnit}));
  ASSERT_TRUE(watching.ReadTo(Town(1), 1));
  database_.Sql("ALTER TABLE changes RENAME TO hidden");
  const db::Committed committed[] = {{Town(1), 2}};
  source.feed().OnCommit(committed);
  EXPECT_FALSE(watching.End().ok());
  database_.Sql("ALTER TABLE hidden RENAME TO changes");
}

}  // namespace
}  // namespace pingan::changes
