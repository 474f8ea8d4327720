#include "common/service/measures.h"

#include <algorithm>
#include <memory>

namespace pingan::service {

std::function<void(const db::BatchReport&)> BatchMetrics() {
  obs::Histogram& size =
      obs::MakeHistogram("pingan_write_batch_commands", "Commands that shared one transaction.", {},
                         obs::SizeBuckets());
  obs::Histogram& waited =
      obs::MakeHistogram("pingan_write_queue_wait_seconds",
                         "Longest wait of a batch's commands before their transaction began.", {},
                         obs::DurationBuckets());
  obs::Histogram& took =
      obs::MakeHistogram("pingan_write_batch_duration_seconds",
                         "From taking the commands to their commit.", {}, obs::DurationBuckets());
  obs::Counter& changes =
      obs::MakeCounter("pingan_change_rows_total", "Rows written to the change log.");
  obs::Counter& alone =
      obs::MakeCounter("pingan_write_alone_total", "Commands run singly after their batch failed.");
  obs::Counter& late = obs::MakeCounter("pingan_write_late_reads_total",
                                        "Statements for rows that nothing foresaw.");
  obs::Counter& replayed =
      obs::MakeCounter("pingan_write_replays_total", "Commands answered from an earlier one.");
  return [&](const db::BatchReport& batch) {
    size.Observe(static_cast<double>(batch.commands));
    waited.Observe(absl::ToDoubleSeconds(batch.waited));
    took.Observe(absl::ToDoubleSeconds(batch.took));
    changes.Increment(static_cast<double>(batch.changes));
    late.Increment(static_cast<double>(batch.late_reads));
    replayed.Increment(static_cast<double>(batch.replayed));
    if (batch.alone) alone.Increment();
  };
}

Measures::Measures()
    : ready_(obs::MakeGauge("pingan_ready",
                            "1 when the database answers and its schema fits this program.")),
      writes_(MakeQueue("writes")),
      lookups_(MakeQueue("lookups")),
      lists_(MakeQueue("lists")),
      keys_({{"users", MakeKeys("users")}, {"services", MakeKeys("services")}}) {}

Measures::Queue Measures::MakeQueue(const std::string& name) {
  return {.waiting =
              obs::MakeGauge("pingan_queue_waiting",
                             "Callers whose work has not reached the database.", {{"queue", name}}),
          .limit = obs::MakeGauge("pingan_queue_limit",
                                  "Waiting callers past which one is told to come later.",
                                  {{"queue", name}})};
}

Measures::Keys Measures::MakeKeys(const std::string& name) {
  return {.sound = obs::MakeGauge("pingan_keys_sound",
                                  "1 when the file of public keys could be used as it is now.",
                                  {{"keys", name}}),
          .begin = obs::MakeGauge("pingan_keys_begin_timestamp_seconds",
                                  "When the newest key begins to sign; 0 when it does not say.",
                                  {{"keys", name}})};
}

void Measures::Set(const Queue& queue, const db::QueueLoad& load) {
  queue.waiting.Set(static_cast<double>(load.waiting));
  queue.limit.Set(static_cast<double>(load.limit));
}

void Measures::Take(const db::TownWriter& writer) { Set(writes_, writer.load()); }

void Measures::Take(const db::RowReader& reader) {
  Set(lookups_, reader.lookups_load());
  Set(lists_, reader.lists_load());
}

void Measures::Take(const std::string& name, rpc::KeyFile& keys, absl::Time now) {
  absl::Time newest = absl::UnixEpoch();
  const std::shared_ptr<const rpc::KeySet> known = keys.Current(now).keys;
  for (const rpc::Key& key : known->keys()) newest = std::max(newest, key.not_before);
  const Keys& series = keys_.at(name);
  series.begin.Set(static_cast<double>(absl::ToUnixSeconds(newest)));
  series.sound.Set(keys.last_load().ok() ? 1 : 0);
}

}  // namespace pingan::service
