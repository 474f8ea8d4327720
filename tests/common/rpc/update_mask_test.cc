#include "common/rpc/update_mask.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/dynamic_proto.h"
#include "tests/common/rpc/refusals.h"

namespace pingan::rpc {
namespace {

using ::google::protobuf::FieldMask;
using ::google::protobuf::Message;
using ::testing::ElementsAre;

class UpdateMaskTest : public ::testing::Test {
 protected:
  // What becomes of the stored event, or "refused: " and why.
  std::string Apply(const std::vector<std::string>& paths, const std::string& from) {
    FieldMask mask;
    for (const std::string& path : paths) mask.add_paths(path);
    const std::unique_ptr<Message> stored = types_.New("Event", stored_);
    const absl::Status status =
        ApplyUpdateMask(mask, *types_.New("Event", from), *stored, allowed_);
    if (status.ok()) return stored->ShortDebugString();
    EXPECT_EQ(stored->ShortDebugString(), types_.New("Event", stored_)->ShortDebugString());
    violations_ = ViolationsOf(status);
    return absl::StrCat("refused: ", violations_.empty() ? "" : violations_[0]);
  }

  DynamicProto types_{R"(
    message Place { string town = 1; string street = 2;
                    string geohash = 3 [(google.api.field_behavior) = OUTPUT_ONLY]; }
    message Event {
      string name = 1 [(google.api.field_behavior) = IDENTIFIER];
      string title = 2;
      int32 state = 3 [(google.api.field_behavior) = OUTPUT_ONLY];
      int32 kind = 4 [(google.api.field_behavior) = IMMUTABLE];
      Place place = 5;
      repeated string tags = 6;
      google.protobuf.Timestamp start_time = 7;
      string etag = 8;
      string notes = 9;
      map<string, string> labels = 10;
      optional int32 capacity = 11;
    })"};
  std::string stored_ =
      "name: 'n' title: 'old' state: 2 kind: 3 place { town: 't' street: 's' geohash: 'g' } tags: "
      "'a' tags: 'b' "
      "start_time { seconds: 1 nanos: 2 } etag: '7' notes: 'kept' labels { key: 'k' value: 'v' } "
      "capacity: 5";
  std::vector<absl::string_view> allowed_ = {"title",      "place",  "tags",
                                             "start_time", "labels", "capacity"};
  std::vector<std::string> violations_;
  std::string rest_ = " etag: \"7\" notes: \"kept\" labels { key: \"k\" value: \"v\" } capacity: 5";
};

TEST_F(UpdateMaskTest, NamedFieldsAreReplacedAndOthersKept) {
  EXPECT_EQ(Apply({"title"}, "title: 'new' tags: 'c'"),
            "name: \"n\" title: \"new\" state: 2 kind: 3 place { town: \"t\" street: \"s\" "
            "geohash: \"g\" } "
            "tags: \"a\" tags: \"b\" start_time { seconds: 1 nanos: 2 }" +
                rest_);
  EXPECT_EQ(
      Apply({"title", "tags"}, "tags: 'c'"),
      "name: \"n\" state: 2 kind: 3 place { town: \"t\" street: \"s\" geohash: \"g\" } tags: \"c\" "
      "start_time { seconds: 1 nanos: 2 }" +
          rest_)
      << "named and absent is cleared, lists are replaced";
  stored_ = "labels { key: 'k' value: 'v' }";
  EXPECT_EQ(Apply({"labels"}, "labels { key: 'l' value: 'w' }"),
            "labels { key: \"l\" value: \"w\" }");
}

TEST_F(UpdateMaskTest, AbsentAndZeroOfAnOptionalFieldDiffer) {
  stored_ = "capacity: 5";
  EXPECT_EQ(Apply({"capacity"}, "capacity: 0"), "capacity: 0");
  EXPECT_EQ(Apply({"capacity"}, ""), "");
}

TEST_F(UpdateMaskTest, MessagesAreReplacedWholeButKeepTheirOutput) {
  stored_ = "place { town: 't' street: 's' geohash: 'g' } start_time { seconds: 1 nanos: 2 }";
  EXPECT_EQ(Apply({"place"}, "place { town: 'u' }"),
            "place { town: \"u\" geohash: \"g\" } start_time { seconds: 1 nanos: 2 }");
  EXPECT_EQ(
      Apply({"place.street"}, "place { town: 'u' street: 'x' }"),
      "place { town: \"t\" street: \"x\" geohash: \"g\" } start_time { seconds: 1 nanos: 2 }");
  EXPECT_EQ(Apply({"place"}, ""), "start_time { seconds: 1 nanos: 2 }");
  EXPECT_EQ(Apply({"start_time"}, "start_time { seconds: 9 }"),
            "place { town: \"t\" street: \"s\" geohash: \"g\" } start_time { seconds: 9 }");
}

TEST_F(UpdateMaskTest, ClearingWhatIsNotThereMakesNothing) {
  stored_ = "title: 'old'";
  EXPECT_EQ(Apply({"place.street"}, ""), "title: \"old\"");
  EXPECT_EQ(Apply({"place.street"}, "place { street: 'x' }"),
            "title: \"old\" place { street: \"x\" }");
}

TEST_F(UpdateMaskTest, WithoutMaskPopulatedFieldsAreReplaced) {
  EXPECT_EQ(Apply({}, "name: 'n' title: 'new' state: 9 etag: '7' kind: 3"),
            "name: \"n\" title: \"new\" state: 2 kind: 3 place { town: \"t\" street: \"s\" "
            "geohash: \"g\" } "
            "tags: \"a\" tags: \"b\" start_time { seconds: 1 nanos: 2 }" +
                rest_);
}

TEST_F(UpdateMaskTest, StarReplacesAllThatMayBeReplaced) {
  EXPECT_EQ(Apply({"*"}, "name: 'other' title: 'new' state: 9 place { street: 'x' }"),
            "name: \"n\" title: \"new\" state: 2 kind: 3 place { street: \"x\" geohash: \"g\" } "
            "etag: \"7\" "
            "notes: \"kept\"");
}

TEST_F(UpdateMaskTest, WhatMayNotBeNamedIsRefusedByName) {
  EXPECT_EQ(Apply({"titel"}, ""), "refused: update_mask: 没有这个字段：titel");
  EXPECT_EQ(Apply({"state"}, ""), "refused: update_mask: 这个字段不能修改：state");
  EXPECT_EQ(Apply({"kind"}, "kind: 3"), "refused: update_mask: 这个字段不能修改：kind");
  EXPECT_EQ(Apply({"name"}, "name: 'n'"), "refused: update_mask: 这个字段不能修改：name");
  EXPECT_EQ(Apply({"notes"}, "notes: 'x'"), "refused: update_mask: 这个字段不能修改：notes");
  EXPECT_EQ(Apply({"place.geohash"}, ""), "refused: update_mask: 这个字段不能修改：place.geohash");
  EXPECT_EQ(Apply({"startTime"}, ""), "refused: update_mask: 没有这个字段：startTime");
  EXPECT_EQ(Apply({"start_time.seconds"}, ""),
            "refused: update_mask: 没有这个字段：start_time.seconds");
  EXPECT_EQ(Apply({"tags.x"}, ""), "refused: update_mask: 没有这个字段：tags.x");
  EXPECT_EQ(Apply({"title", "*"}, ""), "refused: update_mask: 没有这个字段：*");
  EXPECT_EQ(Apply({"title", "x", "state"}, "title: 'new'"),
            "refused: update_mask: 没有这个字段：x");
  EXPECT_THAT(violations_,
              ElementsAre("update_mask: 没有这个字段：x", "update_mask: 这个字段不能修改：state"));
}

TEST_F(UpdateMaskTest, HostilePathsAreRefused) {
  for (const std::string& path : std::vector<std::string>{
           "", ".", "title.", ".title", "place..town", "a\nb", std::string(100'000, 'a'),
           "pingan.event.v1.Event.title", "(title)", "2", "\xff"}) {
    const std::string outcome = Apply({path}, "title: 'x'");
    EXPECT_THAT(outcome, ::testing::StartsWith("refused: update_mask: 没有这个字段："))
        << path.substr(0, 20);
    EXPECT_LT(outcome.size(), 500);
  }
  EXPECT_EQ(Apply(std::vector<std::string>(101, "title"), ""), "refused: update_mask: 最多 100 项");
}

TEST_F(UpdateMaskTest, ImpliedChangesOfWhatMayNotChangeAreRefused) {
  EXPECT_EQ(Apply({}, "kind: 4"), "refused: update_mask: 这个字段不能修改：kind");
  EXPECT_EQ(Apply({"*"}, "kind: 4"), "refused: update_mask: 这个字段不能修改：kind");
  EXPECT_EQ(Apply({}, "notes: 'x'"), "refused: update_mask: 这个字段不能修改：notes");
  stored_ = "kind: 3 notes: 'kept'";
  EXPECT_EQ(Apply({"*"}, "kind: 3 notes: 'kept'"), "kind: 3 notes: \"kept\"")
      << "sent back as it was read";
}

TEST_F(UpdateMaskTest, PartOfAMessageMayBeAllowed) {
  allowed_ = {"place.street"};
  stored_ = "place { town: 't' street: 's' }";
  EXPECT_EQ(Apply({"place.street"}, "place { street: 'x' }"),
            "place { town: \"t\" street: \"x\" }");
  EXPECT_EQ(Apply({"place.town"}, "place { town: 'u' }"),
            "refused: update_mask: 这个字段不能修改：place.town");
  EXPECT_EQ(Apply({"place"}, "place { street: 'x' }"), "place { town: \"t\" street: \"x\" }");
  EXPECT_EQ(Apply({"place"}, "place { town: 'u' }"),
            "refused: update_mask: 这个字段不能修改：place.town");
}

TEST(UpdatedResourceTest, IsTheNamedMessageBesideTheMask) {
  DynamicProto types(R"(
    message Event { string name = 1; }
    message Update { string request_id = 1; Event event = 2; google.protobuf.FieldMask update_mask = 3; }
    message Create { Event event = 1; }
    message Odd { Event event = 1; string update_mask = 2; })");
  EXPECT_EQ(UpdatedResource(types.Type("Update"))->name(), "event");
  EXPECT_EQ(UpdatedResource(types.Type("Create")), nullptr);
  EXPECT_EQ(UpdatedResource(types.Type("Odd")), nullptr);
}

}  // namespace
}  // namespace pingan::rpc
