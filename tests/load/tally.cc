#include "tests/load/tally.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"

namespace pingan::load {
namespace {

double Milliseconds(const std::vector<int64_t>& sorted, double part) {
  const auto at = static_cast<size_t>(part * static_cast<double>(sorted.size() - 1));
  return static_cast<double>(sorted[at]) / 1e6;
}

}  // namespace

void Tally::Add(const Answer& answer, int64_t nanoseconds) {
  by_status_[answer.status].push_back(nanoseconds);
  if (answer.status == 0 && !answer.right) ++wrong_;
}

std::string Tally::ToJson(double seconds) {
  size_t right = by_status_.count(0) > 0 ? by_status_[0].size() : 0;
  right -= static_cast<size_t>(wrong_);
  std::string json = absl::StrFormat("{\"seconds\":%.3f,\"rate\":%.1f,\"wrong\":%d,\"statuses\":{",
                                     seconds, static_cast<double>(right) / seconds, wrong_);
  const char* comma = "";
  for (auto& [status, took] : by_status_) {
    std::sort(took.begin(), took.end());
    absl::StrAppendFormat(&json,
                          "%s\"%d\":{\"count\":%d,\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,"
                          "\"p999\":%.3f}",
                          std::exchange(comma, ","), status, took.size(), Milliseconds(took, 0.5),
                          Milliseconds(took, 0.9), Milliseconds(took, 0.99),
                          Milliseconds(took, 0.999));
  }
  return json + "}}";
}

}  // namespace pingan::load
