// Prometheus metrics of the process: one registry, series resolved once at start, served on
// /metrics.
//
// Names follow https://prometheus.io/docs/practices/naming/: pingan_<thing>_<unit>, counters end in
// _total, durations are seconds. Labels have few values: never ids, names or texts from outside.
// Make* look up or make a series under a lock: call them at start and keep the reference, which
// lives as long as the process. Making the same name and labels again gives the same series; a name
// that is in use for another kind of metric ends the process. Changing a series is thread safe and
// takes well under a microsecond.
#ifndef PINGAN_COMMON_OBS_METRICS_H_
#define PINGAN_COMMON_OBS_METRICS_H_

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/exposer.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"

namespace pingan::obs {

using Counter = prometheus::Counter;
using Gauge = prometheus::Gauge;
using Histogram = prometheus::Histogram;
using Labels = std::map<std::string, std::string>;

// Upper bounds in seconds for what a caller or a queue waits: 0.5 ms to 10 s, three per decade.
const std::vector<double>& DurationBuckets();
// Upper bounds for numbers of things taken together: 1, 2, 4 ... 1024.
const std::vector<double>& SizeBuckets();

Counter& MakeCounter(const std::string& name, const std::string& help, const Labels& labels = {});
Gauge& MakeGauge(const std::string& name, const std::string& help, const Labels& labels = {});
Histogram& MakeHistogram(const std::string& name, const std::string& help, const Labels& labels,
                         const std::vector<double>& bounds);

// The series of one gRPC method:
//   pingan_calls_total{method,code}         ended calls by gRPC code's name ("OK", "NOT_FOUND")
//   pingan_call_duration_seconds{method}    histogram
//   pingan_calls_in_flight{method}
// Every Started() is followed by one Ended(). Thread safe.
class MethodMetrics {
 public:
  // `method` as in "pingan.event.v1.EventService/GetEvent".
  explicit MethodMetrics(const std::string& method);

  void Started() { in_flight_->Increment(); }
  // `code` is a gRPC status code, 0 to 16; others count as UNKNOWN.
  void Ended(int code, absl::Duration took);

 private:
  std::array<Counter*, 17> calls_;
  Histogram* duration_;
  Gauge* in_flight_;
};

// Serves /metrics over HTTP on threads of its own until destroyed, which takes up to 2 s (CivetWeb
// waits for its poll): a program that ends keeps it to the end of main, after all that matters.
class MetricsServer {
 public:
  // Listens on `address` ("127.0.0.1" or "0.0.0.0") and `port` (0: any free one). UNAVAILABLE when
  // it cannot.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& address, int port);
  // As the flags --metrics_address and --metrics_port say; null when --metrics_port is negative.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> StartFromFlags();

  int port() const;

 private:
  explicit MetricsServer(std::unique_ptr<prometheus::Exposer> exposer);

  std::unique_ptr<prometheus::Exposer> exposer_;
};

// What /metrics answers, for tests.
std::string MetricsText();

}  // namespace pingan::obs

#endif  // PINGAN_COMMON_OBS_METRICS_H_
