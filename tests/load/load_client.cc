// One load against one service: makes requests, checks answers, prints a line of JSON (tally.h).
//
//   load_client --port=50052 --load=get_event --in_flight=64 --calls=100000 --secrets_dir=...
//   load_client ... --rate=5000         at a fixed rate, however long answers take
//   load_client ... --load=publish_event --rate=500 --then_port=50053 --then_load=sign_up_published
//       after each answer asks the second until it works, and tells how long that took
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/flags.h"
#include "common/rpc/key_set.h"
#include "common/rpc/keys.h"
#include "common/rpc/token.h"
#include "tests/load/http2_client.h"
#include "tests/load/loads.h"
#include "tests/load/tally.h"

ABSL_FLAG(int, port, 0, "Port of the service, or of the edge for JSON.");
ABSL_FLAG(std::string, load, "get_event", "Its name in the table of loads.cc.");
ABSL_FLAG(int, connections, 4, "");
ABSL_FLAG(int, in_flight, 64, "Closed loop: so many calls at any time.");
ABSL_FLAG(double, rate, 0, "Open loop: so many calls a second; 0: closed loop.");
ABSL_FLAG(int, calls, 50000, "");
ABSL_FLAG(int, deadline_ms, 20000, "Sent along with each call.");
ABSL_FLAG(int, towns, 1, "Rows and people are spread over so many towns.");
ABSL_FLAG(int, rows, 1000, "Events, rosters or listings to choose from, over all towns.");
ABSL_FLAG(int, first, 0, "Number of the first new person, match or draft; a multiple of --towns.");
ABSL_FLAG(int, people, 0,
          "New people who take turns; a multiple of --towns. 0: one for each call.");
ABSL_FLAG(int64_t, signed_at, 0, "When the tokens were signed, in Unix seconds.");
ABSL_FLAG(int, then_port, 0, "");
ABSL_FLAG(std::string, then_load, "", "");
ABSL_FLAG(std::string, secrets_dir, "", "Where the users' signing key is.");
ABSL_FLAG(std::string, issuer, "https://pingan.local", "");

namespace pingan::load {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kLongestSilence = 30 * kSecond;
// How soon a call that did not work yet is made again.
constexpr int64_t kAgainAfter = kSecond / 1000;

// Ends the process when nothing was answered for long.
class Patience {
 public:
  void Heard() { last_ = Now(); }
  void Check() const {
    if (Now() - last_ < kLongestSilence) return;
    std::fprintf(stderr, "load client: no answer for 30 s\n");
    std::exit(1);
  }

 private:
  int64_t last_ = Now();
};

// Calls one after the other, each counted from when it was meant to start.
class Run {
 public:
  Run(Client& client, const Requests& requests) : client_(client), requests_(requests) {}

  int64_t made() const { return made_; }
  Tally& tally() { return tally_; }
  // Called after each answer with its number; may be empty.
  void set_after(std::function<void(int64_t)> after) { after_ = std::move(after); }
  void Check() const { patience_.Check(); }

  void StartOne(int64_t meant) {
    const int64_t number = made_++;
    client_.Start(requests_.Make(number), [this, number, meant](const Answer& answer) {
      patience_.Heard();
      tally_.Add(answer, Now() - meant);
      if (after_) after_(number);
    });
  }

 private:
  Client& client_;
  const Requests& requests_;
  std::function<void(int64_t)> after_;
  int64_t made_ = 0;
  Tally tally_;
  Patience patience_;
};

void ClosedLoop(Client& client, Run& run, int64_t calls, int in_flight) {
  run.set_after([&](int64_t) {
    if (run.made() < calls) run.StartOne(Now());
  });
  while (run.made() < std::min<int64_t>(calls, in_flight)) run.StartOne(Now());
  while (client.under_way() > 0) {
    Wait({&client}, Now() + kSecond);
    run.Check();
  }
}

// Starts what is due and waits for what is next.
class Schedule {
 public:
  Schedule(double rate, int64_t calls) : interval_(kSecond / rate), calls_(calls) {}

  void StartDue(Run& run) const {
    while (run.made() < calls_ && Due(run.made()) <= Now()) run.StartOne(Due(run.made()));
  }
  int64_t Next(const Run& run) const {
    return run.made() < calls_ ? Due(run.made()) : Now() + kSecond;
  }
  bool Over(const Run& run) const { return run.made() == calls_; }

 private:
  int64_t Due(int64_t number) const {
    return start_ + static_cast<int64_t>(interval_ * static_cast<double>(number));
  }

  const double interval_;
  const int64_t calls_;
  const int64_t start_ = Now();
};

void OpenLoop(Client& client, Run& run, const Schedule& schedule) {
  while (!schedule.Over(run) || client.under_way() > 0) {
    schedule.StartDue(run);
    Wait({&client}, schedule.Next(run));
    run.Check();
  }
}

// After each answer of `run` asks the follower's question until it works; counts from that answer.
class Following {
 public:
  Following(Client& client, const Requests& requests) : client_(client), requests_(requests) {}

