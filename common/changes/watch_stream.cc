#include "common/changes/watch_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "common/base/timestamps.h"
#include "common/db/read_session.h"
#include "common/obs/log.h"
#include "common/rpc/grpc_status.h"

namespace pingan::changes {
namespace {

// The next changes of many towns ($1, after $2, at most $3 each), in order of town and seq; by the
// primary key. Of rows not wanted ($4) the body stays where it is.
constexpr char kNextChanges[] = R"(
SELECT w.place, c.seq, c.wanted, c.id, c.time, c.actor, c.principal, c.method, c.name, c.type,
       c.mechanism, CASE WHEN c.wanted THEN c.body END
FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS w (tenant, after, place)
CROSS JOIN LATERAL (
  SELECT *, left(type, -strpos(reverse(type), '.')) = ANY($4::text[]) AS wanted
  FROM changes WHERE tenant = w.tenant AND seq > w.after ORDER BY seq LIMIT $3::bigint) AS c
ORDER BY w.place, c.seq)";

constexpr absl::Duration kLongestRead = absl::Seconds(10);

// What a change takes beside its body and name, roughly.
constexpr size_t kChangeOverhead = 200;

absl::Status GoingAway() { return base::Refuse(errors::v1::UNAVAILABLE); }

}  // namespace

ChangeService::Streams::Streams(ChangeFeed& feed, db::RowReader& reader,
                                ChangeServiceOptions options)
    : feed(feed),
      reader(reader),
      options(options),
      gaps(obs::MakeCounter("pingan_change_log_gaps_total",
                            "Towns whose change log was found to have lost changes.")),
      sent(obs::MakeCounter("pingan_changes_sent_total", "Changes read for followers.")) {}

grpc::ServerWriteReactor<v1::WatchResponse>* ChangeService::Streams::Open(
    const v1::WatchRequest& request) {
  auto stream = std::make_shared<WatchStream>(*this, request);
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_ || feed.lost())
      return new rpc::RefusedStream<v1::WatchResponse>(rpc::ToGrpcStatus(GoingAway()));
    open_.emplace(stream.get(), stream);
  }
  // Tells the follower that the stream stands, before there is anything to say.
  stream->StartSendInitialMetadata();
  feed.Add(*stream);
  return stream.get();
}

void ChangeService::Streams::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  EndAll();
}

void ChangeService::Streams::EndAll() {
  std::vector<std::shared_ptr<WatchStream>> open;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [address, stream] : open_) open.push_back(stream);
  }
  for (const auto& stream : open) stream->End(GoingAway());
}

void ChangeService::Streams::Forget(WatchStream& stream) {
  feed.Remove(stream);
  std::shared_ptr<WatchStream> last;  // outlives the lock
  absl::MutexLock lock(&mutex_);
  const auto found = open_.find(&stream);
  last = std::move(found->second);
  open_.erase(found);
}

WatchStream::WatchStream(ChangeService::Streams& streams, const v1::WatchRequest& request)
    : streams_(streams.shared_from_this()), rows_(request.rows().begin(), request.rows().end()) {
  for (const int bucket : request.buckets()) buckets_.set(bucket);
  if (request.buckets().empty()) buckets_.set();
  absl::MutexLock lock(&mutex_);
  for (const v1::Cursor& cursor : request.cursors()) towns_[cursor.tenant()].sent = cursor.seq();
}

void WatchStream::OnHeads(absl::Span<const db::Committed> heads) {
  Steps steps;
  {
    absl::MutexLock lock(&mutex_);
    for (const db::Committed& head : heads) {
      if (!buckets_.test(BucketOf(head.tenant))) continue;
      Entry& entry = *towns_.try_emplace(head.tenant).first;
      Town& town = entry.second;
      town.head = std::max(town.head, head.seq);
      if (town.head <= town.sent || town.ready || town.lost) continue;
      town.ready = true;
      ready_.push_back(&entry);
    }
    steps = Plan();
  }
  Take(steps);
}

WatchStream::Steps WatchStream::Plan() {
  Steps steps;
  if (ending_) {
    steps.finish = !writing_ && !finished_;
    finished_ |= steps.finish;
    return steps;
  }
  if (!writing_ && !outbox_.empty()) {
    writing_ = true;
    steps.write = &outbox_.front();
  }
  // One statement ahead of the follower, so that reading and sending overlap.
  if (!reading_ && outbox_.size() <= 1 && !ready_.empty()) {
    reading_ = true;
    steps.read = NextBatch();
  }
  return steps;
}

