#include "common/obs/metrics.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"

ABSL_DECLARE_FLAG(int, metrics_port);
ABSL_DECLARE_FLAG(std::string, metrics_address);

namespace pingan::obs {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// What a scrape of 127.0.0.1:port answers.
std::string Scrape(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(send(connection, request.data(), request.size(), 0),
            static_cast<ssize_t>(request.size()));
  std::string answer;
  char part[4096];
  for (ssize_t got; (got = recv(connection, part, sizeof(part), 0)) > 0;) answer.append(part, got);
  close(connection);
  return answer;
}

TEST(MetricsTest, SameNameAndLabelsAreTheSameSeries) {
  Counter& one = MakeCounter("pingan_test_things_total", "Things.", {{"kind", "a"}});
  Counter& same = MakeCounter("pingan_test_things_total", "Things.", {{"kind", "a"}});
  Counter& other = MakeCounter("pingan_test_things_total", "Things.", {{"kind", "b"}});
  EXPECT_EQ(&one, &same);
  EXPECT_NE(&one, &other);
  one.Increment(3);
  EXPECT_THAT(MetricsText(), HasSubstr("pingan_test_things_total{kind=\"a\"} 3\n"));
  EXPECT_THAT(MetricsText(), HasSubstr("pingan_test_things_total{kind=\"b\"} 0\n"));
  EXPECT_THAT(MetricsText(), HasSubstr("# HELP pingan_test_things_total Things.\n"));
}

TEST(MetricsTest, HistogramCountsUpToAndWithItsBounds) {
  Histogram& sizes = MakeHistogram("pingan_test_batch_size", "Sizes.", {}, SizeBuckets());
  for (double size : {1, 2, 3, 1024, 1025}) sizes.Observe(size);
  const std::string text = MetricsText();
  EXPECT_THAT(text, HasSubstr("pingan_test_batch_size_bucket{le=\"1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("pingan_test_batch_size_bucket{le=\"2\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("pingan_test_batch_size_bucket{le=\"1024\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("pingan_test_batch_size_bucket{le=\"+Inf\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("pingan_test_batch_size_sum 2055\n"));
}

TEST(MethodMetricsTest, CountsCallsByCodeAndTheirDuration) {
  MethodMetrics metrics("pingan.test.v1.TestService/Do");
  metrics.Started();
  metrics.Started();
  metrics.Started();
  metrics.Ended(0, absl::Milliseconds(1));
  metrics.Ended(99, absl::Seconds(20));
  const std::string text = MetricsText();
  const std::string method = "method=\"pingan.test.v1.TestService/Do\"";
  EXPECT_THAT(text, HasSubstr("pingan_calls_in_flight{" + method + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("pingan_calls_total{code=\"OK\"," + method + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("pingan_calls_total{code=\"UNKNOWN\"," + method + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("pingan_calls_total{code=\"UNAUTHENTICATED\"," + method + "} 0\n"));
  EXPECT_THAT(text,
              HasSubstr("pingan_call_duration_seconds_bucket{" + method + ",le=\"0.001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("pingan_call_duration_seconds_count{" + method + "} 2\n"));
}

// One server for all: closing one takes 2 s.
class MetricsServerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server = *MetricsServer::Start("127.0.0.1", 0); }
  static void TearDownTestSuite() { server.reset(); }

  static inline std::unique_ptr<MetricsServer> server;
};

TEST_F(MetricsServerTest, ServesOurSeriesAndThoseOfTheProcess) {
  MakeGauge("pingan_test_gauge", "Gauge.").Set(7);
  const std::string answer = Scrape(server->port());
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("pingan_test_gauge 7\n"));
  EXPECT_THAT(answer, HasSubstr("process_cpu_seconds_total"));
  EXPECT_THAT(answer, HasSubstr("pingan_log_lines_dropped_total 0"));
}

TEST_F(MetricsServerTest, PortInUseIsUnavailable) {
  const auto second = MetricsServer::Start("127.0.0.1", server->port());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(MetricsServerTest, FlagsSayWhereAndWhether) {
  const absl::FlagSaver saver;
  EXPECT_EQ(*MetricsServer::StartFromFlags(), nullptr);
  absl::SetFlag(&FLAGS_metrics_port, 0);
  absl::SetFlag(&FLAGS_metrics_address, "0.0.0.0");
  const auto server = MetricsServer::StartFromFlags();
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_THAT(Scrape((*server)->port()), StartsWith("HTTP/1.1 200"));
}

TEST(ProcessMetricsTest, AreWhatTheProcessUses) {
  const auto value_of = [](const std::string& name) {
    const std::string text = "\n" + MetricsText();
    return std::stod(text.substr(text.find("\n" + name + " ") + name.size() + 2));
  };
  EXPECT_GT(value_of("process_cpu_seconds_total"), 0);
  EXPECT_GT(value_of("process_resident_memory_bytes"), 1 << 20);
  const double open_before = value_of("process_open_fds");
  const int opened = dup(0);
  EXPECT_EQ(value_of("process_open_fds"), open_before + 1);
  close(opened);
  EXPECT_GE(value_of("process_threads"), 1);
}

}  // namespace
}  // namespace pingan::obs
