// Ends an Envoy gently, as the last act before its pod is stopped: there is no shell in the image.
//
//   drain <admin port> <seconds>
//
// Asks Envoy, on loopback, to drain its listeners gracefully: answers get `connection: close` or
// GOAWAY, so that clients go elsewhere by and by, while calls under way end. Returns after
// <seconds>, in which new connections are still taken: nobody has to have noticed yet. Exit code 1
// at once, with a line on stderr, when Envoy does not answer 200.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view kRequest =
    "POST /drain_listeners?graceful&skip_exit HTTP/1.1\r\n"
    "host: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
constexpr std::string_view kAccepted = "HTTP/1.1 200";
constexpr timeval kPatience = {.tv_sec = 5, .tv_usec = 0};

// Whether Envoy took the request.
bool AskToDrain(uint16_t port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0) return false;
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      send(connection, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(kRequest.size())) {
    char part[512];
    while (answer.size() < kAccepted.size()) {
      const ssize_t got = recv(connection, part, sizeof part, 0);
      if (got <= 0) break;
      answer.append(part, static_cast<size_t>(got));
    }
  }
  close(connection);
  return answer.starts_with(kAccepted);
}

// The number in the argument, or -1.
int64_t Number(const char* argument, int64_t most) {
  char* end = nullptr;
  const int64_t number = std::strtoll(argument, &end, 10);
  return *argument == '\0' || *end != '\0' || number < 0 || number > most ? -1 : number;
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t port = argc == 3 ? Number(argv[1], UINT16_MAX) : -1;
  const int64_t seconds = argc == 3 ? Number(argv[2], 3600) : -1;
  if (port < 0 || seconds < 0) {
    std::cerr << "usage: drain <admin port> <seconds>\n";
    return 1;
  }
  if (!AskToDrain(static_cast<uint16_t>(port))) {
    std::cerr << "drain: no Envoy on port " << port << " that drains its listeners\n";
    return 1;
  }
  for (auto left = static_cast<unsigned>(seconds); left > 0;) left = sleep(left);
  return 0;
}
