#include "common/changes/town_queues.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/steady.h"
#include "common/base/timestamps.h"
#include "common/obs/log.h"

namespace pingan::changes {
namespace {

// Whether trying a smaller command could help: not when the database is away or the queue is full.
bool IsOfTheChanges(const absl::Status& status) {
  return !absl::IsUnavailable(status) && !absl::IsResourceExhausted(status) &&
         !absl::IsCancelled(status) && !absl::IsDeadlineExceeded(status);
}

}  // namespace

TownQueues::TownQueues(const FollowerOptions& options, const Handlers& handlers,
                       db::TownWriter& writer, base::Clock& clock, CursorBoard& board, Hooks hooks)
    : options_(options),
      handlers_(handlers),
      writer_(writer),
      clock_(clock),
      board_(board),
      hooks_(std::move(hooks)),
      actor_(absl::StrCat("services/", options.service)),
      applied_metric_(obs::MakeCounter("pingan_follow_applied_total",
                                       "Changes of another service that took effect.",
                                       {{"source", options.source}})),
      waiting_metric_(obs::MakeGauge("pingan_follow_waiting_changes",
                                     "Changes received that have not taken effect.",
                                     {{"source", options.source}})),
      stopped_metric_(obs::MakeGauge("pingan_follow_stopped_tenants",
                                     "Towns whose next change is being refused.",
                                     {{"source", options.source}})),
      lag_metric_(obs::MakeGauge("pingan_follow_lag_seconds",
                                 "Age of the oldest change that has not taken effect.",
                                 {{"source", options.source}})),
      delay_metric_(obs::MakeHistogram("pingan_follow_delay_seconds",
                                       "From a change to its effect here.",
                                       {{"source", options.source}}, obs::DurationBuckets())) {}

void TownQueues::Reset(const Buckets& buckets) {
  resting_ = false;
  const auto stays = [&](const Town& town) {
    return town.trouble.has_value() && buckets.test(BucketOf(town.tenant));
  };
  std::erase_if(retries_, [&](const auto& retry) { return !stays(*retry.second); });
  for (auto& [tenant, town] : towns_) {
    if (stays(town)) continue;
    ForgetChanges(town);
    town.dropped = false;  // it is asked for anew, by us or by another replica
    LeaveTrouble(town);
  }
  std::erase_if(towns_, [&](const auto& entry) { return !stays(entry.second); });
}

void TownQueues::Receive(v1::TenantChanges changes) {
  unsettled_ = true;
  const auto [entry, made] = towns_.try_emplace(changes.tenant());
  Town& town = entry->second;
  if (made) {
    town.tenant = changes.tenant();
    town.from = town.up_to = board_.Get(town.tenant);
    town.limit = options_.max_batch;
  }
  if (town.halted) return;
  if (town.trouble.has_value()) {
    town.dropped = true;
    return;
  }
  Take(town, changes);
  if (town.halted) return;
  const bool nothing_to_do = town.changes.empty() && town.command == nullptr;
  if (nothing_to_do) board_.Set(town.tenant, town.up_to);
  if (!nothing_to_do || town.up_to - town.from >= static_cast<int64_t>(options_.max_batch))
    MakeReady(town);
}

void TownQueues::Take(Town& town, v1::TenantChanges& changes) {
  int64_t last = 0;
  for (v1::Change& change : *changes.mutable_changes()) {
    if (change.seq() <= last || change.seq() > changes.up_to()) {
      obs::LogLine(obs::Severity::kError)
          .Str("message", "a source sent changes out of order")
          .Str("source", options_.source)
          .Str("tenant", town.tenant)
          .Int("seq", change.seq())
          .Emit();
      return Halt(town);
    }
    last = change.seq();
    const Handlers::Entry* entry = handlers_.Find(RowOf(change.type()));
    if (last <= town.up_to || entry == nullptr) continue;
    town.changes.push_back(Unpack(std::move(change), *entry));
    ++waiting_;
    town.up_to = last;
  }
  town.up_to = std::max(town.up_to, changes.up_to());
}

void TownQueues::MakeReady(Town& town) {
  if (town.ready || town.halted || town.command != nullptr) return;
  town.ready = true;
  ready_.push_back(&town);
}

void TownQueues::Advance(absl::Time now) {
  if (resting_) return;
  while (!retries_.empty() && retries_.begin()->first <= now) {
    MakeReady(*retries_.begin()->second);
    retries_.erase(retries_.begin());
  }
  while (!ready_.empty() && running_ < options_.max_commands) {
    Town& town = *ready_.front();
    ready_.pop_front();
    town.ready = false;
    if (!town.halted) Run(town);
  }
  waiting_metric_.Set(static_cast<double>(waiting_));
}

void TownQueues::Run(Town& town) {
  const size_t count = std::min(town.limit, town.changes.size());
  const int64_t up_to =
      count == town.changes.size() ? town.up_to : town.changes[count - 1].change.seq();
  std::vector<Received> changes;
  changes.reserve(count);
  std::move(town.changes.begin(), town.changes.begin() + count, std::back_inserter(changes));
  town.changes.erase(town.changes.begin(), town.changes.begin() + count);

  town.command = std::make_unique<ApplyChanges>(options_.source, town.tenant, town.from, up_to,
                                                std::move(changes));
  town.command->actor = actor_;
  town.command->patience.abandoned = hooks_.abandoned;
  ++running_;
  writer_.Start(*town.command, [this, &town](absl::Status status) {
    hooks_.post([this, &town, status = std::move(status)] { OnAnswer(town, status); });
  });
}

void TownQueues::OnAnswer(Town& town, const absl::Status& status) {
  --running_;
  if (!status.ok()) {
    OnRefused(town, status);
  } else if (town.command->lost()) {
    OnLost(town);
  } else {
    OnApplied(town);
  }
}

void TownQueues::OnApplied(Town& town) {
  const std::unique_ptr<ApplyChanges> command = std::move(town.command);
  const absl::Time now = clock_.Now();
  const std::vector<Received>& changes = command->changes();
  for (size_t i = changes.size() - command->applied(); i < changes.size(); ++i) {
    delay_metric_.Observe(
        absl::ToDoubleSeconds(now - base::FromTimestamp(changes[i].change.time())));
  }
  applied_metric_.Increment(static_cast<double>(command->applied()));
  if (!town.trouble.has_value()) waiting_ -= changes.size();

  town.from = command->reached();
  town.up_to = std::max(town.up_to, town.from);
  // What another replica was faster with.
  while (!town.changes.empty() && town.changes.front().change.seq() <= town.from) {
    town.changes.pop_front();
    --waiting_;
  }
  town.limit = options_.max_batch;
  LeaveTrouble(town);
  board_.Set(town.tenant, town.from);
  if (!town.changes.empty()) {
    MakeReady(town);
  } else {
    board_.Set(town.tenant, town.up_to);
  }
}

void TownQueues::OnRefused(Town& town, const absl::Status& status) {
  const std::unique_ptr<ApplyChanges> command = std::move(town.command);
  std::vector<Received>& changes = command->changes();
  town.changes.insert(town.changes.begin(), std::make_move_iterator(changes.begin()),
                      std::make_move_iterator(changes.end()));
  if (hooks_.abandoned()) return;
  // What stands before the culprit is applied without it: it is the one at which a handler refused,
  // or is looked for by halves.
  if (command->refused() > 0) {
    town.limit = static_cast<size_t>(command->refused());
  } else if (command->refused() < 0 && changes.size() > 1 && IsOfTheChanges(status)) {
    town.limit = changes.size() / 2;
  } else {
    return EnterTrouble(town, status);
  }
  MakeReady(town);
}

void TownQueues::EnterTrouble(Town& town, const absl::Status& status) {
  if (!town.trouble.has_value()) {
    town.trouble.emplace(options_.first_retry, options_.longest_retry);
    stopped_metric_.Increment();
    waiting_ -= town.changes.size();
    if (town.changes.size() > 1) {
      town.dropped = true;
      town.changes.resize(1);
      town.up_to = town.changes.front().change.seq();
    }
  }
  const absl::Duration pause = town.trouble->Next();
  retries_.emplace(base::SteadyNow() + pause, &town);
  obs::LogLine line(obs::Severity::kError);
  line.Str("message", "a town stands still: its next change is refused")
      .Str("source", options_.source)
      .Str("tenant", town.tenant);
  if (!town.changes.empty()) {
    const v1::Change& change = town.changes.front().change;
    line.Int("seq", change.seq()).Str("type", change.type()).Str("row", change.name());
  }
  line.Str("error", status.message()).Micros("retry_us", pause).Emit();
}

void TownQueues::LeaveTrouble(Town& town) {
  if (town.trouble.has_value()) stopped_metric_.Decrement();
  town.trouble.reset();
  if (!std::exchange(town.dropped, false)) return;
  // What comes now is behind a hole.
  town.halted = true;
  hooks_.ask_again();
}

void TownQueues::OnLost(Town& town) {
  obs::LogLine(obs::Severity::kError)
      .Str("message",
           "a stored cursor is behind what was followed: the log is asked again from there")
      .Str("source", options_.source)
      .Str("tenant", town.tenant)
      .Int("expected_seq", town.from)
      .Emit();
  if (!town.trouble.has_value()) waiting_ -= town.command->changes().size();
  town.command = nullptr;
  Halt(town);
}

void TownQueues::Halt(Town& town) {
  ForgetChanges(town);
  town.dropped = true;
  LeaveTrouble(town);
}

void TownQueues::ForgetChanges(Town& town) {
  if (!town.trouble.has_value()) waiting_ -= town.changes.size();
  town.changes.clear();
  town.up_to = town.from;  // or the cursor would pass what was forgotten
}

void TownQueues::Tick() {
  if (resting_) return;
  unsettled_ = false;
  absl::Time oldest = absl::InfiniteFuture();
  const auto see = [&](const Received& received) {
    oldest = std::min(oldest, base::FromTimestamp(received.change.time()));
  };
  for (auto& [tenant, town] : towns_) {
    if (!town.changes.empty()) see(town.changes.front());
    if (town.command != nullptr && !town.command->changes().empty())
      see(town.command->changes().front());
    unsettled_ |= town.command != nullptr || !town.changes.empty() || town.up_to > town.from;
    if (town.up_to > town.from && !town.trouble.has_value()) MakeReady(town);
  }
  const absl::Duration lag =
      oldest == absl::InfiniteFuture() ? absl::ZeroDuration() : clock_.Now() - oldest;
  lag_metric_.Set(absl::ToDoubleSeconds(lag));
}

}  // namespace pingan::changes
