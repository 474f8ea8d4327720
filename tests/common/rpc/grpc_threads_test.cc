#include "common/rpc/grpc_threads.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/rpc/server.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "gtest/gtest.h"

namespace pingan::rpc {
namespace {

TEST(GrpcThreadsTest, WhoServedACallWaitsForTheNextWithoutEnd) {
  StartGrpcThreads();
  const auto server = Server::Start({}, {});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", (*server)->port()),
                                           grpc::InsecureChannelCredentials());
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext context;
  const grpc::Slice empty;
  grpc::ByteBuffer request(&empty, 1), answer;
  ASSERT_TRUE(
      grpc::internal::BlockingUnaryCall(channel.get(), method, &context, request, &answer).ok());
  EXPECT_GT(AttentivePollers(), 0);
  (*server)->Drain(absl::ZeroDuration(), absl::ZeroDuration());  // also ends their waiting
}

}  // namespace
}  // namespace pingan::rpc
