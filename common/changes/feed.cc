#include "common/changes/feed.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/ids.h"
#include "common/base/steady.h"
#include "common/changes/backoff.h"
#include "common/changes/connection.h"
#include "common/obs/log.h"
#include "pqxx/nontransaction"
#include "pqxx/notification"
#include "pqxx/result"

namespace pingan::changes {
namespace {

// PostgreSQL takes payloads of less than 8000 bytes.
constexpr size_t kMaxPayload = 7900;
constexpr absl::string_view kSweepPayload = "sweep";

// All towns: 41,352 rows in the whole country. Accounts are tenants too, and may be many more.
constexpr char kHeads[] = "SELECT tenant, seq FROM heads WHERE length(tenant) = 9";

// "330481003=15 330481004=7"
std::string PayloadOf(const absl::flat_hash_map<std::string, int64_t>& heads) {
  std::string payload;
  for (const auto& [tenant, seq] : heads) {
    if (!payload.empty()) payload += ' ';
    absl::StrAppend(&payload, tenant, "=", seq);
    if (payload.size() > kMaxPayload) return std::string(kSweepPayload);
  }
  return payload;
}

}  // namespace

// The feed's connection while it holds. Used by the feed's thread.
class ChangeFeed::Line {
 public:
  explicit Line(ChangeFeed& feed)
      : connection_(Connect(feed.database_.options())),
        channel_(absl::StrCat("changes_", feed.database_.options().schema)),
        receiver_(feed, *connection_, channel_) {
    connection_->prepare("heads", kHeads);
    connection_->prepare("notify", "SELECT pg_notify($1, $2)");
  }

  pqxx::connection& connection() { return *connection_; }

  void Notify(const std::string& payload) {
    pqxx::nontransaction work(*connection_);
    work.exec_prepared("notify", channel_, payload);
  }

  absl::Time next_sweep = absl::InfinitePast();
  absl::Time next_notify = absl::InfinitePast();

 private:
  class Receiver final : public pqxx::notification_receiver {
   public:
    Receiver(ChangeFeed& feed, pqxx::connection_base& connection, const std::string& channel)
        : pqxx::notification_receiver(connection, channel), feed_(feed) {}

    void operator()(const std::string& payload, int backend) override {
      if (backend != conn().backendpid()) feed_.OnNotification(payload);
    }

   private:
    ChangeFeed& feed_;
  };

