#include "common/rpc/grpc_threads.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/server.h"
#include "gmock/gmock.h"
#include "grpc/support/cpu.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "gtest/gtest.h"

namespace pingan::rpc {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::Not;

// Of this process's threads of that name, in nanoseconds, as the kernel has it; "" where it does
// not say, because that takes CAP_SYS_NICE.
std::vector<std::string> SlackOf(const std::string& name) {
  std::vector<std::string> slack;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string found, nanoseconds;
    std::getline(std::ifstream(task.path() / "comm"), found);
    if (found != name) continue;
    std::ifstream("/proc/" + task.path().filename().string() + "/timerslack_ns") >> nanoseconds;
    slack.push_back(nanoseconds);
  }
  return slack;
}

auto AreThereWithSlack(const std::string& nanoseconds) {
  return AllOf(Not(IsEmpty()), AnyOf(Each(nanoseconds), Each("")));
}

// Once all of gRPC's pollers have come to their queue: they start with the server, each in its
// time.
Pollers WhenAllCame() {
  const int all = std::max(2, static_cast<int>(gpr_cpu_num_cores() / 2));
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  Pollers pollers = CountPollers();
  while (pollers.waiting + pollers.sleeping < all && absl::Now() < deadline) {
    std::this_thread::yield();
    pollers = CountPollers();
  }
  return pollers;
}

TEST(GrpcThreadsTest, SoManyPollersWaitWithoutEndAndTimersMayBeLate) {
  for (const int wanted : {1, 2, 1}) {
    SCOPED_TRACE(wanted);
    StartGrpcThreads(wanted);
    auto server = Server::Start({}, {});
    ASSERT_TRUE(server.ok()) << server.status();
    {
      const auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", (*server)->port()),
                                               grpc::InsecureChannelCredentials());
      const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                             grpc::internal::RpcMethod::NORMAL_RPC);
      grpc::ClientContext context;
      const grpc::Slice empty;
      grpc::ByteBuffer request(&empty, 1), answer;
      ASSERT_TRUE(
          grpc::internal::BlockingUnaryCall(channel.get(), method, &context, request, &answer)
              .ok());
    }
    const Pollers pollers = WhenAllCame();
    EXPECT_EQ(pollers.waiting, wanted);
    EXPECT_GE(pollers.sleeping, 2 - wanted);
    EXPECT_THAT(SlackOf("timer_manager"), AreThereWithSlack("1000000000"));
    EXPECT_THAT(SlackOf("grpc_global_tim"), AreThereWithSlack("1000000000"));
    EXPECT_THAT(SlackOf("nexting_thread"), AreThereWithSlack("50000"))
        << "who started them has the usual one";
    (*server)->Drain(absl::ZeroDuration(), absl::ZeroDuration());  // also ends their waiting
    server->reset();                                               // and they are gone
    EXPECT_EQ(CountPollers().waiting + CountPollers().sleeping, 0);
  }
}

}  // namespace
}  // namespace pingan::rpc
