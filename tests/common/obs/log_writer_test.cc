#include "common/obs/log_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace pingan::obs {
namespace {

using ::testing::HasSubstr;

std::string LineOf(size_t bytes) {
  std::string line(bytes, 'x');
  line.back() = '\n';
  return line;
}

// A pipe whose reader reads when the test says so.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_), 0); }
  ~Pipe() {
    CloseReader();
    CloseWriter();
  }

  int writer() const { return ends_[1]; }
  void CloseReader() { Close(ends_[0]); }
  void CloseWriter() { Close(ends_[1]); }
  int capacity() const { return fcntl(ends_[1], F_GETPIPE_SZ); }

  std::string ReadSome() {
    std::string some(1 << 16, '\0');
    const ssize_t got = read(ends_[0], some.data(), some.size());
    some.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return some;
  }

  // All up to the end, which comes when nobody has the writing end any more.
  std::string ReadAll() {
    std::string all;
    for (std::string some = ReadSome(); !some.empty(); some = ReadSome()) all += some;
    return all;
  }

 private:
  static void Close(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }

  int ends_[2];
};

// What the whole reports in `read` say was lost, together.
int DroppedIn(absl::string_view read) {
  int sum = 0;
  for (absl::string_view line : absl::StrSplit(read.substr(0, read.rfind('\n') + 1), '\n')) {
    const size_t at = line.find("\"dropped\":");
    int dropped = 0;
    if (at != absl::string_view::npos &&
        absl::SimpleAtoi(absl::StripSuffix(line.substr(at + 10), "}"), &dropped)) {
      sum += dropped;
    }
  }
  return sum;
}

TEST(LogWriterTest, LinesOfAllThreadsComeWholeAndInTheOrderOfEach) {
  constexpr int kThreads = 4;
  constexpr int kLines = 20'000;
  Pipe pipe;
  std::string read;
  std::thread reader([&] { read = pipe.ReadAll(); });
  {
    LogWriter writer(pipe.writer(), /*capacity=*/64 << 20);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&writer, t] {
        for (int i = 0; i < kLines; ++i) EXPECT_TRUE(writer.Write(absl::StrCat(t, " ", i, "\n")));
      });
    }
    for (auto& thread : threads) thread.join();
  }
  pipe.CloseWriter();
  reader.join();
  std::map<int, int> next;
  std::istringstream lines(read);
  int thread = 0;
  int number = 0;
  while (lines >> thread >> number) ASSERT_EQ(number, next[thread]++);
  for (int t = 0; t < kThreads; ++t) EXPECT_EQ(next[t], kLines);
}

TEST(LogWriterTest, LineIsWrittenSoonWithoutAFlush) {
  Pipe pipe;
  LogWriter writer(pipe.writer());
  for (const char* line : {"first\n", "second\n", "third\n"}) {
    writer.Write(line);
    EXPECT_EQ(pipe.ReadSome(), line);
  }
}

TEST(LogWriterTest, UrgentLinesAndFlushesDoNotLinger) {
  Pipe pipe;
  LogWriter writer(pipe.writer(), /*capacity=*/4096, /*linger=*/absl::InfiniteDuration());
  writer.Write("a\n", /*urgent=*/true);
  EXPECT_EQ(pipe.ReadSome(), "a\n");
  writer.Write("b\n");
  EXPECT_TRUE(writer.Flush());
  EXPECT_EQ(pipe.ReadSome(), "b\n");
  writer.Write(LineOf(2048));
  writer.Write("d\n");  // more than half of the capacity
  EXPECT_EQ(pipe.ReadSome().size(), 2050u);
}

TEST(LogWriterTest, SlowReaderLosesLinesAndIsToldHowMany) {
  Pipe pipe;
  LogWriter writer(pipe.writer(), /*capacity=*/1000);
  const std::string line = LineOf(100);
  const int more_than_fits = pipe.capacity() / 100 + 100;
  int lost = 0;
  for (int i = 0; i < more_than_fits || lost == 0; ++i) lost += writer.Write(line) ? 0 : 1;
  EXPECT_EQ(writer.dropped(), lost);
  // One report a batch: how many there are is for the scheduler to say, what they add up to is not.
  std::string read;
  while (DroppedIn(read) < lost) read += pipe.ReadSome();
  EXPECT_EQ(DroppedIn(read), lost);
  EXPECT_THAT(read, HasSubstr("\"log lines dropped\""));
}

TEST(LogWriterTest, FlushGivesUpOnAReaderThatDoesNotRead) {
  Pipe pipe;
  LogWriter writer(pipe.writer());
  writer.Write(std::string(pipe.capacity() + 1, 'x'));
  EXPECT_FALSE(writer.Flush(absl::Milliseconds(1)));
  while (!writer.Flush(absl::Milliseconds(1))) pipe.ReadSome();
  EXPECT_EQ(writer.dropped(), 0);
}

TEST(LogWriterTest, ClosedPipeCostsLinesAndNotTheProcess) {
  Pipe pipe;
  pipe.CloseReader();
  LogWriter writer(pipe.writer());
  writer.Write("a\n");
  EXPECT_TRUE(writer.Flush());
  EXPECT_EQ(writer.dropped(), 1);
}

TEST(LogWriterTest, FullDescriptorInNonBlockingModeIsWaitedFor) {
  Pipe pipe;
  ASSERT_EQ(fcntl(pipe.writer(), F_SETFL, O_NONBLOCK), 0);
  const size_t size = static_cast<size_t>(pipe.capacity()) * 3;
  LogWriter writer(pipe.writer());
  writer.Write(std::string(size, 'x'), /*urgent=*/true);
  size_t read = 0;
  while (read < size) read += pipe.ReadSome().size();
  EXPECT_TRUE(writer.Flush());
  EXPECT_EQ(writer.dropped(), 0);
}

}  // namespace
}  // namespace pingan::obs