  const std::unique_ptr<pqxx::connection> connection_;
  const std::string channel_;
  Receiver receiver_;
};

ChangeFeed::ChangeFeed(const db::Database& database, ChangeFeedOptions options)
    : database_(database), options_(options), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

ChangeFeed::~ChangeFeed() {
  Stop();
  close(wake_fd_);
}

void ChangeFeed::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ChangeFeed::Stop() {
  stopping_ = true;
  Wake();
  if (thread_.joinable()) thread_.join();
}

void ChangeFeed::Wake() {
  // Fails only when the counter is full, and then the thread is awake.
  [[maybe_unused]] const int ignored = eventfd_write(wake_fd_, 1);
}

void ChangeFeed::OnCommit(absl::Span<const db::Committed> committed) {
  Learn(committed, /*ours=*/true);
}

void ChangeFeed::Learn(absl::Span<const db::Committed> heads, bool ours) {
  std::vector<db::Committed> news;
  bool first = false;
  {
    absl::MutexLock lock(&mutex_);
    for (const db::Committed& head : heads) {
      if (!base::IsTownCode(head.tenant)) continue;
      int64_t& known = heads_[head.tenant];
      if (head.seq <= known) continue;
      known = head.seq;
      news.push_back(head);
      if (!ours) continue;
      first |= unannounced_.empty();
      unannounced_[head.tenant] = head.seq;
    }
    if (!news.empty()) {
      for (Watcher* watcher : watchers_) watcher->OnHeads(news);
    }
  }
  if (first) Wake();
}

void ChangeFeed::Add(Watcher& watcher) {
  std::vector<db::Committed> known;
  {
    absl::MutexLock lock(&mutex_);
    watchers_.push_back(&watcher);
    known.reserve(heads_.size());
    for (const auto& [tenant, seq] : heads_) known.push_back({tenant, seq});
  }
  watcher.OnHeads(known);
}

void ChangeFeed::Remove(Watcher& watcher) {
  absl::MutexLock lock(&mutex_);
  watchers_.erase(std::remove(watchers_.begin(), watchers_.end(), &watcher), watchers_.end());
}

void ChangeFeed::Run() {
  Backoff backoff(absl::Milliseconds(100), options_.longest_retry);
  while (!stopping_) {
    try {
      Line line(*this);
      Sweep(line);
      lost_ = false;
      backoff.Reset();
      Serve(line);
    } catch (const std::exception& error) {
      const absl::Duration pause = backoff.Next();
      obs::LogLine(obs::Severity::kWarning)
          .Str("message", "the change feed lost its database")
          .Str("error", error.what())
          .Micros("retry_us", pause)
          .Emit();
      if (!lost_.exchange(true)) {
        for (const auto& on_lost : on_lost_) on_lost();
      }
      const absl::Time until = base::SteadyNow() + pause;
      for (absl::Duration left = pause; !stopping_ && left > absl::ZeroDuration();
           left = until - base::SteadyNow()) {
        pollfd wake{wake_fd_, POLLIN, 0};
        poll(&wake, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
        eventfd_t ignored;
        eventfd_read(wake_fd_, &ignored);
      }
    }
  }
}

void ChangeFeed::Serve(Line& line) {
  while (!stopping_) {
    absl::Time until = line.next_sweep;
    {
      absl::MutexLock lock(&mutex_);
      if (!unannounced_.empty()) until = std::min(until, line.next_notify);
    }
    pollfd waits[] = {{wake_fd_, POLLIN, 0}, {line.connection().sock(), POLLIN, 0}};
    const int64_t pause =
        absl::ToInt64Milliseconds(absl::Ceil(until - base::SteadyNow(), absl::Milliseconds(1)));
    poll(waits, 2, static_cast<int>(std::max<int64_t>(pause, 0)));
    eventfd_t ignored;
    eventfd_read(wake_fd_, &ignored);
    line.connection().get_notifs();
    if (base::SteadyNow() >= line.next_notify) SendNotifications(line);
    if (sweep_asked_ || base::SteadyNow() >= line.next_sweep) Sweep(line);
  }
  SendNotifications(line);
}

void ChangeFeed::SendNotifications(Line& line) {
  absl::flat_hash_map<std::string, int64_t> heads;
  {
    absl::MutexLock lock(&mutex_);
    heads.swap(unannounced_);
  }
  if (heads.empty()) return;
  line.next_notify = base::SteadyNow() + options_.notify_every;
  // Lost when this throws: the others' sweeps find it.
  line.Notify(PayloadOf(heads));
}

void ChangeFeed::OnNotification(absl::string_view payload) {
  if (payload == kSweepPayload) {
    sweep_asked_ = true;  // not here, in the middle of libpqxx's delivery
    return;
  }
  std::vector<db::Committed> heads;
  for (const absl::string_view part : absl::StrSplit(payload, ' ', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> head =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    int64_t seq = 0;
    if (absl::SimpleAtoi(head.second, &seq)) heads.push_back({std::string(head.first), seq});
  }
  Learn(heads, /*ours=*/false);
}

void ChangeFeed::Sweep(Line& line) {
  sweep_asked_ = false;
  line.next_sweep = base::SteadyNow() + options_.sweep_every;
  pqxx::nontransaction work(line.connection());
  std::vector<db::Committed> heads;
  for (const pqxx::row& row : work.exec_prepared("heads")) {
    heads.push_back({row[0].c_str(), row[1].as<int64_t>()});
  }
  Learn(heads, /*ours=*/false);
  for (const OnSweep& on_sweep : on_sweep_) on_sweep(work);
}

}  // namespace pingan::changes
