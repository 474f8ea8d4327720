#include "common/rpc/policy.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/dynamic_proto.h"

namespace pingan::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Policy> PolicyOfMethod(const std::string& options) {
  DynamicProto types(
      absl::StrCat("message M {} service S { rpc Do(M) returns (M) { ", options, " } }"));
  return PolicyOf(types.file()->service(0)->method(0));
}

TEST(PolicyTest, SaysWhoMayCallAndHow) {
  const auto policy = PolicyOfMethod(
      "option (pingan.options.v1.policy) = {access: ACCESS_SIGNED_IN, services: ['volunteer', "
      "'event'], "
      "secret_answer: true, deadline_ms: 1500};");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->access, options::v1::ACCESS_SIGNED_IN);
  EXPECT_THAT(policy->services, ElementsAre("services/event", "services/volunteer"));
  EXPECT_TRUE(policy->secret_answer);
  EXPECT_EQ(policy->deadline, absl::Milliseconds(1500));
  EXPECT_TRUE(policy->Admits("services/event"));
  EXPECT_FALSE(policy->Admits("services/directory"));
  EXPECT_FALSE(policy->Admits("event"));
  EXPECT_FALSE(policy->Admits(""));
}

TEST(PolicyTest, DeadlineIsTenSecondsUnlessSaid) {
  const auto policy = PolicyOfMethod("option (pingan.options.v1.policy).access = ACCESS_OPEN;");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->deadline, absl::Seconds(10));
  EXPECT_FALSE(policy->secret_answer);
}

TEST(PolicyTest, MissingAndContradictoryPoliciesAreRefusedNamingTheMethod) {
  for (const char* options :
       {"", "option deprecated = true;", "option (pingan.options.v1.policy) = {};",
        "option (pingan.options.v1.policy) = {services: ['event']};",
        "option (pingan.options.v1.policy) = {access: ACCESS_SERVICES};",
        "option (pingan.options.v1.policy) = {access: ACCESS_SERVICES, services: "
        "['services/event']};",
        "option (pingan.options.v1.policy) = {access: ACCESS_SERVICES, services: ['']};",
        "option (pingan.options.v1.policy) = {access: ACCESS_SERVICES, services: ['event', "
        "'event']};",
        "option (pingan.options.v1.policy) = {access: ACCESS_OPEN, deadline_ms: -1};",
        "option (pingan.options.v1.policy) = {access: ACCESS_OPEN, deadline_ms: 600001};"}) {
    const absl::Status status = PolicyOfMethod(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << options;
    EXPECT_THAT(std::string(status.message()), HasSubstr("t.S.Do")) << options;
  }
}

TEST(NamePathTest, NameThenParentThenTheUpdatedResource) {
  DynamicProto types(R"(
    message Event { string name = 1; string title = 2; }
    message GetRequest { string parent = 2; string name = 1; }
    message ListRequest { string parent = 1; }
    message UpdateRequest { bool dry = 3; Event event = 1; google.protobuf.FieldMask update_mask = 2; }
    message CreateRequest { Event event = 1; }
    message OddRequest { int32 name = 1; repeated string parent = 2; })");
  auto name_in = [&](const std::string& type, const std::string& text) {
    const std::unique_ptr<google::protobuf::Message> request = types.New(type, text);
    return std::string(NamePath(types.Type(type)).In(*request));
  };
  EXPECT_EQ(name_in("GetRequest", "name: 'towns/1/events/2' parent: 'x'"), "towns/1/events/2");
  EXPECT_EQ(name_in("GetRequest", "parent: 'x'"), "");
  EXPECT_EQ(name_in("ListRequest", "parent: 'towns/1'"), "towns/1");
  EXPECT_EQ(name_in("UpdateRequest", "event { name: 'towns/1/events/2' }"), "towns/1/events/2");
  EXPECT_EQ(name_in("UpdateRequest", ""), "");
  EXPECT_EQ(name_in("CreateRequest", "event { name: 'towns/1/events/2' }"), "");
  EXPECT_TRUE(NamePath(types.Type("CreateRequest")).empty());
  EXPECT_TRUE(NamePath(types.Type("OddRequest")).empty());
  EXPECT_FALSE(NamePath(types.Type("UpdateRequest")).empty());
}

}  // namespace
}  // namespace pingan::rpc
