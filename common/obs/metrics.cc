#include "common/obs/metrics.h"

#include <exception>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/obs/process_metrics.h"
#include "prometheus/family.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"

ABSL_FLAG(std::string, metrics_address, "127.0.0.1",
          "Address on which /metrics is served; 0.0.0.0 for all.");
ABSL_FLAG(int, metrics_port, -1,
          "Port on which /metrics is served; 0 takes a free one, -1 serves none.");

namespace pingan::obs {
namespace {

constexpr int kUnknownCode = 2;
constexpr std::array<const char*, 17> kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

// A scrape takes a few milliseconds; the second thread is for whoever looks by hand meanwhile.
constexpr size_t kServingThreads = 2;

const std::shared_ptr<prometheus::Registry>& ProcessRegistry() {
  static const auto* const kRegistry =
      new std::shared_ptr<prometheus::Registry>(std::make_shared<prometheus::Registry>());
  return *kRegistry;
}

const std::shared_ptr<prometheus::Collectable>& ProcessCollectable() {
  static const auto* const kCollectable =
      new std::shared_ptr<prometheus::Collectable>(std::make_shared<ProcessMetrics>());
  return *kCollectable;
}

}  // namespace

const std::vector<double>& DurationBuckets() {
  static const auto* const kBounds = new std::vector<double>{
      0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
  return *kBounds;
}

const std::vector<double>& SizeBuckets() {
  static const auto* const kBounds =
      new std::vector<double>{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
  return *kBounds;
}

Counter& MakeCounter(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(*ProcessRegistry()).Add(labels);
}

Gauge& MakeGauge(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(*ProcessRegistry()).Add(labels);
}

Histogram& MakeHistogram(const std::string& name, const std::string& help, const Labels& labels,
                         const std::vector<double>& bounds) {
  return prometheus::BuildHistogram()
      .Name(name)
      .Help(help)
      .Register(*ProcessRegistry())
      .Add(labels, bounds);
}

MethodMetrics::MethodMetrics(const std::string& method)
    : duration_(&MakeHistogram("pingan_call_duration_seconds",
                               "From the call's arrival to its answer.", {{"method", method}},
                               DurationBuckets())),
      in_flight_(&MakeGauge("pingan_calls_in_flight", "Calls that are not answered yet.",
                            {{"method", method}})) {
  for (size_t code = 0; code < calls_.size(); ++code) {
    calls_[code] = &MakeCounter("pingan_calls_total", "Answered calls by gRPC code.",
                                {{"method", method}, {"code", kCodeNames[code]}});
  }
}

void MethodMetrics::Ended(int code, absl::Duration took) {
  const bool known = code >= 0 && code < static_cast<int>(calls_.size());
  calls_[known ? code : kUnknownCode]->Increment();
  duration_->Observe(absl::ToDoubleSeconds(took));
  in_flight_->Decrement();
}

MetricsServer::MetricsServer(std::unique_ptr<prometheus::Exposer> exposer)
    : exposer_(std::move(exposer)) {}

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const std::string& address,
                                                                    int port) {
  const std::string endpoint = absl::StrCat(address, ":", port);
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(endpoint, kServingThreads);
    exposer->RegisterCollectable(ProcessRegistry());
    exposer->RegisterCollectable(ProcessCollectable());
    return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(exposer)));
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        absl::StrCat("cannot serve metrics on ", endpoint, ": ", error.what()));
  }
}

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::StartFromFlags() {
  const int port = absl::GetFlag(FLAGS_metrics_port);
  if (port < 0) return nullptr;
  return Start(absl::GetFlag(FLAGS_metrics_address), port);
}

int MetricsServer::port() const { return exposer_->GetListeningPorts().front(); }

std::string MetricsText() {
  std::vector<prometheus::MetricFamily> families = ProcessRegistry()->Collect();
  for (prometheus::MetricFamily& family : ProcessCollectable()->Collect())
    families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace pingan::obs
