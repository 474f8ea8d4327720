// The program of a service: `<service> serve | migrate | replay`, and what it adds of its own.
#ifndef PINGAN_COMMON_SERVICE_MAIN_H_
#define PINGAN_COMMON_SERVICE_MAIN_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/db/migrations.h"
#include "common/service/runtime.h"
#include "grpcpp/grpcpp.h"

namespace pingan::service {

// What a service hands to the server; destroyed after the server has drained.
class Handlers {
 public:
  virtual ~Handlers() = default;
  // All gRPC services, bound and complete; the change service is added by main.
  virtual std::vector<grpc::Service*> services() = 0;
};

struct Program {
  std::string name;  // `event`: also the schema's name and, with `services/` before it, the
                     // audience of tokens
  db::Tables tables;
  absl::Span<const db::EmbeddedMigration> migrations;
  std::vector<std::string> peers;  // names of services it asks or follows
  // Binds every method; fails when one is not sound.
  std::function<absl::StatusOr<std::unique_ptr<Handlers>>(Runtime&)> start;
  // Commands beside those every service has: name -> what to run with the words that follow.
  std::map<std::string, std::function<absl::Status(const std::vector<std::string>&)>> commands;
};

// The whole of a service's main():
//   serve    answers calls until SIGTERM, then drains; 0 when all ended well
//   migrate  brings the schema to this binary's version, with the owner's role (--database)
//   replay   rebuilds the tables from the change log in another schema (--replay_database) and
//   compares them
// What is wrong is said in one line on stderr, with exit code 1.
int Main(int argc, char** argv, const Program& program);

}  // namespace pingan::service

#endif  // PINGAN_COMMON_SERVICE_MAIN_H_
