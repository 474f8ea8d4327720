// A followed service in a test: one database, any number of replicas.
#ifndef PINGAN_TESTS_COMMON_CHANGES_SOURCE_H_
#define PINGAN_TESTS_COMMON_CHANGES_SOURCE_H_

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/changes/change_service.h"
#include "common/changes/feed.h"
#include "common/db/command.h"
#include "common/db/database.h"
#include "common/db/row_reader.h"
#include "common/db/town_writer.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/key_set.h"
#include "common/rpc/keys.h"
#include "common/rpc/peer.h"
#include "common/rpc/server.h"
#include "common/rpc/service.h"
#include "common/rpc/token.h"
#include "gtest/gtest.h"
#include "tests/common/changes/rows.h"
#include "tests/common/rpc/key_folder.h"
#include "tests/support/database.h"

namespace pingan::changes {

// Anything done to the rows of one tenant.
class Deed final : public db::Command {
 public:
  Deed(absl::string_view town, std::function<absl::Status(db::UnitOfWork&)> act)
      : act_(std::move(act)) {
    tenant = std::string(town);
    actor = "services/test";
    method = "test";
  }

  absl::Status Decide(db::UnitOfWork& work) override { return act_(work); }
  std::string Hash() const override { return ""; }
  std::string SerializeAnswer() const override { return ""; }
  bool ParseAnswer(absl::string_view) override { return true; }

 private:
  const std::function<absl::Status(db::UnitOfWork&)> act_;
};

// Tests wait for conditions until here, and fail then.
inline absl::Time Patient() { return absl::Now() + absl::Seconds(30); }

// Whether `condition` came true; for what tells nobody when it changes, such as a row.
inline bool Await(const std::function<bool()>& condition) {
  const absl::Time until = Patient();
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::Notification().WaitForNotificationWithTimeout(absl::Milliseconds(2));
  }
  return true;
}

// Makes the unit, or renames it.
inline absl::Status RenameUnit(db::UnitOfWork& work, const std::string& unit,
                               absl::string_view display_name) {
  const directory::v1::Unit* found = work.FindOrNull(kUnits, unit);
  if (found != nullptr) {
    work.Change(*found, "renamed").set_display_name(std::string(display_name));
    return absl::OkStatus();
  }
  directory::v1::Unit row;
  row.set_name(unit);
  row.set_display_name(std::string(display_name));
  work.Insert(kUnits, std::move(row), "created");
  return absl::OkStatus();
}

// Keys of the services `event`, which is followed, and `volunteer`, which follows.
class Keys {
 public:
  explicit Keys(base::Clock& clock) : clock_(clock) {
    const std::string& folder = folder_.path();
    std::filesystem::create_directories(folder + "/users");
    std::filesystem::create_directories(folder + "/services");
    EXPECT_TRUE(rpc::MakeUserKeys(folder, clock.Now()).ok());
    EXPECT_TRUE(rpc::MakeServiceKeys(folder, {{.name = "event", .audiences = {}},
                                              {.name = "volunteer", .audiences = {"event"}}})
                    .ok());
    user_keys_ = rpc::KeyFile::Open(rpc::UserKeySetPath(folder)).value();
    service_keys_ = rpc::KeyFile::Open(rpc::ServiceKeySetPath(folder)).value();
    own_key_ = rpc::SigningKeyFile::Open(rpc::ServiceKeyPath(folder, "volunteer")).value();
    users_ = std::make_unique<rpc::TokenVerifier>(*user_keys_, "https://pingan.test");
    services_ = std::make_unique<rpc::ServiceTokenVerifier>(*service_keys_, "services/event");
    tokens_ = std::make_unique<rpc::ServiceTokenSource>(*own_key_, "services/volunteer");
    adapter_ = std::make_unique<rpc::Adapter>(*users_, services_.get(), clock_);
  }

  rpc::Adapter& adapter() { return *adapter_; }
  std::unique_ptr<rpc::Peer> PeerAt(int port) {
    return std::make_unique<rpc::Peer>(absl::StrCat("dns:///127.0.0.1:", port), "services/event",
                                       *tokens_, clock_);
  }

