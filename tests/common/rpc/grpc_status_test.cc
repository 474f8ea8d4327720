#include "common/rpc/grpc_status.h"

#include <string>

#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/refusals.h"

namespace pingan::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(GrpcStatusTest, RefusalTravelsWithAllItsDetails) {
  const absl::Status refusal =
      base::Refuse(errors::v1::WRONG_STATE, {{"state", "HELD"}, {"allowed", "Correct"}});
  const grpc::Status wire = ToGrpcStatus(refusal);
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_FALSE(wire.error_details().empty());
  const absl::Status back = FromGrpcStatus(wire);
  EXPECT_EQ(back, refusal);
  EXPECT_EQ(base::ReasonOf(back), "WRONG_STATE");
  EXPECT_EQ(base::ToRpcStatus(back).SerializeAsString(),
            base::ToRpcStatus(refusal).SerializeAsString());
}

TEST(GrpcStatusTest, ViolationsTravel) {
  const absl::Status refusal = base::RefuseFields({{"a", "必填"}, {"b[1]", "最多 3 个字符"}});
  EXPECT_THAT(ViolationsOf(FromGrpcStatus(ToGrpcStatus(refusal))),
              ElementsAre("a: 必填", "b[1]: 最多 3 个字符"));
}

TEST(GrpcStatusTest, OkIsOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST(GrpcStatusTest, NothingOfAForeignStatusLeaks) {
  const grpc::Status wire = ToGrpcStatus(absl::InternalError("relation \"people\" does not exist"));
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(wire.error_message(), Not(HasSubstr("people")));
  EXPECT_THAT(wire.error_details(), Not(HasSubstr("people")));
  EXPECT_EQ(base::ReasonOf(FromGrpcStatus(wire)), "INTERNAL");
}

TEST(GrpcStatusTest, TransportFailuresOfAPeerHaveOurReasons) {
  EXPECT_EQ(base::ReasonOf(
                FromGrpcStatus({grpc::StatusCode::UNAVAILABLE, "failed to connect to 10.0.0.1"})),
            "UNAVAILABLE");
  EXPECT_EQ(base::ReasonOf(FromGrpcStatus({grpc::StatusCode::DEADLINE_EXCEEDED, ""})),
            "DEADLINE_EXCEEDED");
  EXPECT_EQ(base::ReasonOf(FromGrpcStatus({grpc::StatusCode::CANCELLED, ""})), "UNAVAILABLE");
  const absl::Status other = FromGrpcStatus({grpc::StatusCode::UNIMPLEMENTED, "x"});
  EXPECT_EQ(other.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(base::ReasonOf(other), "");
}

TEST(GrpcStatusTest, DetailsThatDoNotFitAreNotBelieved) {
  const grpc::Status sound = ToGrpcStatus(base::Refuse(errors::v1::FULL));
  for (const grpc::Status& bent :
       {grpc::Status(grpc::StatusCode::INTERNAL, "",
                     sound.error_details()),  // the code says otherwise
        grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "", "\xff\xff no proto"),
        grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "", ""),
        grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "",
                     sound.error_details() + std::string(100'000, '\0'))}) {
    const absl::Status back = FromGrpcStatus(bent);
    EXPECT_FALSE(back.ok());
    EXPECT_EQ(base::ReasonOf(back), "");
  }
}

absl::Status OverloadedFor(absl::Duration duration) {
  return base::RefuseFor(duration, errors::v1::OVERLOADED);
}

TEST(RetryAfterTest, IsWholeSecondsAndAtLeastOne) {
  EXPECT_EQ(RetryAfterSeconds(OverloadedFor(absl::Milliseconds(20))), 1);
  EXPECT_EQ(RetryAfterSeconds(OverloadedFor(absl::Milliseconds(1001))), 2);
  EXPECT_EQ(RetryAfterSeconds(OverloadedFor(absl::Seconds(5))), 5);
  EXPECT_EQ(RetryAfterSeconds(OverloadedFor(absl::ZeroDuration())), 1);
  EXPECT_EQ(RetryAfterSeconds(base::Refuse(errors::v1::FULL)), std::nullopt);
  EXPECT_EQ(RetryAfterSeconds(absl::OkStatus()), std::nullopt);
}

}  // namespace
}  // namespace pingan::rpc
