// Calls over plain HTTP/2, as light as they come: one thread, poll(2), nghttp2. A gRPC client costs
// as much as the server it measures and would hide it.
#ifndef PINGAN_TESTS_LOAD_HTTP2_CLIENT_H_
#define PINGAN_TESTS_LOAD_HTTP2_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace pingan::load {

// One call to make: gRPC with a message in `body`, or, with `json`, GET of a path that answers
// JSON.
struct Request {
  std::string path;   // /pingan.event.v1.EventService/GetEvent or /v1/towns/...
  std::string token;  // sent as `authorization: Bearer ...` unless empty
  std::string body;   // the serialized message, without gRPC's frame
  bool json = false;
  std::string expected;  // what a right answer holds somewhere
};

struct Answer {
  int status = -1;     // gRPC's code; of JSON 0 for HTTP 200, else HTTP's; -1: none came
  bool right = false;  // status 0 and the expected text was there
};

// Nanoseconds of a clock that only goes forward.
int64_t Now();

// Some connections to one server on 127.0.0.1. Not thread safe. Ends the process with a message
// when a connection cannot be made or breaks.
class Client {
 public:
  using Done = std::function<void(const Answer&)>;

  // `deadline_ms` is sent along with gRPC calls.
  Client(int port, int connections, int deadline_ms);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Queues a call on the next connection in turn. `done` runs within a later Wait() and may start
  // further calls.
  void Start(const Request& request, Done done);
  int under_way() const { return under_way_; }

 private:
  class Connection;
  friend void Wait(absl::Span<Client* const> clients, int64_t until);

  std::vector<std::unique_ptr<Connection>> connections_;
  size_t turn_ = 0;
  int under_way_ = 0;
};

// Sends what is queued and takes what arrives; returns when something arrived, at the latest at
// `until`.
void Wait(absl::Span<Client* const> clients, int64_t until);

}  // namespace pingan::load

#endif  // PINGAN_TESTS_LOAD_HTTP2_CLIENT_H_
