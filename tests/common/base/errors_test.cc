#include "common/base/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/protobuf/descriptor.h"
#include "google/rpc/error_details.pb.h"
#include "pingan/options/v1/options.pb.h"

namespace pingan::base {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// The detail of type T; a default one when there is none.
template <class T>
T Detail(const absl::Status& status) {
  T detail;
  const google::rpc::Status sent = ToRpcStatus(status);
  for (const auto& any : sent.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return T();
}

std::string Shown(const absl::Status& status) {
  return Detail<google::rpc::LocalizedMessage>(status).message();
}

TEST(ErrorsTest, EveryReasonHasACodeThatIsAnErrorAndATextForAPerson) {
  const auto* reasons = errors::v1::Reason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    SCOPED_TRACE(reasons->value(i)->name());
    const auto& options = reasons->value(i)->options();
    EXPECT_GE(options.GetExtension(options::v1::code), 1);
    EXPECT_LE(options.GetExtension(options::v1::code), 16);
    EXPECT_THAT(options.GetExtension(options::v1::zh), Not(IsEmpty()));
    const absl::Status refusal =
        Refuse(static_cast<errors::v1::Reason>(reasons->value(i)->number()));
    EXPECT_EQ(static_cast<int>(refusal.code()), options.GetExtension(options::v1::code));
    EXPECT_EQ(ReasonOf(refusal), reasons->value(i)->name());
    EXPECT_THAT(Shown(refusal), Not(HasSubstr("{")));
  }
}

TEST(ErrorsTest, RefusalCarriesReasonDomainAndMetadata) {
  const absl::Status refusal = Refuse(errors::v1::UNIT_RETIRED, {{"successor", "330481003006"}});
  EXPECT_EQ(refusal.code(), absl::StatusCode::kFailedPrecondition);
  const auto info = Detail<google::rpc::ErrorInfo>(refusal);
  EXPECT_EQ(info.reason(), "UNIT_RETIRED");
  EXPECT_EQ(info.domain(), "pingan");
  EXPECT_THAT(info.metadata(), UnorderedElementsAre(Pair("successor", "330481003006")));
  EXPECT_EQ(Detail<google::rpc::LocalizedMessage>(refusal).locale(), "zh-CN");
}

TEST(ErrorsTest, PlaceholdersTakeThePersonsWordBeforeTheMachinesAndNothingWhenAbsent) {
  const struct {
    Metadata metadata;
    const char* shown;
  } cases[] = {
      {{{"state", "DRAFT"}, {"allowed", "publish"}},
       "当前状态（DRAFT）不能这样操作，可以：publish"},
      {{{"state", "DRAFT"}, {"state_zh", "草稿"}, {"allowed", "publish"}, {"allowed_zh", "发布"}},
       "当前状态（草稿）不能这样操作，可以：发布"},
      {{{"state", "{allowed}"}, {"allowed", "x"}}, "当前状态（{allowed}）不能这样操作，可以：x"},
      {{{"state", "A"}, {"state", "B"}}, "当前状态（B）不能这样操作，可以："},
      {{}, "当前状态（）不能这样操作，可以："},
  };
  for (const auto& c : cases)
    EXPECT_EQ(Shown(Refuse(errors::v1::WRONG_STATE, c.metadata)), c.shown);
}

TEST(ErrorsTest, UnknownNumberOfReasonIsInternal) {
  EXPECT_EQ(ReasonOf(Refuse(static_cast<errors::v1::Reason>(99999))), "INTERNAL");
}

TEST(ErrorsTest, RefusedFieldIsNamedAndItsDescriptionShown) {
  const absl::Status refusal = RefuseField("event.title", "标题不能为空");
  EXPECT_EQ(refusal.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(refusal), "INVALID_FIELD");
  EXPECT_EQ(Shown(refusal), "标题不能为空");
  const auto bad = Detail<google::rpc::BadRequest>(refusal);
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "event.title");
  EXPECT_EQ(bad.field_violations(0).description(), "标题不能为空");
}

