#include "common/service/runtime.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"

namespace pingan::service {
namespace {

// Schemas change seldom, unless the database is another.
constexpr int kSweepsOfASchema = 4;

}  // namespace

absl::StatusOr<std::unique_ptr<Runtime>> Runtime::Open(RuntimeOptions options, base::Clock& clock) {
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(options), clock));
  RETURN_IF_ERROR(runtime->OpenKeys());
  RETURN_IF_ERROR(runtime->OpenDatabase());
  return runtime;
}

absl::Status Runtime::OpenKeys() {
  ASSIGN_OR_RETURN(user_keys_, rpc::KeyFile::Open(options_.user_keys_file));
  ASSIGN_OR_RETURN(service_keys_, rpc::KeyFile::Open(options_.service_keys_file));
  ASSIGN_OR_RETURN(own_key_, rpc::SigningKeyFile::Open(options_.own_key_file));
  const std::string subject = absl::StrCat("services/", options_.service);
  users_ = std::make_unique<rpc::TokenVerifier>(*user_keys_, options_.issuer);
  services_ = std::make_unique<rpc::ServiceTokenVerifier>(*service_keys_, subject);
  tokens_ = std::make_unique<rpc::ServiceTokenSource>(*own_key_, subject);
  adapter_ = std::make_unique<rpc::Adapter>(*users_, services_.get(), clock_);
  for (const auto& [name, address] : options_.peers) {
    peers_.emplace_back(name, std::make_unique<rpc::Peer>(address, absl::StrCat("services/", name),
                                                          *tokens_, clock_));
  }
  return absl::OkStatus();
}

absl::Status Runtime::OpenDatabase() {
  RETURN_IF_ERROR(db::CheckSchema(options_.conninfo, options_.service, options_.migrations));
  readiness_.OnAnswer(/*fits=*/true);
  db::Tables tables = options_.tables;
  tables.push_back(&changes::kCursors);
  ASSIGN_OR_RETURN(database_, db::Database::Open({.conninfo = options_.conninfo,
                                                  .schema = options_.service,
                                                  .tables = std::move(tables)}));
  leases_ = std::make_unique<changes::LeaseKeeper>(
      *database_, clock_, changes::LeaseOptions{.holder = base::NewId(clock_.Now())});
  feed_ = std::make_unique<changes::ChangeFeed>(*database_);
  feed_->WhenSwept([this](pqxx::transaction_base& work) { OnSweep(work); });
  feed_->WhenLost([this] {
    readiness_.OnLoss();
    sweeps_ = 0;
  });
  writer_ = std::make_unique<db::TownWriter>(
      *database_, clock_,
      db::TownWriterOptions{.workers = options_.writers,
                            .max_batch = static_cast<size_t>(options_.max_batch),
                            .on_commit =
                                [feed = feed_.get()](absl::Span<const db::Committed> committed) {
                                  feed->OnCommit(committed);
                                },
                            .on_batch = BatchMetrics()});
  reader_ = std::make_unique<db::RowReader>(
      *database_, db::RowReaderOptions{.lookup_workers = options_.lookup_workers,
                                       .list_workers = options_.list_workers});
  return absl::OkStatus();
}

Runtime::~Runtime() { Stop(); }

rpc::Peer& Runtime::peer(absl::string_view name) {
  for (auto& [known, peer] : peers_) {
    if (known == name) return *peer;
  }
  // A program's list of peers and its code differ: nothing that a caller or an operator could mend.
  obs::LogMessage(obs::Severity::kError, absl::StrCat("no peer ", name));
  std::abort();
}

changes::Follower& Runtime::Follow(absl::string_view source) {
  followers_.push_back(std::make_unique<changes::Follower>(
      changes::FollowerOptions{.source = std::string(source), .service = options_.service},
      *leases_, peer(source), *writer_, *reader_, clock_));
  return *followers_.back();
}

Chore& Runtime::Every(ChoreOptions options) {
  chores_.push_back(std::make_unique<Chore>(std::move(options),
                                            absl::StrCat("services/", options_.service), *leases_,
                                            *writer_, *reader_, clock_));
  return *chores_.back();
}

void Runtime::Start() {
  feed_->Start();
  for (auto& follower : followers_) follower->Start();
  for (auto& chore : chores_) chore->Start();
}

void Runtime::Stop() {
  for (auto& chore : chores_) chore->Stop();
  for (auto& follower : followers_) follower->Stop();
  if (feed_ != nullptr) feed_->Stop();
  if (writer_ != nullptr) writer_->Stop();
  if (reader_ != nullptr) reader_->Stop();
}

void Runtime::OnSweep(pqxx::transaction_base& work) {
  if (sweeps_ % kSweepsOfASchema == 0) {
    const absl::Status fits = db::CheckSchema(work, options_.service, options_.migrations);
    if (!fits.ok()) obs::LogMessage(obs::Severity::kError, fits.message());
    fits_ = fits.ok();
  }
  ++sweeps_;  // only now: a look that failed with its connection is made again
  readiness_.OnAnswer(fits_);
}

void Runtime::TakeMeasures(bool is_ready) {
  measures_.SetReady(is_ready);
  measures_.Take(*writer_);
  measures_.Take(*reader_);
  measures_.Take("users", *user_keys_, clock_.Now());
  measures_.Take("services", *service_keys_, clock_.Now());
}

}  // namespace pingan::service