  void Ask(int64_t number) { Try(number, Now()); }
  void AskAgain() {
    const int64_t now = Now();
    for (auto& [number, since] : std::exchange(waiting_, {})) {
      if (now < next_[number]) {
        waiting_.emplace_back(number, since);
      } else {
        Try(number, since);
      }
    }
  }
  bool idle() const { return open_ == 0; }
  int64_t asked() const { return asked_; }
  Tally& tally() { return tally_; }

 private:
  void Try(int64_t number, int64_t since) {
    if (next_.emplace(number, 0).second) ++open_;
    ++asked_;
    client_.Start(requests_.Make(number), [this, number, since](const Answer& answer) {
      if (answer.status == 0) {
        tally_.Add(answer, Now() - since);
        --open_;
        return;
      }
      next_[number] = Now() + kAgainAfter;
      waiting_.emplace_back(number, since);
    });
  }

  Client& client_;
  const Requests& requests_;
  std::map<int64_t, int64_t> next_;
  std::vector<std::pair<int64_t, int64_t>> waiting_;
  int64_t open_ = 0;
  int64_t asked_ = 0;
  Tally tally_;
};

void Chained(Client& first, Client& second, Run& run, Following& following,
             const Schedule& schedule) {
  run.set_after([&](int64_t number) { following.Ask(number); });
  while (!schedule.Over(run) || first.under_way() > 0 || !following.idle()) {
    schedule.StartDue(run);
    following.AskAgain();
    Wait({&first, &second}, std::min(schedule.Next(run), Now() + kAgainAfter));
    run.Check();
  }
}

const Load& LoadOf(const std::string& name) {
  const Load* load = FindLoad(name);
  if (load != nullptr) return *load;
  std::fprintf(stderr, "load client: there is no load %s\n", name.c_str());
  std::exit(1);
}

int Main() {
  auto keys = rpc::SigningKeyFile::Open(rpc::UserSigningKeysPath(absl::GetFlag(FLAGS_secrets_dir)));
  if (!keys.ok()) {
    std::fprintf(stderr, "load client: %s\n", std::string(keys.status().message()).c_str());
    return 1;
  }
  rpc::TokenSigner signer(**keys, absl::GetFlag(FLAGS_issuer));
  const int64_t calls = absl::GetFlag(FLAGS_calls);
  const Spread spread{absl::GetFlag(FLAGS_towns), absl::GetFlag(FLAGS_rows),
                      absl::GetFlag(FLAGS_first), absl::GetFlag(FLAGS_people)};
  const absl::Time signed_at = absl::FromUnixSeconds(absl::GetFlag(FLAGS_signed_at));
  const auto requests_of = [&](const std::string& load) {
    return Requests(LoadOf(load), spread, calls, signer, signed_at);
  };
  const auto client_of = [&](int port) {
    return std::make_unique<Client>(port, absl::GetFlag(FLAGS_connections),
                                    absl::GetFlag(FLAGS_deadline_ms));
  };
  const Requests requests = requests_of(absl::GetFlag(FLAGS_load));
  const auto client = client_of(absl::GetFlag(FLAGS_port));
  Run run(*client, requests);
  const double rate = absl::GetFlag(FLAGS_rate);
  std::string then = "null";
  int64_t wrong = 0;

  const int64_t started = Now();
  const auto seconds = [&] { return static_cast<double>(Now() - started) / 1e9; };
  if (absl::GetFlag(FLAGS_then_port) != 0) {
    const Requests following_requests = requests_of(absl::GetFlag(FLAGS_then_load));
    const auto second = client_of(absl::GetFlag(FLAGS_then_port));
    Following following(*second, following_requests);
    Chained(*client, *second, run, following, Schedule(rate, calls));
    then = absl::StrCat("{\"asked\":", following.asked(),
                        ",\"worked\":", following.tally().ToJson(seconds()), "}");
    wrong = following.tally().wrong();
  } else if (rate > 0) {
    OpenLoop(*client, run, Schedule(rate, calls));
  } else {
    ClosedLoop(*client, run, calls, absl::GetFlag(FLAGS_in_flight));
  }
  const std::string said = run.tally().ToJson(seconds());
  std::printf("{\"load\":\"%s\",\"calls\":%d,\"first\":%s,\"then\":%s}\n",
              absl::GetFlag(FLAGS_load).c_str(), static_cast<int>(calls), said.c_str(),
              then.c_str());
  return run.tally().wrong() + wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace pingan::load

int main(int argc, char** argv) {
  pingan::base::ParseFlags(argc, argv);
  return pingan::load::Main();
}