void WatchStream::Take(const Steps& steps) {
  const std::shared_ptr<WatchStream> self =
      shared_from_this();  // a finished write may end everything else
  if (steps.finish) Finish(status_);
  if (steps.write != nullptr) StartWrite(steps.write);
  if (steps.read == nullptr) return;
  streams_->reader.StartRead(
      [self, batch = steps.read](db::ReadSession& session) { return self->Read(*batch, session); },
      {.deadline = absl::Now() + kLongestRead, .abandoned = {}},
      [self, batch = steps.read](const absl::Status& status) { self->OnRead(*batch, status); });
}

std::shared_ptr<WatchStream::Batch> WatchStream::NextBatch() {
  auto batch = std::make_shared<Batch>();
  const size_t towns = std::min(ready_.size(), streams_->options.max_tenants);
  batch->limit = std::max<int64_t>(1, streams_->options.max_rows / static_cast<int64_t>(towns));
  for (size_t i = 0; i < towns; ++i) {
    batch->slices.push_back({ready_.front(), ready_.front()->second.sent + 1});
    ready_.pop_front();
  }
  return batch;
}

absl::Status WatchStream::Read(Batch& batch, db::ReadSession& session) const {
  std::vector<std::string> tenants;
  std::vector<std::string> after;
  for (const Slice& slice : batch.slices) {
    tenants.push_back(slice.town->first);
    after.push_back(absl::StrCat(slice.next - 1));
  }
  return session.Records(kNextChanges, {tenants, after, batch.limit, rows_},
                         [&](const db::Record& record) { Add(batch, record); });
}

void WatchStream::Add(Batch& batch, const db::Record& record) const {
  Slice& slice = batch.slices[record.Integer(0) - 1];
  const int64_t seq = record.Integer(1);
  slice.gap |= seq != slice.next;
  if (slice.gap) return;
  ++slice.next;

  const std::string& tenant = slice.town->first;
  if (batch.responses.empty() || batch.bytes >= streams_->options.max_response_bytes) {
    batch.responses.emplace_back();
    batch.bytes = 0;
  }
  auto& towns = *batch.responses.back().mutable_tenants();
  if (towns.empty() || towns.rbegin()->tenant() != tenant) towns.Add()->set_tenant(tenant);
  v1::TenantChanges& town = *towns.rbegin();
  town.set_up_to(seq);
  if (!record.Flag(2)) return;

  v1::Change& change = *town.add_changes();
  change.set_tenant(tenant);
  change.set_seq(seq);
  change.set_id(std::string(record.Text(3)));
  *change.mutable_time() = base::ToTimestamp(record.Time(4));
  change.set_actor(std::string(record.Text(5)));
  change.set_principal(std::string(record.Text(6)));
  change.set_method(std::string(record.Text(7)));
  change.set_name(std::string(record.Text(8)));
  change.set_type(std::string(record.Text(9)));
  change.set_mechanism(static_cast<int32_t>(record.Integer(10)));
  change.set_body(record.Bytes(11));
  batch.bytes += kChangeOverhead + change.body().size() + change.name().size();
}

void WatchStream::OnRead(Batch& batch, const absl::Status& status) {
  if (!status.ok()) return End(status);
  Steps steps;
  {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
    for (Slice& slice : batch.slices) OnSliceRead(slice);
    for (v1::WatchResponse& response : batch.responses) outbox_.push_back(std::move(response));
    steps = Plan();
  }
  Take(steps);
}

void WatchStream::OnSliceRead(Slice& slice) {
  Town& town = slice.town->second;
  const bool nothing = slice.next - 1 == town.sent;
  streams_->sent.Increment(static_cast<double>(slice.next - 1 - town.sent));
  town.sent = slice.next - 1;
  town.ready = false;
  if (slice.gap || nothing) {
    town.lost = true;
    streams_->gaps.Increment();
    obs::LogLine(obs::Severity::kError)
        .Str("message", "the change log has a gap: data is lost")
        .Str("tenant", slice.town->first)
        .Int("missing_seq", slice.next)
        .Int("head_seq", town.head)
        .Emit();
  } else if (town.head > town.sent) {
    town.ready = true;
    ready_.push_back(slice.town);
  }
}

void WatchStream::OnWriteDone(bool ok) {
  Steps steps;
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    outbox_.pop_front();
    if (!ok && !ending_) {
      ending_ = true;
      status_ = grpc::Status::CANCELLED;
    }
    steps = Plan();
  }
  Take(steps);
}

void WatchStream::End(const absl::Status& status) {
  Steps steps;
  {
    absl::MutexLock lock(&mutex_);
    if (!ending_) {
      ending_ = true;
      status_ = rpc::ToGrpcStatus(status);
    }
    steps = Plan();
  }
  Take(steps);
}

void WatchStream::OnCancel() { End(base::Refuse(errors::v1::CANCELLED)); }

void WatchStream::OnDone() { streams_->Forget(*this); }

}  // namespace pingan::changes
