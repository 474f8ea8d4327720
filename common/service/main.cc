#include "common/service/main.h"

#include <iostream>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/flags.h"
#include "common/base/status_macros.h"
#include "common/changes/change_service.h"
#include "common/db/replay.h"
#include "common/obs/log.h"
#include "common/obs/metrics.h"
#include "common/rpc/grpc_threads.h"
#include "common/rpc/keys.h"
#include "common/rpc/server.h"

ABSL_FLAG(std::string, address, "127.0.0.1", "Address to listen on.");
ABSL_FLAG(int, port, 0, "gRPC port; 0 takes any free one.");
ABSL_FLAG(std::string, database, "",
          "libpq connection string of the service's role (migrate: the owner's), or @file.");
ABSL_FLAG(std::string, secrets_dir, "", "Folder of keys, as common/rpc/README.md lays it out.");
ABSL_FLAG(std::string, issuer, "https://pingan.local", "The `iss` of users' tokens.");
ABSL_FLAG(std::string, service_role, "",
          "migrate: the role that is granted the tables; empty: the service's name.");
ABSL_FLAG(std::string, replay_schema, "",
          "replay: an empty, migrated schema to rebuild the tables in.");
ABSL_FLAG(std::vector<std::string>, peers, {},
          "Where other services are: directory=dns:///directory.pingan:50051,event=...; or each "
          "replica by its address: "
          "event=127.0.0.1:50052,event=127.0.0.2:50052,...");
ABSL_FLAG(int, pollers, 1, "Threads that serve calls; more than half the cores hinder each other.");
ABSL_FLAG(int, writers, 2, "Workers, each with a connection, that write towns.");
ABSL_FLAG(int, max_batch, 512, "Commands that a worker writes in one transaction at most.");
ABSL_FLAG(int, lookup_workers, 2, "Workers that read rows by name.");
ABSL_FLAG(int, list_workers, 3, "Workers that read lists.");
ABSL_FLAG(absl::Duration, drain_linger, absl::Milliseconds(200),
          "Time to be seen as not ready before refusing calls.");
ABSL_FLAG(absl::Duration, drain_grace, absl::Seconds(10), "Time for calls under way to end.");
ABSL_FLAG(bool, reflection, false, "Let clients list methods; for laptops.");

