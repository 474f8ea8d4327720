// What a serving process stands on, made once in main from its flags, in the order the members are
// declared.
#ifndef PINGAN_COMMON_SERVICE_RUNTIME_H_
#define PINGAN_COMMON_SERVICE_RUNTIME_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/changes/feed.h"
#include "common/changes/follower.h"
#include "common/db/database.h"
#include "common/db/migrations.h"
#include "common/db/row_reader.h"
#include "common/db/town_writer.h"
#include "common/rpc/key_set.h"
#include "common/rpc/peer.h"
#include "common/rpc/service.h"
#include "common/rpc/token.h"
#include "common/service/chore.h"
#include "common/service/measures.h"
#include "common/service/readiness.h"

namespace pingan::service {

struct RuntimeOptions {
  std::string service;            // `event`
  std::string conninfo;           // of the service's role
  std::string user_keys_file;     // users' public keys (JWKS)
  std::string service_keys_file;  // services' public keys
  std::string own_key_file;       // this service's private key
  std::string issuer;
  int writers = 2;
  int max_batch = 512;  // commands of one transaction
  int lookup_workers = 2;
  int list_workers = 3;
  db::Tables tables;
  absl::Span<const db::EmbeddedMigration> migrations;
  // `event` -> `dns:///event.pingan:50052`.
  std::vector<std::pair<std::string, std::string>> peers;
};

class Runtime {
 public:
  // Opens keys and database. UNAVAILABLE or FAILED_PRECONDITION with what is missing, for the
  // operator.
  static absl::StatusOr<std::unique_ptr<Runtime>> Open(RuntimeOptions options, base::Clock& clock);
  ~Runtime();

  base::Clock& clock() { return clock_; }
  const db::Database& database() { return *database_; }
  db::TownWriter& writer() { return *writer_; }
  db::RowReader& reader() { return *reader_; }
  changes::ChangeFeed& feed() { return *feed_; }
  rpc::Adapter& adapter() { return *adapter_; }
  Readiness& readiness() { return readiness_; }
  // The peer of this name; the flag that gives its address must be set.
  rpc::Peer& peer(absl::string_view name);

  // A follower of the named peer's log, started and stopped with the runtime's own start and stop.
  changes::Follower& Follow(absl::string_view source);

  // A chore of this service, started and stopped with the runtime.
  Chore& Every(ChoreOptions options);

  // Starts following and chores; to be called when all handlers are registered.
  void Start();
  // Ends following and watching, then answers and ends what waits for the database.
  void Stop();
  // Takes the process's measures: to be called every few seconds by one thread.
  void TakeMeasures(bool is_ready);

 private:
  Runtime(RuntimeOptions options, base::Clock& clock)
      : options_(std::move(options)), clock_(clock) {}
  absl::Status OpenKeys();
  absl::Status OpenDatabase();
  void OnSweep(pqxx::transaction_base& work);

  const RuntimeOptions options_;
  base::Clock& clock_;
  Measures measures_;
  Readiness readiness_;
  int sweeps_ = 0;     // on this connection; both of the feed's thread
  bool fits_ = false;  // the schema, when it was looked at last
  std::unique_ptr<rpc::KeyFile> user_keys_;
  std::unique_ptr<rpc::KeyFile> service_keys_;
  std::unique_ptr<rpc::SigningKeyFile> own_key_;
  std::unique_ptr<rpc::TokenVerifier> users_;
  std::unique_ptr<rpc::ServiceTokenVerifier> services_;
  std::unique_ptr<rpc::ServiceTokenSource> tokens_;
  std::unique_ptr<rpc::Adapter> adapter_;
  std::vector<std::pair<std::string, std::unique_ptr<rpc::Peer>>> peers_;
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<changes::LeaseKeeper> leases_;
  std::unique_ptr<changes::ChangeFeed> feed_;
  std::unique_ptr<db::TownWriter> writer_;
  std::unique_ptr<db::RowReader> reader_;
  std::vector<std::unique_ptr<changes::Follower>> followers_;
  std::vector<std::unique_ptr<Chore>> chores_;
};

}  // namespace pingan::service

#endif  // PINGAN_COMMON_SERVICE_RUNTIME_H_