TEST(ErrorsTest, RefusedFieldMayHaveAnotherReason) {
  EXPECT_EQ(ReasonOf(RefuseField("page_token", "翻页标记无效", errors::v1::INVALID_PAGE_TOKEN)),
            "INVALID_PAGE_TOKEN");
}

TEST(ErrorsTest, AllRefusedFieldsAreNamed) {
  const absl::Status refusal =
      RefuseFields({{"event.title", "标题不能为空"}, {"event.capacity", "人数须大于零"}});
  EXPECT_EQ(Detail<google::rpc::BadRequest>(refusal).field_violations_size(), 2);
  EXPECT_EQ(Shown(refusal), "标题不能为空；人数须大于零");
  EXPECT_THAT(Detail<google::rpc::ErrorInfo>(refusal).metadata(),
              ElementsAre(Pair("field", "event.title,event.capacity")));
}

TEST(ErrorsTest, WhatEndsByItselfSaysWhenToTryAgain) {
  const absl::Status refusal = RefuseFor(absl::Milliseconds(1250), errors::v1::OVERLOADED);
  EXPECT_EQ(refusal.code(), absl::StatusCode::kResourceExhausted);
  const auto retry = Detail<google::rpc::RetryInfo>(refusal);
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 250'000'000);
}

TEST(ErrorsTest, StatusThatIsNoRefusalLeaksNothing) {
  const struct {
    absl::StatusCode code;
    const char* reason;
    int wire_code;
  } cases[] = {
      {absl::StatusCode::kUnknown, "INTERNAL", 13},
      {absl::StatusCode::kNotFound, "INTERNAL", 13},
      {absl::StatusCode::kDataLoss, "INTERNAL", 13},
      {absl::StatusCode::kCancelled, "CANCELLED", 1},
      {absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", 4},
      {absl::StatusCode::kUnavailable, "UNAVAILABLE", 14},
  };
  for (const auto& c : cases) {
    absl::Status status(c.code, "relation secret_table of 王小明 does not exist");
    status.SetPayload("elsewhere/detail", absl::Cord("secret_table"));
    const google::rpc::Status sent = ToRpcStatus(status);
    EXPECT_EQ(sent.code(), c.wire_code);
    EXPECT_THAT(sent.SerializeAsString(), Not(HasSubstr("secret")));
    EXPECT_EQ(ReasonOf(FromRpcStatus(sent)), c.reason);
    EXPECT_EQ(ReasonOf(status), "");
  }
}

TEST(ErrorsTest, PayloadThatDoesNotParseLeaksNothing) {
  absl::Status status = absl::UnknownError("x");
  status.SetPayload("pingan/status", absl::Cord("\xFF secret"));
  EXPECT_THAT(ToRpcStatus(status).SerializeAsString(), Not(HasSubstr("secret")));
}

TEST(ErrorsTest, OkIsOkOnTheWire) {
  EXPECT_EQ(ToRpcStatus(absl::OkStatus()).SerializeAsString(), "");
  EXPECT_TRUE(FromRpcStatus(google::rpc::Status()).ok());
}

TEST(ErrorsTest, RefusalOfAPeerStaysTheSame) {
  const google::rpc::Status sent = ToRpcStatus(Refuse(errors::v1::FULL));
  const absl::Status received = FromRpcStatus(sent);
  EXPECT_EQ(received.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(received), "FULL");
  EXPECT_EQ(ToRpcStatus(received).SerializeAsString(), sent.SerializeAsString());
}

TEST(ErrorsTest, StatusOfAnotherSystemIsNoRefusalOfOurs) {
  google::rpc::ErrorInfo info;
  info.set_reason("FULL");
  info.set_domain("elsewhere.example");
  google::rpc::Status sent;
  sent.set_code(9);
  sent.add_details()->PackFrom(info);
  EXPECT_EQ(ReasonOf(FromRpcStatus(sent)), "");
}

}  // namespace
}  // namespace pingan::base