 private:
  base::Clock& clock_;
  rpc::KeyFolder folder_;
  std::unique_ptr<rpc::KeyFile> user_keys_;
  std::unique_ptr<rpc::KeyFile> service_keys_;
  std::unique_ptr<rpc::SigningKeyFile> own_key_;
  std::unique_ptr<rpc::TokenVerifier> users_;
  std::unique_ptr<rpc::ServiceTokenVerifier> services_;
  std::unique_ptr<rpc::ServiceTokenSource> tokens_;
  std::unique_ptr<rpc::Adapter> adapter_;
};

// One replica: writes, and can be watched.
class SourceReplica {
 public:
  struct Options {
    ChangeFeedOptions feed;
    ChangeServiceOptions service;
    int port = 0;
  };

  SourceReplica(const test::TestDatabase& database, base::Clock& clock, Keys& keys)
      : SourceReplica(database, clock, keys, Options()) {}
  SourceReplica(const test::TestDatabase& database, base::Clock& clock, Keys& keys,
                const Options& options)
      : database_(database.Open({&kUnits, &kDuties})),
        feed_(*database_, options.feed),
        writer_(
            *database_, clock,
            {.on_commit =
                 [this](absl::Span<const db::Committed> committed) { feed_.OnCommit(committed); }}),
        reader_(*database_, {.lookup_workers = 1, .list_workers = 2}),
        service_(keys.adapter(), feed_, reader_, options.service) {
    EXPECT_TRUE(service_.service().Complete().ok());
    feed_.Start();
    server_ = rpc::Server::Start({.port = options.port}, {&service_.service()}).value();
  }
  ~SourceReplica() {
    service_.Stop();
    server_->Drain(absl::ZeroDuration(), absl::Seconds(20));
    server_ = nullptr;
    reader_.Stop();
    writer_.Stop();
    feed_.Stop();
  }

  ChangeFeed& feed() { return feed_; }
  ChangeService& service() { return service_; }
  rpc::Server& server() { return *server_; }
  db::TownWriter& writer() { return writer_; }
  int port() const { return server_->port(); }

  void Do(absl::string_view town, std::function<absl::Status(db::UnitOfWork&)> act) {
    Deed deed(town, std::move(act));
    const absl::Status status = writer_.RunAndWait(deed);
    EXPECT_TRUE(status.ok()) << status;
  }
  void Rename(const std::string& unit, absl::string_view display_name) {
    Do(db::TenantOf(unit),
       [&](db::UnitOfWork& work) { return RenameUnit(work, unit, display_name); });
  }
  // So many changes, `in_one` of them per command, each of another unit than its command's others.
  // A unit's name is the number of the change.
  void RenameMany(absl::string_view town, int times, int in_one = 100) {
    for (int from = 0; from < times; from += in_one) {
      Do(town, [&](db::UnitOfWork& work) {
        for (int i = from; i < std::min(times, from + in_one); ++i) {
          const absl::Status status = RenameUnit(work, UnitName(town, i % 100), absl::StrCat(i));
          if (!status.ok()) return status;
        }
        return absl::OkStatus();
      });
    }
  }
  void Remove(const std::string& unit) {
    Do(db::TenantOf(unit), [&](db::UnitOfWork& work) {
      const auto row = work.Find(kUnits, unit);
      if (!row.ok()) return row.status();
      work.Delete(row->get());
      return absl::OkStatus();
    });
  }
  // A row of another message.
  void AddDuty(absl::string_view town, int number) {
    Do(town, [&](db::UnitOfWork& work) {
      directory::v1::Duty duty;
      duty.set_name(absl::StrCat("towns/", town, "/duties/", number));
      duty.set_leader_name("示例");
      work.Insert(kDuties, std::move(duty), "created");
      return absl::OkStatus();
    });
  }

 private:
  const std::unique_ptr<db::Database> database_;
  ChangeFeed feed_;
  db::TownWriter writer_;
  db::RowReader reader_;
  ChangeService service_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace pingan::changes

#endif  // PINGAN_TESTS_COMMON_CHANGES_SOURCE_H_
