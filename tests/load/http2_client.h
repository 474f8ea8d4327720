// Unary gRPC calls over plain HTTP/2, as light as they come: one thread, poll(2), nghttp2. A gRPC
// client costs as much as the server it measures and would hide it.
#ifndef PINGAN_TESTS_LOAD_HTTP2_CLIENT_H_
#define PINGAN_TESTS_LOAD_HTTP2_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pingan::load {

// One call to make.
struct Request {
  std::string path;   // /pingan.event.v1.EventService/GetEvent
  std::string token;  // sent as `authorization: Bearer ...` unless empty
  std::string body;   // the serialized message, without gRPC's frame
};

// What came back: gRPC's status (-1 when there was none) and how many bytes of message.
struct Answer {
  int status = -1;
  size_t bytes = 0;
  int64_t nanoseconds = 0;  // from handing the request to the connection to the end of the stream
};

struct Work {
  // Makes the next request; false when there are no more.
  std::function<bool(Request&)> next;
  // Takes every answer.
  std::function<void(const Answer&)> take;
};

// Keeps `in_flight` calls going over `connections` connections to 127.0.0.1:`port` until `work` has
// no more and all are answered. Ends the process with a message when a connection cannot be made or
// breaks.
void Run(int port, int connections, int in_flight, const Work& work);

}  // namespace pingan::load

#endif  // PINGAN_TESTS_LOAD_HTTP2_CLIENT_H_