namespace pingan::service {
namespace {

absl::StatusOr<std::string> Conninfo() {
  const std::string database = absl::GetFlag(FLAGS_database);
  if (database.empty()) return absl::InvalidArgumentError("--database is missing");
  if (database[0] == '@') return base::ReadSecretFile(database.substr(1));
  return database;
}

// One address, or those of several replicas as gRPC's ipv4: scheme has them.
absl::StatusOr<std::string> AddressOf(const std::string& peer) {
  std::vector<std::string> found;
  for (absl::string_view given : absl::GetFlag(FLAGS_peers)) {
    if (absl::ConsumePrefix(&given, peer) && absl::ConsumePrefix(&given, "="))
      found.emplace_back(given);
  }
  if (found.empty())
    return absl::InvalidArgumentError(absl::StrCat("--peers does not say where ", peer, " is"));
  return found.size() == 1 ? found[0] : absl::StrCat("ipv4:", absl::StrJoin(found, ","));
}

absl::StatusOr<RuntimeOptions> OptionsOf(const Program& program) {
  const std::string secrets = absl::GetFlag(FLAGS_secrets_dir);
  if (secrets.empty()) return absl::InvalidArgumentError("--secrets_dir is missing");
  RuntimeOptions options{.service = program.name,
                         .conninfo = "",
                         .user_keys_file = rpc::UserKeySetPath(secrets),
                         .service_keys_file = rpc::ServiceKeySetPath(secrets),
                         .own_key_file = rpc::ServiceKeyPath(secrets, program.name),
                         .issuer = absl::GetFlag(FLAGS_issuer),
                         .writers = absl::GetFlag(FLAGS_writers),
                         .max_batch = absl::GetFlag(FLAGS_max_batch),
                         .lookup_workers = absl::GetFlag(FLAGS_lookup_workers),
                         .list_workers = absl::GetFlag(FLAGS_list_workers),
                         .tables = program.tables,
                         .migrations = program.migrations,
                         .peers = {}};
  ASSIGN_OR_RETURN(options.conninfo, Conninfo());
  for (const std::string& peer : program.peers) {
    ASSIGN_OR_RETURN(std::string address, AddressOf(peer));
    options.peers.emplace_back(peer, std::move(address));
  }
  return options;
}

absl::Status Serve(const Program& program) {
  const int pollers = absl::GetFlag(FLAGS_pollers);
  if (pollers < 1) return absl::InvalidArgumentError("--pollers is less than 1");
  rpc::StartGrpcThreads(pollers);
  base::SystemClock clock;
  ASSIGN_OR_RETURN(RuntimeOptions options, OptionsOf(program));
  ASSIGN_OR_RETURN(const std::unique_ptr<Runtime> runtime,
                   Runtime::Open(std::move(options), clock));
  ASSIGN_OR_RETURN(const std::unique_ptr<Handlers> handlers, program.start(*runtime));
  changes::ChangeService changes(runtime->adapter(), runtime->feed(), runtime->reader());
  RETURN_IF_ERROR(changes.service().Complete());
  ASSIGN_OR_RETURN(const std::unique_ptr<obs::MetricsServer> metrics,
                   obs::MetricsServer::StartFromFlags());
  std::vector<grpc::Service*> services = handlers->services();
  services.push_back(&changes.service());
  ASSIGN_OR_RETURN(const std::unique_ptr<rpc::Server> server,
                   rpc::Server::Start({.address = absl::GetFlag(FLAGS_address),
                                       .port = absl::GetFlag(FLAGS_port),
                                       .reflection = absl::GetFlag(FLAGS_reflection)},
                                      services));
  runtime->Start();
  obs::LogLine(obs::Severity::kInfo)
      .Str("message", "serving")
      .Str("service", program.name)
      .Int("port", server->port())
      .Emit();
  runtime->readiness().Start([&](bool is_ready) {
    runtime->TakeMeasures(is_ready);
    server->SetReady(is_ready);
  });
  rpc::Server::WaitForSignal();
  obs::LogMessage(obs::Severity::kInfo, "draining");
  runtime->readiness().Stop();
  changes.Stop();
  server->Drain(absl::GetFlag(FLAGS_drain_linger), absl::GetFlag(FLAGS_drain_grace));
  runtime->Stop();
  obs::LogMessage(obs::Severity::kInfo, "ended");
  return absl::OkStatus();
}

absl::Status Migrate(const Program& program) {
  ASSIGN_OR_RETURN(const std::string conninfo, Conninfo());
  const std::string role = absl::GetFlag(FLAGS_service_role);
  RETURN_IF_ERROR(db::Migrate({.conninfo = conninfo,
                               .schema = program.name,
                               .service_role = role.empty() ? program.name : role,
                               .service = program.migrations}));
  std::cout << program.name << ": schema is up to date\n";
  return absl::OkStatus();
}

absl::Status Replay(const Program& program) {
  ASSIGN_OR_RETURN(const std::string conninfo, Conninfo());
  const std::string schema = absl::GetFlag(FLAGS_replay_schema);
  if (schema.empty()) return absl::InvalidArgumentError("--replay_schema is missing");
  RETURN_IF_ERROR(db::Migrate(
      {.conninfo = conninfo, .schema = schema, .service_role = "", .service = program.migrations}));
  ASSIGN_OR_RETURN(
      const auto from,
      db::Database::Open({.conninfo = conninfo, .schema = program.name, .tables = program.tables}));
  ASSIGN_OR_RETURN(
      const auto to,
      db::Database::Open({.conninfo = conninfo, .schema = schema, .tables = program.tables}));
  ASSIGN_OR_RETURN(const int64_t changes, db::Replay(*from, *to));
  RETURN_IF_ERROR(db::CompareTables(*from, *to));
  std::cout << program.name << ": " << changes << " changes replayed, tables are equal\n";
  return absl::OkStatus();
}

absl::Status Run(const Program& program, std::vector<std::string> words) {
  const std::string command = words.empty() ? "" : words.front();
  if (command == "serve") return Serve(program);
  if (command == "migrate") return Migrate(program);
  if (command == "replay") return Replay(program);
  const auto own = program.commands.find(command);
  if (own != program.commands.end()) {
    words.erase(words.begin());
    return own->second(words);
  }
  std::vector<std::string> known = {"serve", "migrate", "replay"};
  for (const auto& [name, run] : program.commands) known.push_back(name);
  return absl::InvalidArgumentError(absl::StrCat("give one of: ", absl::StrJoin(known, ", ")));
}

}  // namespace

int Main(int argc, char** argv, const Program& program) {
  rpc::Server::BlockSignals();
#ifdef NDEBUG
  // Debian's abseil checks the order of locks at run time; a release has been tested with the check
  // on.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  const absl::Status status = Run(program, base::ParseFlags(argc, argv));
  if (status.ok()) return 0;
  std::cerr << program.name << ": " << status.message() << "\n";
  return 1;
}

}  // namespace pingan::service
