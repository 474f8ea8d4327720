// A follower before a source that does what no source of ours would.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pingan/changes/v1/changes.grpc.pb.h"
#include "tests/common/changes/follower_fixture.h"

namespace pingan::changes {
namespace {

using Responses = std::vector<v1::WatchResponse>;

// Its n-th stream gives the n-th script and then stays silent, or ends when the script says so.
class ScriptedSource final : public v1::ChangeService::Service {
 public:
  struct Script {
    Responses responses;
    bool ends = false;
    Responses later = {};  // when the test says so
  };

  explicit ScriptedSource(std::vector<Script> scripts) : scripts_(std::move(scripts)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~ScriptedSource() override { server_->Shutdown(absl::ToChronoTime(absl::Now())); }

  grpc::Status Watch(grpc::ServerContext* context, const v1::WatchRequest* request,
                     grpc::ServerWriter<v1::WatchResponse>* writer) override {
    Script script;
    {
      absl::MutexLock lock(&mutex_);
      if (requests_.size() < scripts_.size()) script = scripts_[requests_.size()];
      requests_.push_back(*request);
    }
    writer->SendInitialMetadata();
    for (const v1::WatchResponse& response : script.responses) writer->Write(response);
    if (!script.later.empty()) later_.WaitForNotification();
    for (const v1::WatchResponse& response : script.later) writer->Write(response);
    if (!script.ends) (void)Await([&] { return context->IsCancelled(); });
    return {grpc::StatusCode::UNAVAILABLE, "gone"};
  }

  int port() const { return port_; }
  void GoOn() { later_.Notify(); }
  std::vector<v1::WatchRequest> requests() {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }

 private:
  const std::vector<Script> scripts_;
  absl::Notification later_;
  absl::Mutex mutex_;
  std::vector<v1::WatchRequest> requests_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// Changes of one unit each, by seq, of one town.
v1::WatchResponse Changes(const std::string& town, const std::vector<int64_t>& seqs,
                          int64_t up_to = 0) {
  v1::WatchResponse response;
  v1::TenantChanges& changes = *response.add_tenants();
  changes.set_tenant(town);
  for (const int64_t seq : seqs) {
    directory::v1::Unit unit;
    unit.set_name(UnitName(town, static_cast<int>(seq)));
    unit.set_display_name("示例");
    v1::Change& change = *changes.add_changes();
    change.set_tenant(town);
    change.set_seq(seq);
    change.set_name(unit.name());
    change.set_type("pingan.directory.v1.Unit.created");
    change.set_body(unit.SerializeAsString());
  }
  changes.set_up_to(up_to > 0 ? up_to : seqs.back());
  return response;
}

class FollowerWireTest : public FollowerFixture {
 protected:
  FollowerReplica& Follow(std::vector<ScriptedSource::Script> scripts) {
    scripted_ = std::make_unique<ScriptedSource>(std::move(scripts));
    port_ = scripted_->port();
    return StartFollower();
  }
  ~FollowerWireTest() override { followers_.clear(); }

  // How often each unit was counted, in order: "1,1,1".
  std::string Tallies(const std::string& town) {
    return FollowersSql(
        absl::StrCat("SELECT string_agg(size::text, ',') FROM tallies WHERE town = '", town, "'"));
  }
  int64_t CursorAskedFor(const v1::WatchRequest& request, const std::string& town) {
    for (const v1::Cursor& cursor : request.cursors()) {
      if (cursor.tenant() == town) return cursor.seq();
    }
    return 0;
  }

  std::unique_ptr<ScriptedSource> scripted_;
};

TEST_F(FollowerWireTest, WhatComesTwiceTakesEffectOnce) {
  FollowerReplica& follower = Follow({{{
      Changes(Town(1), {1, 2, 3}),
      Changes(Town(1), {1, 2, 3}),
      Changes(Town(1), {2, 3, 4}),
      Changes(Town(1), {3}),
      Changes(Town(1), {5}),
  }}});
  ASSERT_TRUE(follower.Follows(Town(1), 5));
  EXPECT_EQ(Tallies(Town(1)), "1,1,1,1,1");
}

TEST_F(FollowerWireTest, WhatComesAgainAfterABreakTakesEffectOnce) {
  std::vector<ScriptedSource::Script> scripts;
  for (int64_t seq = 1; seq <= 10; ++seq) {
    scripts.push_back(
        {.responses = {Changes(Town(1), {1}), Changes(Town(1), {seq, seq + 1})}, .ends = true});
  }
  FollowerReplica& follower = Follow(std::move(scripts));
  ASSERT_TRUE(follower.Follows(Town(1), 11));
  EXPECT_EQ(Tallies(Town(1)), "1,1,1,1,1,1,1,1,1,1,1");
}

TEST_F(FollowerWireTest, ChangesOutOfOrderAreAskedForAgain) {
  FollowerReplica& follower = Follow({
      {{Changes(Town(1), {1, 2}), Changes(Town(1), {4, 3}, 4), Changes(Town(1), {5}),
        Changes(Town(2), {1, 2})}},
      {{Changes(Town(1), {1, 2, 3, 4, 5})}},
  });
  ASSERT_TRUE(follower.Follows(Town(2), 2));
  ASSERT_TRUE(follower.Follows(Town(1), 5));
  EXPECT_EQ(Tallies(Town(1)), "1,1,1,1,1");
  const std::vector<v1::WatchRequest> requests = scripted_->requests();
  ASSERT_EQ(requests.size(), 2);
  EXPECT_LE(CursorAskedFor(requests[1], Town(1)), 2);
  EXPECT_EQ(requests[0].buckets_size(), 64);
  EXPECT_THAT(requests[0].rows(), testing::ElementsAre("pingan.directory.v1.Unit"));
}

TEST_F(FollowerWireTest, WhatWasDroppedWhileATownStoodStillIsNotPassedOver) {
  bad_.insert(UnitName(Town(1), 1));
  FollowerReplica& follower = Follow({
      {.responses = {Changes(Town(1), {1, 2, 3})},
       .later = {Changes(Town(1), {4}), Changes(Town(2), {1})}},
      {.responses = {Changes(Town(1), {1, 2, 3, 4, 5})}},
  });
  ASSERT_TRUE(Await([&] { return refusals_ > 0; }));
  Forgive();
  ASSERT_TRUE(follower.Follows(Town(1), 1));
  scripted_->GoOn();  // before the follower asks again, mostly
  ASSERT_TRUE(follower.Follows(Town(1), 5));
  EXPECT_EQ(Tallies(Town(1)), "1,1,1,1,1");
}

TEST_F(FollowerWireTest, ABodyThatIsNotOfItsMessageStopsItsTown) {
  v1::WatchResponse broken = Changes(Town(1), {1, 2, 3});
  broken.mutable_tenants(0)->mutable_changes(1)->set_body("\xff\xff");
  FollowerReplica& follower = Follow({{{broken, Changes(Town(2), {1})}}});
  ASSERT_TRUE(follower.Follows(Town(2), 1));
  ASSERT_TRUE(follower.Follows(Town(1), 1));
  EXPECT_EQ(StoredCursor(Town(1)), 1);
  EXPECT_EQ(Tallies(Town(1)), "1");
}

TEST_F(FollowerWireTest, WhatTheDatabaseRefusesIsFoundAmongItsBatch) {
  FollowersSql("ALTER TABLE units ADD CHECK (unit <> '330481001137')");
  std::vector<int64_t> seqs;
  for (int64_t seq = 1; seq <= 60; ++seq) seqs.push_back(seq);
  FollowerReplica& follower = Follow({{{Changes(Town(1), seqs)}}, {{Changes(Town(1), seqs)}}});
  ASSERT_TRUE(follower.Follows(Town(1), 36));
  EXPECT_EQ(StoredCursor(Town(1)), 36);
  FollowersSql("ALTER TABLE units DROP CONSTRAINT units_unit_check");
  ASSERT_TRUE(follower.Follows(Town(1), 60));
  EXPECT_EQ(FollowersSql("SELECT count(*) FROM tallies WHERE size = 1"), "60");
}

TEST_F(FollowerWireTest, ABusyFollowerLetsTheSourceWait) {
  Responses responses;
  for (int64_t first = 1; first <= 20000; first += 500) {
    std::vector<int64_t> seqs;
    for (int64_t seq = first; seq < first + 500; ++seq) seqs.push_back(seq);
    responses.push_back(Changes(Town(1), seqs));
  }
  scripted_ =
      std::make_unique<ScriptedSource>(std::vector<ScriptedSource::Script>{{std::move(responses)}});
  port_ = scripted_->port();
  FollowerOptions options = Options();
  options.max_waiting = 1000;
  followers_.push_back(
      std::make_unique<FollowerReplica>(database_, clock_, keys_.PeerAt(port_), "a", options));
  followers_.back()->follower().Mirror(kUnits);
  followers_.back()->follower().Start();
  ASSERT_TRUE(followers_.back()->Follows(Town(1), 20000));
  EXPECT_EQ(FollowersSql("SELECT count(*) FROM units"), "20000");
}

}  // namespace
}  // namespace pingan::changes
