#include "tests/load/http2_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace pingan::load {
namespace {

constexpr int32_t kWindow = 64 << 20;

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "load client: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

// One call under way.
struct Stream {
  std::string body;  // framed
  size_t sent = 0;
  std::string expected;
  std::string received;
  int http = 0;
  int grpc = -1;
  bool json = false;
  Client::Done done;
};

std::string Framed(const std::string& message) {
  const auto length = static_cast<uint32_t>(message.size());
  std::string framed = {0, static_cast<char>(length >> 24), static_cast<char>(length >> 16),
                        static_cast<char>(length >> 8), static_cast<char>(length)};
  return framed.append(message);
}

nghttp2_nv Header(absl::string_view name, absl::string_view value) {
  const auto bytes = [](absl::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

int Number(const uint8_t* text, size_t length) {
  return std::atoi(std::string(reinterpret_cast<const char*>(text), length).c_str());
}

}  // namespace

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

class Client::Connection {
 public:
  Connection(int port, int deadline_ms, int& under_way)
      : timeout_(absl::StrCat(deadline_ms, "m")), under_way_(under_way) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      Die("connect");
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(socket_, F_SETFL, O_NONBLOCK);
    MakeSession();
  }
  ~Connection() {
    nghttp2_session_del(session_);
    close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  pollfd Poll() const {
    return {socket_, static_cast<int16_t>(out_.empty() ? POLLIN : POLLIN | POLLOUT), 0};
  }

  void Submit(const Request& request, Done done) {
    auto* stream = new Stream;
    stream->json = request.json;
    stream->expected = request.expected;
    stream->done = std::move(done);
    if (!request.json) stream->body = Framed(request.body);
    const std::string bearer = absl::StrCat("Bearer ", request.token);
    std::vector<nghttp2_nv> headers = {Header(":method", request.json ? "GET" : "POST"),
                                       Header(":scheme", "http"), Header(":path", request.path),
                                       Header(":authority", "127.0.0.1")};
    if (!request.json) {
      headers.push_back(Header("te", "trailers"));
      headers.push_back(Header("content-type", "application/grpc"));
      headers.push_back(Header("grpc-timeout", timeout_));
    }
    if (!request.token.empty()) headers.push_back(Header("authorization", bearer));
    nghttp2_data_provider body{{.ptr = stream}, ReadBody};
    if (nghttp2_submit_request(session_, nullptr, headers.data(), headers.size(),
                               request.json ? nullptr : &body, stream) < 0) {
      Die("submit");
    }
  }

  // Sends what is queued as far as the socket takes it.
  void Flush() {
    const uint8_t* data = nullptr;
    ssize_t length = 0;
    while ((length = nghttp2_session_mem_send(session_, &data)) > 0) {
      out_.append(reinterpret_cast<const char*>(data), static_cast<size_t>(length));
    }
    size_t at = 0;
    while (at < out_.size()) {
      const ssize_t written = send(socket_, out_.data() + at, out_.size() - at, MSG_NOSIGNAL);
      if (written < 0 && errno == EAGAIN) break;
      if (written < 0) Die("send");
      at += static_cast<size_t>(written);
    }
    out_.erase(0, at);
  }

  void Receive() {
    const ssize_t length = recv(socket_, in_, sizeof in_, 0);
    if (length < 0 && errno == EAGAIN) return;
    if (length <= 0) Die("the server closed the connection");
    if (nghttp2_session_mem_recv(session_, in_, static_cast<size_t>(length)) < 0) Die("not HTTP/2");
  }

 private:
  void MakeSession() {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, 1);
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindow);
  }

  static Stream* StreamOf(nghttp2_session* session, int32_t id) {
    return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }
  static ssize_t ReadBody(nghttp2_session*, int32_t, uint8_t* to, size_t room, uint32_t* flags,
                          nghttp2_data_source* source, void*) {
    auto* stream = static_cast<Stream*>(source->ptr);
    const size_t length = std::min(room, stream->body.size() - stream->sent);
    std::memcpy(to, stream->body.data() + stream->sent, length);
    stream->sent += length;
    if (stream->sent == stream->body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(length);
  }
  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_length, const uint8_t* value, size_t length, uint8_t, void*) {
    Stream* stream = StreamOf(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    const absl::string_view header(reinterpret_cast<const char*>(name), name_length);
    if (header == "grpc-status") stream->grpc = Number(value, length);
    if (header == ":status") stream->http = Number(value, length);
    return 0;
  }
  static int OnData(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* data,
                    size_t length, void*) {
    if (Stream* stream = StreamOf(session, id); stream != nullptr)
      stream->received.append(reinterpret_cast<const char*>(data), length);
    return 0;
  }
  static int OnClose(nghttp2_session* session, int32_t id, uint32_t, void* self) {
    Stream* closed = StreamOf(session, id);
    if (closed == nullptr) return 0;
    const std::unique_ptr<Stream> stream(closed);
    Answer answer;
    answer.status = stream->json ? (stream->http == 200 ? 0 : stream->http) : stream->grpc;
    answer.right = answer.status == 0 && absl::StrContains(stream->received, stream->expected);
    --static_cast<Connection*>(self)->under_way_;
    stream->done(answer);
    return 0;
  }

  const std::string timeout_;
  int& under_way_;
  int socket_ = -1;
  nghttp2_session* session_ = nullptr;
  std::string out_;
  uint8_t in_[256 << 10];
};

Client::Client(int port, int connections, int deadline_ms) {
  for (int i = 0; i < connections; ++i)
    connections_.push_back(std::make_unique<Connection>(port, deadline_ms, under_way_));
}

Client::~Client() = default;

void Client::Start(const Request& request, Done done) {
  ++under_way_;
  connections_[turn_++ % connections_.size()]->Submit(request, std::move(done));
}

void Wait(absl::Span<Client* const> clients, int64_t until) {
  std::vector<Client::Connection*> connections;
  std::vector<pollfd> sockets;
  for (Client* client : clients) {
    for (const auto& connection : client->connections_) {
      connection->Flush();
      connections.push_back(connection.get());
      sockets.push_back(connection->Poll());
    }
  }
  const int64_t left = std::max<int64_t>(0, until - Now());
  const timespec timeout = {left / 1'000'000'000, left % 1'000'000'000};
  if (ppoll(sockets.data(), sockets.size(), &timeout, nullptr) <= 0) return;
  for (size_t i = 0; i < sockets.size(); ++i) {
    if (sockets[i].revents != 0) connections[i]->Receive();
  }
}

}  // namespace pingan::load
