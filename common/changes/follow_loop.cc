#include "common/changes/follow_loop.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/steady.h"
#include "common/obs/log.h"
#include "common/obs/trace.h"
#include "common/rpc/caller.h"

namespace pingan::changes {
namespace {

// All cursors of this service on one source, once per stream.
constexpr char kStoredCursors[] = "SELECT tenant, seq FROM cursors WHERE source = $1";
constexpr absl::Duration kLongestRead = absl::Seconds(10);

// However many towns miss something, the log is asked again from their cursors at most this often.
constexpr absl::Duration kBetweenAsking = absl::Milliseconds(500);

}  // namespace

FollowLoop::FollowLoop(FollowerOptions options, const Handlers& handlers, LeaseKeeper& leases,
                       rpc::Peer& source, db::TownWriter& writer, db::RowReader& reader,
                       base::Clock& clock)
    : options_(std::move(options)),
      handlers_(handlers),
      leases_(leases),
      source_(source),
      reader_(reader),
      stub_(v1::ChangeService::NewStub(source.channel())),
      queues_(options_, handlers, writer, clock, board_,
              {.post = [this](Task task) { Post(std::move(task)); },
               .ask_again = [this] { AskAgain(); },
               .abandoned = [this] { return stopping_.load(); }}),
      connected_metric_(obs::MakeGauge("pingan_follow_connected",
                                       "Whether the source's stream stands.",
                                       {{"source", options_.source}})),
      backoff_(options_.first_retry, options_.longest_retry) {}

void FollowLoop::Start() {
  thread_ = std::thread([this] { Run(); });
  leases_.Join(work(), [this](Buckets buckets) { Post([this, buckets] { OnLeases(buckets); }); });
}

void FollowLoop::Stop() {
  stopping_ = true;
  Post([] {});
  if (thread_.joinable()) thread_.join();
  leases_.Leave(work());
}

void FollowLoop::Post(Task task) {
  absl::MutexLock lock(&mutex_);
  tasks_.push_back(std::move(task));
}

std::vector<FollowLoop::Task> FollowLoop::WaitForTasks(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto any = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !tasks_.empty(); };
  mutex_.AwaitWithTimeout(absl::Condition(&any), deadline - base::SteadyNow());
  return std::exchange(tasks_, {});
}

void FollowLoop::Run() {
  for (;;) {
    Step(base::SteadyNow());
    if (stopping_ && call_ == nullptr && !reading_ && queues_.running() == 0) return;
    for (const Task& task : WaitForTasks(next())) task();
  }
}

absl::Time FollowLoop::next() const {
  absl::Time next = std::min(ask_again_at_, queues_.next());
  if (queues_.unsettled()) next = std::min(next, tick_at_);
  if (call_ == nullptr && !reading_ && buckets_.any() && queues_.idle())
    next = std::min(next, connect_at_);
  return next;
}

void FollowLoop::Step(absl::Time now) {
  if (now >= tick_at_) {
    queues_.Tick();
    tick_at_ = now + options_.store_idle_cursors_every;
  }
  if (!stopping_) queues_.Advance(now);
  if (call_ != nullptr) {
    if (stopping_ || now >= ask_again_at_) {
      broken_off_ = true;
      ask_again_at_ = absl::InfiniteFuture();
      call_->Cancel();
    } else if (paused_ && queues_.waiting() < options_.max_waiting / 2) {
      paused_ = false;
      call_->Next();
    }
  } else {
    ask_again_at_ = absl::InfiniteFuture();  // that is what happens next anyway
    if (!stopping_ && !reading_ && buckets_.any() && queues_.idle() && now >= connect_at_)
      ReadCursors();
  }
}

void FollowLoop::OnLeases(const Buckets& buckets) {
  obs::LogLine(obs::Severity::kInfo)
      .Str("message", "follows")
      .Str("source", options_.source)
      .Int("buckets", static_cast<int64_t>(buckets.count()))
      .Emit();
  buckets_ = buckets;
  ask_again_at_ = base::SteadyNow();
}

void FollowLoop::AskAgain() {
  ask_again_at_ =
      std::min(ask_again_at_, std::max(base::SteadyNow(), connected_at_ + kBetweenAsking));
}

void FollowLoop::ReadCursors() {
  reading_ = true;
  queues_.Rest();
  auto cursors = std::make_shared<CursorBoard::Cursors>();
  reader_.StartRead(
      [this, cursors](db::ReadSession& session) {
        return session.Records(kStoredCursors, {options_.source}, [&](const db::Record& record) {
          cursors->emplace(record.Text(0), record.Integer(1));
        });
      },
      {.deadline = absl::Now() + kLongestRead, .abandoned = {}},
      [this, cursors](absl::Status status) {
        Post([this, cursors, status = std::move(status)] {
          OnCursors(status, std::move(*cursors));
        });
      });
}

void FollowLoop::OnCursors(const absl::Status& status, CursorBoard::Cursors cursors) {
  reading_ = false;
  if (!status.ok()) return TryLater(status);
  board_.Replace(std::move(cursors));
  queues_.Reset(buckets_);
  if (!stopping_ && buckets_.any()) Watch();
}

void FollowLoop::Watch() {
  v1::WatchRequest request;
  for (const std::string& row : handlers_.Rows()) request.add_rows(row);
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    if (buckets_.test(bucket)) request.add_buckets(bucket);
  }
  board_.ForEach([&](const std::string& tenant, int64_t seq) {
    if (!buckets_.test(BucketOf(tenant))) return;
    v1::Cursor& cursor = *request.add_cursors();
    cursor.set_tenant(tenant);
    cursor.set_seq(seq);
  });
  paused_ = false;
  broken_off_ = false;
  connected_at_ = base::SteadyNow();

  // The call outlives what it tells us: an event holds it.
  auto weak = std::make_shared<std::weak_ptr<WatchCall>>();
  call_ = std::make_shared<WatchCall>(WatchCall::Events{
      .opened =
          [this] {
            Post([this] {
              backoff_.Reset();
              connected_metric_.Set(1);
            });
          },
      .received =
          [this, weak](v1::WatchResponse response) {
            auto shared = std::make_shared<v1::WatchResponse>(std::move(response));
            Post([this, call = weak->lock(), shared] { OnResponse(*call, std::move(*shared)); });
          },
      .ended =
          [this](absl::Status status) {
            Post([this, status = std::move(status)] { OnEnd(status); });
          },
  });
  *weak = call_;
  rpc::Call call;
  call.trace = obs::BeginSpan();
  source_.Prepare(call, call_->context());
  call_->Start(*stub_, std::move(request));
}

void FollowLoop::OnResponse(WatchCall& call, v1::WatchResponse response) {
  if (!call.Accept()) return;
  // The next response may come while this one is taken in.
  paused_ = queues_.waiting() >= options_.max_waiting;
  if (!paused_) call.Next();
  for (v1::TenantChanges& changes : *response.mutable_tenants())
    queues_.Receive(std::move(changes));
}

void FollowLoop::OnEnd(const absl::Status& status) {
  call_ = nullptr;
  connected_metric_.Set(0);
  if (!broken_off_) TryLater(status);
}

void FollowLoop::TryLater(const absl::Status& status) {
  const absl::Duration pause = backoff_.Next();
  connect_at_ = base::SteadyNow() + pause;
  obs::LogLine(obs::Severity::kWarning)
      .Str("message", "the change log of another service cannot be followed now")
      .Str("source", options_.source)
      .Str("error", status.message())
      .Micros("retry_us", pause)
      .Emit();
}

}  // namespace pingan::changes
