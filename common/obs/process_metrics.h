// What the process uses, read from Linux when Prometheus asks, under the names every Prometheus
// client library gives: process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds,
// process_threads. With them pingan_log_lines_dropped_total of LogWriter::Process().
#ifndef PINGAN_COMMON_OBS_PROCESS_METRICS_H_
#define PINGAN_COMMON_OBS_PROCESS_METRICS_H_

#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace pingan::obs {

// Thread safe.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace pingan::obs

#endif  // PINGAN_COMMON_OBS_PROCESS_METRICS_H_
