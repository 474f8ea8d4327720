// The life of a serving process: listen, tell its health, drain, end.
#ifndef PINGAN_COMMON_RPC_SERVER_H_
#define PINGAN_COMMON_RPC_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"

namespace pingan::rpc {

class Server {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    // 0 takes any free port.
    int port = 0;
    // Lets clients list methods; for laptops, because reflection runs on gRPC's own blocking
    // threads.
    bool reflection = false;
  };

  // Must be called first in main, before any thread starts: SIGTERM and SIGINT are from then on
  // only seen by WaitForSignal.
  static void BlockSignals();

  // Listens. The health service answers `liveness` SERVING at once and `readiness` NOT_SERVING
  // until SetReady. UNAVAILABLE, naming the address, when the port is taken. The services must
  // outlive the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options,
                                                       const std::vector<grpc::Service*>& services);

  int port() const { return port_; }
  void SetReady(bool ready);

  // Returns when the process is asked to end.
  static void WaitForSignal();

  // Not ready; waits `linger` for load balancers to notice; refuses new calls and lets those under
  // way end within `grace`.
  void Drain(absl::Duration linger, absl::Duration grace);

 private:
  explicit Server(std::unique_ptr<grpc::Server> server, int port)
      : server_(std::move(server)), port_(port) {}

  std::unique_ptr<grpc::Server> server_;
  const int port_;
};

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_SERVER_H_
