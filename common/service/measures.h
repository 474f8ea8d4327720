// What Prometheus sees of a serving process beside its calls: the writer's batches as they end, and
// queues, keys and readiness when they are taken.
#ifndef PINGAN_COMMON_SERVICE_MEASURES_H_
#define PINGAN_COMMON_SERVICE_MEASURES_H_

#include <functional>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "common/db/row_reader.h"
#include "common/db/town_writer.h"
#include "common/obs/metrics.h"
#include "common/rpc/key_set.h"

namespace pingan::service {

// For TownWriterOptions::on_batch.
std::function<void(const db::BatchReport&)> BatchMetrics();

// The series of one process; all calls by one thread.
class Measures {
 public:
  Measures();

  void SetReady(bool is_ready) { ready_.Set(is_ready ? 1 : 0); }
  void Take(const db::TownWriter& writer);
  void Take(const db::RowReader& reader);
  // `name` is "users" or "services".
  void Take(const std::string& name, rpc::KeyFile& keys, absl::Time now);

 private:
  struct Queue {
    obs::Gauge& waiting;
    obs::Gauge& limit;
  };
  struct Keys {
    obs::Gauge& sound;
    obs::Gauge& begin;
  };

  static Queue MakeQueue(const std::string& name);
  static Keys MakeKeys(const std::string& name);
  static void Set(const Queue& queue, const db::QueueLoad& load);

  obs::Gauge& ready_;
  const Queue writes_;
  const Queue lookups_;
  const Queue lists_;
  const std::map<std::string, Keys> keys_;
};

}  // namespace pingan::service

#endif  // PINGAN_COMMON_SERVICE_MEASURES_H_
