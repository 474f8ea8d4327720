#include "tests/load/http2_client.h"

#include <arpa/inet.h>
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

namespace pingan::load {
namespace {

constexpr int32_t kWindow = 64 << 20;
constexpr size_t kFrameHeader = 5;  // gRPC: one byte of flags, four of length

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "load client: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

// One call under way.
struct Stream {
  std::string body;  // framed
  size_t sent = 0;
  Answer answer;
  int64_t started = 0;
};

class Connection {
 public:
  Connection(int port, const Work& work) : work_(work) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      Die("connect");
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    MakeSession();
  }
  ~Connection() {
    nghttp2_session_del(session_);
    close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int socket() const { return socket_; }
  bool busy() const { return under_way_ > 0; }

  // Starts a call; false when there is none left.
  bool StartOne() {
    Request request;
    if (!work_.next(request)) return false;
    auto* stream = new Stream;
    const auto length = static_cast<uint32_t>(request.body.size());
    const char frame[kFrameHeader] = {0, static_cast<char>(length >> 24),
                                      static_cast<char>(length >> 16),
                                      static_cast<char>(length >> 8), static_cast<char>(length)};
    stream->body.assign(frame, kFrameHeader).append(request.body);
    stream->started = Now();
    Submit(request, stream);
    ++under_way_;
    return true;
  }

  void Flush() {
    const uint8_t* data = nullptr;
    ssize_t length = 0;
    out_.clear();
    while ((length = nghttp2_session_mem_send(session_, &data)) > 0) {
      out_.append(reinterpret_cast<const char*>(data), static_cast<size_t>(length));
    }
    for (size_t at = 0; at < out_.size();) {
      const ssize_t written = send(socket_, out_.data() + at, out_.size() - at, MSG_NOSIGNAL);
      if (written < 0) Die("send");
      at += static_cast<size_t>(written);
    }
  }

  void Receive() {
    const ssize_t length = recv(socket_, in_, sizeof in_, 0);
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

  static nghttp2_nv Header(const char* name, const std::string& value) {
    return {reinterpret_cast<uint8_t*>(const_cast<char*>(name)),
            reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), std::strlen(name),
            value.size(), NGHTTP2_NV_FLAG_NONE};
  }

  void Submit(const Request& request, Stream* stream) {
    static const std::string kPost = "POST", kHttp = "http", kAuthority = "127.0.0.1",
                             kTrailers = "trailers", kType = "application/grpc", kTimeout = "20S";
    const std::string bearer = "Bearer " + request.token;
    std::vector<nghttp2_nv> headers = {
        Header(":method", kPost),         Header(":scheme", kHttp), Header(":path", request.path),
        Header(":authority", kAuthority), Header("te", kTrailers),  Header("content-type", kType),
        Header("grpc-timeout", kTimeout)};
    if (!request.token.empty()) headers.push_back(Header("authorization", bearer));
    nghttp2_data_provider body{{.ptr = stream}, ReadBody};
    if (nghttp2_submit_request(session_, nullptr, headers.data(), headers.size(), &body, stream) <
        0) {
      Die("submit");
    }
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
                      size_t name_length, const uint8_t* value, size_t, uint8_t, void*) {
    auto* stream =
        static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, frame->hd.stream_id));
    if (stream != nullptr && name_length == 11 && std::memcmp(name, "grpc-status", 11) == 0) {
      stream->answer.status = std::atoi(reinterpret_cast<const char*>(value));
    }
    return 0;
  }
  static int OnData(nghttp2_session* session, uint8_t, int32_t id, const uint8_t*, size_t length,
                    void*) {
    auto* stream = static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
    if (stream != nullptr) stream->answer.bytes += length;
    return 0;
  }
  static int OnClose(nghttp2_session* session, int32_t id, uint32_t, void* self) {
    auto* stream = static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
    if (stream == nullptr) return 0;
    auto* connection = static_cast<Connection*>(self);
    stream->answer.nanoseconds = Now() - stream->started;
    connection->work_.take(stream->answer);
    delete stream;
    --connection->under_way_;
    connection->StartOne();
    return 0;
  }

  const Work& work_;
  int socket_ = -1;
  nghttp2_session* session_ = nullptr;
  int under_way_ = 0;
  std::string out_;
  uint8_t in_[256 << 10];
};

}  // namespace

void Run(int port, int connections, int in_flight, const Work& work) {
  std::vector<std::unique_ptr<Connection>> all;
  for (int i = 0; i < connections; ++i) all.push_back(std::make_unique<Connection>(port, work));
  for (int i = 0; i < in_flight; ++i) {
    if (!all[static_cast<size_t>(i % connections)]->StartOne()) break;
  }
  std::vector<pollfd> sockets;
  for (const auto& connection : all) sockets.push_back({connection->socket(), POLLIN, 0});
  for (const auto& connection : all) connection->Flush();
  while (std::any_of(all.begin(), all.end(),
                     [](const auto& connection) { return connection->busy(); })) {
    if (poll(sockets.data(), sockets.size(), 30000) <= 0) Die("no answer for 30 s");
    for (size_t i = 0; i < all.size(); ++i) {
      if (sockets[i].revents == 0) continue;
      all[i]->Receive();
      all[i]->Flush();
    }
  }
}

}  // namespace pingan::load
