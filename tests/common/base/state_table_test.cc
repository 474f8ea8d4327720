#include "common/base/state_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/errors.h"
#include "google/rpc/error_details.pb.h"
#include "pingan/errors/v1/reason.pb.h"
#include "pingan/options/v1/options.pb.h"

namespace pingan::base {
namespace {

using errors::v1::Reason;
using options::v1::Access;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// Two enums that are always there stand in for states: Access has no texts for persons, Reason has.
constexpr StateTable kTable({
    Transition<Access>{options::v1::ACCESS_OPEN, "close", options::v1::ACCESS_SIGNED_IN, "关闭"},
    {options::v1::ACCESS_OPEN, "reserve", options::v1::ACCESS_SERVICES, "保留"},
    {options::v1::ACCESS_SIGNED_IN, "open", options::v1::ACCESS_OPEN},
    {options::v1::ACCESS_UNSPECIFIED, "open", options::v1::ACCESS_OPEN},
});
constexpr StateTable kWithTexts({Transition<Reason>{errors::v1::FULL, "free", errors::v1::CLOSED}});

static_assert(kTable.Allows(options::v1::ACCESS_OPEN, "close"));
static_assert(!kTable.Allows(options::v1::ACCESS_SERVICES, "close"));

google::rpc::Status Sent(const absl::Status& status) { return ToRpcStatus(status); }

google::protobuf::Map<std::string, std::string> MetadataOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  Sent(status).details(0).UnpackTo(&info);
  return info.metadata();
}

std::string Shown(const absl::Status& status) {
  google::rpc::LocalizedMessage shown;
  Sent(status).details(1).UnpackTo(&shown);
  return shown.message();
}

TEST(StateTableTest, VerbLeadsToTheNextState) {
  const auto next = kTable.Next(options::v1::ACCESS_OPEN, "reserve");
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(*next, options::v1::ACCESS_SERVICES);
}

TEST(StateTableTest, WrongVerbIsRefusedNamingStateAndWhatItAllows) {
  const absl::Status refusal = kTable.Next(options::v1::ACCESS_OPEN, "open").status();
  EXPECT_EQ(refusal.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(refusal), "WRONG_STATE");
  EXPECT_THAT(
      MetadataOf(refusal),
      UnorderedElementsAre(Pair("state", "ACCESS_OPEN"), Pair("state_zh", "ACCESS_OPEN"),
                           Pair("allowed", "close,reserve"), Pair("allowed_zh", "关闭、保留")));
}

TEST(StateTableTest, VerbWithoutChineseIsShownAsItIs) {
  EXPECT_EQ(MetadataOf(kTable.Next(options::v1::ACCESS_SIGNED_IN, "close").status())["allowed_zh"],
            "open");
}

TEST(StateTableTest, FinalStateAllowsNothing) {
  const auto metadata = MetadataOf(kTable.Next(options::v1::ACCESS_SERVICES, "open").status());
  EXPECT_EQ(metadata.at("allowed"), "");
  EXPECT_EQ(metadata.at("allowed_zh"), "无");
}

TEST(StateTableTest, PersonReadsTheStatesChineseText) {
  const absl::Status refusal = kWithTexts.Next(errors::v1::FULL, "fill").status();
  EXPECT_EQ(MetadataOf(refusal)["state"], "FULL");
  EXPECT_EQ(Shown(refusal), "当前状态（名额已满）不能这样操作，可以：free");
}

TEST(StateTableTest, StateOfALaterVersionIsNamedByItsNumber) {
  EXPECT_EQ(MetadataOf(kTable.Next(static_cast<Access>(77), "open").status())["state"], "77");
}

TEST(StateTableTest, DrawsItself) {
  EXPECT_EQ(kTable.ToMermaid(),
            "stateDiagram-v2\n"
            "    [*] --> ACCESS_UNSPECIFIED\n"
            "    ACCESS_OPEN --> ACCESS_SIGNED_IN: close\n"
            "    ACCESS_OPEN --> ACCESS_SERVICES: reserve\n"
            "    ACCESS_SIGNED_IN --> ACCESS_OPEN: open\n"
            "    ACCESS_UNSPECIFIED --> ACCESS_OPEN: open\n"
            "    ACCESS_SERVICES --> [*]\n");
}

}  // namespace
}  // namespace pingan::base
