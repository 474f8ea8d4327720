#include "common/obs/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "common/obs/log_writer.h"

namespace pingan::obs {
namespace {

prometheus::MetricFamily Family(std::string name, std::string help, prometheus::MetricType type,
                                double value) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {std::move(name), std::move(help), type, {metric}};
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  double all_pages = 0;
  double resident_pages = 0;
  statm >> all_pages >> resident_pages;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double CountEntries(const char* folder) {
  std::error_code error;
  const std::filesystem::directory_iterator entries(folder, error);
  return error ? 0 : static_cast<double>(std::distance(begin(entries), end(entries)));
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  using prometheus::MetricType;
  return {
      Family("process_cpu_seconds_total", "User and system time used.", MetricType::Counter,
             CpuSeconds()),
      Family("process_resident_memory_bytes", "Memory in use.", MetricType::Gauge, ResidentBytes()),
      Family("process_open_fds", "Open file descriptors.", MetricType::Gauge,
             CountEntries("/proc/self/fd")),
      Family("process_threads", "Threads.", MetricType::Gauge, CountEntries("/proc/self/task")),
      Family("pingan_log_lines_dropped_total",
             "Log lines lost because stderr was not read in time.", MetricType::Counter,
             static_cast<double>(LogWriter::Process().dropped())),
  };
}

}  // namespace pingan::obs
