// One load: makes requests, checks answers, prints a line of JSON.
//
//   load_client --port=50052 --load=get_event --in_flight=64 --calls=100000 --secrets_dir=...
//
// Rows are those that tests/load/seed.sql makes: event, roster and person n have the id
// 00000000-0000-7000-8000-<n in hex>, and town t is 330000000 + t.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/flags.h"
#include "common/rpc/key_set.h"
#include "common/rpc/keys.h"
#include "common/rpc/token.h"
#include "pingan/event/v1/event.pb.h"
#include "pingan/exchange/v1/exchange.pb.h"
#include "pingan/volunteer/v1/volunteer.pb.h"
#include "tests/load/http2_client.h"

ABSL_FLAG(int, port, 0, "gRPC port of the service.");
ABSL_FLAG(std::string, load, "get_event",
          "get_event, echo, get_listing, accept_match, get_roster (warms the tokens of sign_up) or "
          "sign_up.");
ABSL_FLAG(int, connections, 4, "");
ABSL_FLAG(int, in_flight, 64, "");
ABSL_FLAG(int, calls, 50000, "");
ABSL_FLAG(int, towns, 1, "Rows and people are spread over so many towns.");
ABSL_FLAG(int, rows, 1000, "Events, rosters or listings to choose from, over all towns.");
ABSL_FLAG(int, tokens, 200, "Different callers; sign_up and get_roster have a new one each call.");
ABSL_FLAG(int, first, 0,
          "Number of the first person of sign_up and get_roster, match of accept_match.");
ABSL_FLAG(int64_t, signed_at, 0,
          "When the tokens were signed, in Unix seconds: equal times and people give equal tokens, "
          "which the service then knows.");
ABSL_FLAG(std::string, secrets_dir, "", "Where the users' signing key is.");
ABSL_FLAG(std::string, issuer, "https://pingan.local", "");

namespace pingan::load {
namespace {

std::string Id(int64_t n) { return absl::StrFormat("00000000-0000-7000-8000-%012x", n); }
std::string Town(int64_t n) {
  return absl::StrCat("towns/", 330000000 + n % absl::GetFlag(FLAGS_towns));
}

class Loads {
 public:
  explicit Loads(rpc::TokenSigner& signer)
      : name_(absl::GetFlag(FLAGS_load)), rows_(absl::GetFlag(FLAGS_rows)) {
    const bool own = name_ == "sign_up" || name_ == "get_roster";
    const int64_t first = own ? absl::GetFlag(FLAGS_first) : 0;
    const int64_t count = own ? absl::GetFlag(FLAGS_calls) : absl::GetFlag(FLAGS_tokens);
    const absl::Time signed_at = absl::FromUnixSeconds(absl::GetFlag(FLAGS_signed_at));
    for (int64_t i = 0; i < count; ++i) {
      tokens_.push_back(signer.Sign(Id(first + i), absl::StrCat(Town(i), "/people/", Id(first + i)),
                                    signed_at, rpc::kMaxUserTokenLifetime));
    }
  }

  Request Make(int64_t i) const {
    // Neighbouring calls touch rows of the same town number, so a person's town is the row's.
    const int64_t row = i % rows_;
    Request request;
    request.token = tokens_[static_cast<size_t>(i) % tokens_.size()];
    if (name_ == "get_event" || name_ == "echo") {
      event::v1::GetEventRequest asked;
      asked.set_name(absl::StrCat(Town(row), "/events/", Id(row)));
      request.path =
          name_ == "echo" ? "/pingan.load.Echo/GetEvent" : "/pingan.event.v1.EventService/GetEvent";
      request.body = asked.SerializeAsString();
    } else if (name_ == "get_listing") {
      exchange::v1::GetListingRequest asked;
      asked.set_name(absl::StrCat(Town(row), "/listings/", Id(row)));
      request.path = "/pingan.exchange.v1.ExchangeService/GetListing";
      request.body = asked.SerializeAsString();
    } else if (name_ == "accept_match") {
      exchange::v1::AcceptMatchRequest asked;
      asked.set_name(absl::StrCat(Town(row), "/matches/", Id(absl::GetFlag(FLAGS_first) + i)));
      asked.set_request_id(Id((int64_t{1} << 40) + absl::GetFlag(FLAGS_first) + i));
      request.path = "/pingan.exchange.v1.ExchangeService/AcceptMatch";
      request.body = asked.SerializeAsString();
    } else if (name_ == "get_roster") {
      volunteer::v1::GetRosterRequest asked;
      asked.set_name(absl::StrCat(Town(row), "/rosters/", Id(row)));
      request.path = "/pingan.volunteer.v1.VolunteerService/GetRoster";
      request.body = asked.SerializeAsString();
    } else {
      volunteer::v1::CreateSignUpRequest asked;
      asked.set_parent(absl::StrCat(Town(row), "/rosters/", Id(row)));
      asked.set_request_id(Id((int64_t{1} << 40) + absl::GetFlag(FLAGS_first) + i));
      request.path = "/pingan.volunteer.v1.VolunteerService/CreateSignUp";
      request.body = asked.SerializeAsString();
    }
    return request;
  }

 private:
  const std::string name_;
  const int64_t rows_;
  std::vector<std::string> tokens_;
};

int Main() {
  auto keys = rpc::SigningKeyFile::Open(rpc::UserSigningKeysPath(absl::GetFlag(FLAGS_secrets_dir)));
  if (!keys.ok()) {
    std::fprintf(stderr, "load client: %s\n", std::string(keys.status().message()).c_str());
    return 1;
  }
  rpc::TokenSigner signer(**keys, absl::GetFlag(FLAGS_issuer));
  const Loads loads(signer);
  const int64_t calls = absl::GetFlag(FLAGS_calls);
  int64_t made = 0, bad = 0;
  int last_bad = 0;
  std::vector<int64_t> nanoseconds;
  nanoseconds.reserve(static_cast<size_t>(calls));
  const Work work{.next =
                      [&](Request& request) {
                        if (made == calls) return false;
                        request = loads.Make(made++);
                        return true;
                      },
                  .take =
                      [&](const Answer& answer) {
                        // Every right answer of these loads is longer than a bare frame.
                        if (answer.status != 0 || answer.bytes < 20)
                          ++bad, last_bad = answer.status;
                        nanoseconds.push_back(answer.nanoseconds);
                      }};
  const auto started = std::chrono::steady_clock::now();
  Run(absl::GetFlag(FLAGS_port), absl::GetFlag(FLAGS_connections), absl::GetFlag(FLAGS_in_flight),
      work);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::sort(nanoseconds.begin(), nanoseconds.end());
  const auto at = [&](double part) {
    return static_cast<double>(nanoseconds[static_cast<size_t>(
               part * static_cast<double>(nanoseconds.size() - 1))]) /
           1e6;
  };
  std::printf(
      "{\"load\":\"%s\",\"in_flight\":%d,\"calls\":%d,\"seconds\":%.3f,\"rate\":%.0f,\"p50_ms\":%."
      "3f,"
      "\"p99_ms\":%.3f,\"bad\":%d,\"last_bad_status\":%d}\n",
      absl::GetFlag(FLAGS_load).c_str(), absl::GetFlag(FLAGS_in_flight), static_cast<int>(calls),
      seconds, static_cast<double>(calls) / seconds, at(0.5), at(0.99), static_cast<int>(bad),
      last_bad);
  return bad == 0 ? 0 : 1;
}

}  // namespace
}  // namespace pingan::load

int main(int argc, char** argv) {
  pingan::base::ParseFlags(argc, argv);
  return pingan::load::Main();
}
