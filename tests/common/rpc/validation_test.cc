#include "common/rpc/validation.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/dynamic_proto.h"
#include "tests/common/rpc/refusals.h"

namespace pingan::rpc {
namespace {

using ::google::protobuf::Message;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Validator ValidatorOf(DynamicProto& types, const std::string& name) {
  absl::StatusOr<Validator> validator = Validator::For(types.Type(name));
  EXPECT_TRUE(validator.ok()) << validator.status();
  return *validator;
}

std::vector<std::string> Check(DynamicProto& types, const std::string& name,
                               const std::string& text) {
  return ViolationsOf(ValidatorOf(types, name).Check(*types.New(name, text)));
}

// One field `v`, the message that holds it, and what is said about it ("" when it is right).
struct RuleCase {
  std::string field;
  std::string text;
  std::string wanted;
};

class RuleTest : public ::testing::TestWithParam<RuleCase> {};

TEST_P(RuleTest, NamesWhatIsWanted) {
  DynamicProto& types = Types(absl::StrCat(
      "enum Kind { KIND_UNSPECIFIED = 0; TALK = 1; PATROL = 2; } message Part { string name = 1; }",
      "message M { ", GetParam().field, " }"));
  const std::vector<std::string> violations = Check(types, "M", GetParam().text);
  if (GetParam().wanted.empty()) {
    EXPECT_THAT(violations, IsEmpty());
  } else {
    EXPECT_THAT(violations, ElementsAre(GetParam().wanted));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Strings, RuleTest,
    ::testing::Values(
        RuleCase{"string v = 1 [" RULE ".string.const = 'x'];", "v: 'x'", ""},
        RuleCase{"string v = 1 [" RULE ".string.const = 'x'];", "v: 'y'", "v: 须为 x"},
        RuleCase{"string v = 1 [" RULE ".string.len = 2];", "v: '村社'", ""},
        RuleCase{"string v = 1 [" RULE ".string.len = 2];", "v: 'abc'", "v: 长度须为 2 个字符"},
        RuleCase{"string v = 1 [" RULE ".string = {min_len: 1, max_len: 3}];", "v: '隆兴村'", ""},
        RuleCase{"string v = 1 [" RULE ".string = {min_len: 1, max_len: 3}];", "v: '隆兴社区'",
                 "v: 长度须为 1 到 3 个字符"},
        RuleCase{"string v = 1 [" RULE ".string.min_len = 1];", "", "v: 至少 1 个字符"},
        RuleCase{"string v = 1 [" RULE ".string.max_len = 1];", "v: '村社'", "v: 最多 1 个字符"},
        RuleCase{"string v = 1 [" RULE ".string.max_bytes = 6];", "v: '村社'", ""},
        RuleCase{"string v = 1 [" RULE ".string.max_bytes = 5];", "v: '村社'", "v: 最多 5 字节"},
        RuleCase{"string v = 1 [" RULE ".string.len_bytes = 3];", "v: '村'", ""},
        RuleCase{"string v = 1 [" RULE ".string.min_bytes = 4];", "v: '村'", "v: 至少 4 字节"},
        // Patterns are not anchored unless they say so.
        RuleCase{"string v = 1 [" RULE ".string.pattern = '[0-9]{2}'];", "v: 'a12b'", ""},
        RuleCase{"string v = 1 [" RULE ".string.pattern = '^[0-9]{2}$'];", "v: 'a12b'",
                 "v: 格式须符合 ^[0-9]{2}$"},
        RuleCase{"string v = 1 [" RULE ".string.pattern = '^[0-9]{2}$'];", "v: '12\\n'",
                 "v: 格式须符合 ^[0-9]{2}$"},
        RuleCase{"string v = 1 [" RULE ".string = {pattern: '^1[0-9]{10}$', example: "
                 "'13800138000'}];",
                 "v: '1380013800'", "v: 格式不对，例如 13800138000"},
        RuleCase{"string v = 1 [" RULE ".string.pattern = '^.$'];", "v: '村'", ""},
        RuleCase{"string v = 1 [" RULE ".string.prefix = 'towns/'];", "v: 'towns'",
                 "v: 开头须为 towns/"},
        RuleCase{"string v = 1 [" RULE ".string.suffix = '.jpg'];", "v: 'a.png'",
                 "v: 结尾须为 .jpg"},
        RuleCase{"string v = 1 [" RULE ".string.contains = '@'];", "v: 'ab'", "v: 须包含 @"},
        RuleCase{"string v = 1 [" RULE ".string.not_contains = '@'];", "v: 'a@b'", "v: 不得包含 @"},
        RuleCase{"string v = 1 [" RULE ".string = {in: ['a', 'b']}];", "v: 'b'", ""},
        RuleCase{"string v = 1 [" RULE ".string = {in: ['a', 'b']}];", "v: 'c'",
                 "v: 须为以下之一：a、b"},
        RuleCase{"string v = 1 [" RULE ".string = {not_in: ['a']}];", "v: 'a'",
                 "v: 不得为以下之一：a"},
        RuleCase{"string v = 1 [" RULE ".string.uuid = true];",
                 "v: '01890a5d-ac96-774b-bcce-b302099a8057'", ""},
        RuleCase{"string v = 1 [" RULE ".string.uuid = true];",
                 "v: '01890A5D-AC96-774B-BCCE-B302099A8057'", ""},
        RuleCase{"string v = 1 [" RULE ".string.uuid = true];",
                 "v: '01890a5dac96-774b-bcce-b302099a80570'", "v: 须为 UUID"},
        RuleCase{"string v = 1 [" RULE ".string.uuid = true];", "", "v: 须为 UUID"},
        RuleCase{"bytes v = 1 [" RULE ".bytes = {min_len: 1, max_len: 2}];", "v: '\\0\\377'", ""},
        RuleCase{"bytes v = 1 [" RULE ".bytes = {min_len: 1, max_len: 2}];", "v: 'abc'",
                 "v: 长度须为 1 到 2 字节"},
        RuleCase{"bytes v = 1 [" RULE ".bytes.len = 3];", "v: 'ab'", "v: 长度须为 3 字节"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, RuleTest,
    ::testing::Values(
        RuleCase{"int32 v = 1 [" RULE ".int32 = {gte: 1, lte: 20}];", "v: 20", ""},
        RuleCase{"int32 v = 1 [" RULE ".int32 = {gte: 1, lte: 20}];", "v: 21",
                 "v: 须不小于 1，且不大于 20"},
        RuleCase{"int32 v = 1 [" RULE ".int32 = {gt: -1, lt: 1}];", "v: -1",
                 "v: 须大于 -1，且小于 1"},
        RuleCase{"int32 v = 1 [" RULE ".int32.const = 7];", "", "v: 须为 7"},
        RuleCase{"int32 v = 1 [" RULE ".int32 = {in: [1, 3]}];", "v: 2", "v: 须为以下之一：1、3"},
        RuleCase{"int32 v = 1 [" RULE ".int32 = {not_in: [0]}];", "", "v: 不得为以下之一：0"},
        // An upper bound below the lower one leaves out what is between.
        RuleCase{"int32 v = 1 [" RULE ".int32 = {gt: 20, lt: 10}];", "v: 9", ""},
        RuleCase{"int32 v = 1 [" RULE ".int32 = {gt: 20, lt: 10}];", "v: 21", ""},
        RuleCase{"int32 v = 1 [" RULE ".int32 = {gt: 20, lt: 10}];", "v: 10",
                 "v: 须大于 20，或小于 10"},
        RuleCase{"int64 v = 1 [" RULE ".int64.lte = 9007199254740993];", "v: 9007199254740994",
                 "v: 须不大于 9007199254740993"},
        RuleCase{"uint32 v = 1 [" RULE ".uint32.gt = 4294967294];", "v: 4294967295", ""},
        RuleCase{"uint64 v = 1 [" RULE ".uint64.lt = 18446744073709551615];",
                 "v: 18446744073709551615", "v: 须小于 18446744073709551615"},
        RuleCase{"double v = 1 [" RULE ".double = {gte: -90, lte: 90}];", "v: 90.0", ""},
        RuleCase{"double v = 1 [" RULE ".double = {gte: -90, lte: 90}];", "v: nan",
                 "v: 须不小于 -90，且不大于 90"},
        RuleCase{"double v = 1 [" RULE ".double.finite = true];", "v: -inf", "v: 须为有限的数"},
        RuleCase{"bool v = 1 [" RULE ".bool.const = true];", "", "v: 须为 true"},
        RuleCase{"optional int32 v = 1 [" RULE ".int32.gte = 1];", "", ""},
        RuleCase{"optional int32 v = 1 [" RULE ".int32.gte = 1];", "v: 0", "v: 须不小于 1"},
        RuleCase{"optional int32 v = 1 [" RULE
                 " = {ignore: IGNORE_IF_ZERO_VALUE, int32: {gte: 1}}];",
                 "v: 0", "v: 须不小于 1"},
        RuleCase{"int32 v = 1 [" RULE " = {ignore: IGNORE_IF_ZERO_VALUE, int32: {gte: 1}}];", "",
                 ""},
        RuleCase{"int32 v = 1 [" RULE " = {ignore: IGNORE_IF_ZERO_VALUE, int32: {gte: 1}}];",
                 "v: -1", "v: 须不小于 1"},
        RuleCase{"int32 v = 1 [" RULE " = {ignore: IGNORE_ALWAYS, int32: {gte: 1}}];", "v: -1",
                 ""}));

INSTANTIATE_TEST_SUITE_P(
    Enums, RuleTest,
    ::testing::Values(
        RuleCase{"Kind v = 1;", "v: TALK", ""}, RuleCase{"Kind v = 1;", "", ""},
        RuleCase{"Kind v = 1;", "v: 9", "v: 须为已定义的选项"},
        RuleCase{"repeated Kind v = 1;", "v: TALK v: -1", "v[1]: 须为已定义的选项"},
        RuleCase{"Kind v = 1 [" RULE ".enum.defined_only = true];", "v: 9", "v: 须为已定义的选项"},
        RuleCase{"Kind v = 1 [" RULE ".enum = {not_in: [0]}];", "",
                 "v: 不得为以下之一：KIND_UNSPECIFIED"},
        RuleCase{"Kind v = 1 [" RULE ".enum = {in: [1, 2]}];", "", "v: 须为以下之一：TALK、PATROL"},
        RuleCase{"Kind v = 1 [" RULE ".enum.const = 2];", "v: TALK", "v: 须为 PATROL"},
        RuleCase{"Kind v = 1 [" RULE ".required = true];", "", "v: 必填"}));

INSTANTIATE_TEST_SUITE_P(
    Lists, RuleTest,
    ::testing::Values(
        RuleCase{"repeated string v = 1 [" RULE ".repeated.min_items = 1];", "", "v: 至少 1 项"},
        RuleCase{"repeated string v = 1 [" RULE ".repeated.max_items = 1];", "v: 'a' v: 'b'",
                 "v: 最多 1 项"},
        RuleCase{"repeated string v = 1 [" RULE ".repeated.unique = true];", "v: 'a' v: 'b' v: 'a'",
                 "v: 各项不得重复"},
        RuleCase{"repeated string v = 1 [" RULE ".repeated.unique = true];", "v: 'a' v: 'b'", ""},
        RuleCase{"repeated double v = 1 [" RULE ".repeated.unique = true];", "v: nan v: nan", ""},
        RuleCase{"repeated double v = 1 [" RULE ".repeated.unique = true];", "v: 0.0 v: -0.0",
                 "v: 各项不得重复"},
        RuleCase{"repeated string v = 1 [" RULE ".repeated.items.string.max_len = 1];",
                 "v: 'a' v: 'bb'", "v[1]: 最多 1 个字符"},
        RuleCase{"repeated int32 v = 1 [" RULE
                 ".repeated.items = {ignore: IGNORE_IF_ZERO_VALUE, int32: {gte: 5}}];",
                 "v: 0 v: 4", "v[1]: 须不小于 5"},
        RuleCase{"repeated string v = 1 [" RULE ".required = true];", "", "v: 必填"},
        RuleCase{"repeated string v = 1 [" RULE
                 " = {ignore: IGNORE_IF_ZERO_VALUE, repeated: {min_items: 2}}];",
                 "", ""},
        RuleCase{"repeated string v = 1 [" RULE
                 " = {ignore: IGNORE_IF_ZERO_VALUE, repeated: {min_items: 2}}];",
                 "v: 'a'", "v: 至少 2 项"},
        RuleCase{"map<string, int32> v = 1 [" RULE ".map.min_pairs = 1];", "", "v: 至少 1 组"},
        RuleCase{"map<string, int32> v = 1 [" RULE ".map.max_pairs = 1];",
                 "v { key: 'a' value: 1 } v { key: 'b' value: 1 }", "v: 最多 1 组"},
        RuleCase{"map<string, int32> v = 1 [" RULE ".map.keys.string.max_len = 1];",
                 "v { key: 'ab' value: 1 }", "v[\"ab\"]: 最多 1 个字符"},
        RuleCase{"map<int32, string> v = 1 [" RULE ".map.values.string.min_len = 1];",
                 "v { key: 7 value: '' }", "v[7]: 至少 1 个字符"}));

INSTANTIATE_TEST_SUITE_P(
    Moments, RuleTest,
    ::testing::Values(
        RuleCase{"google.protobuf.Timestamp v = 1;", "", ""},
        RuleCase{"google.protobuf.Timestamp v = 1;", "v { seconds: 1760000000 nanos: 999999999 }",
                 ""},
        RuleCase{"google.protobuf.Timestamp v = 1;", "v { nanos: 1000000000 }",
                 "v: 须为有效的时间，年份在 1900 至 2200 之间"},
        RuleCase{"google.protobuf.Timestamp v = 1;", "v { nanos: -1 }",
                 "v: 须为有效的时间，年份在 1900 至 2200 之间"},
        RuleCase{"google.protobuf.Timestamp v = 1;", "v { seconds: -2208988800 }",
                 ""},  // 1900-01-01
        RuleCase{"google.protobuf.Timestamp v = 1;", "v { seconds: -2208988801 }",
                 "v: 须为有效的时间，年份在 1900 至 2200 之间"},
        RuleCase{"google.protobuf.Timestamp v = 1;", "v { seconds: 7289654399 }",
                 ""},  // the end of 2200
        RuleCase{"google.protobuf.Timestamp v = 1;", "v { seconds: 7289654400 }",
                 "v: 须为有效的时间，年份在 1900 至 2200 之间"},
        RuleCase{"google.protobuf.Timestamp v = 1;", "v { seconds: 9223372036854775807 }",
                 "v: 须为有效的时间，年份在 1900 至 2200 之间"},
        RuleCase{"repeated google.protobuf.Timestamp v = 1;", "v {} v { nanos: -1 }",
                 "v[1]: 须为有效的时间，年份在 1900 至 2200 之间"},
        RuleCase{"google.protobuf.Timestamp v = 1 [" RULE ".timestamp.gt = {seconds: 1767225600}];",
                 "v { seconds: 1767225600 }", "v: 须大于 2026-01-01T00:00:00+00:00"},
        RuleCase{"google.protobuf.Timestamp v = 1 [" RULE ".required = true];", "", "v: 必填"},
        RuleCase{"google.protobuf.Duration v = 1;", "v { seconds: -1 nanos: 1 }",
                 "v: 须为有效的时长"},
        RuleCase{"google.protobuf.Duration v = 1;", "v { nanos: -2147483648 }",
                 "v: 须为有效的时长"},
        RuleCase{"google.protobuf.Duration v = 1;", "v { seconds: 315576000001 }",
                 "v: 须为有效的时长"},
        RuleCase{"google.protobuf.Duration v = 1 [" RULE
                 ".duration = {gt: {}, lte: {seconds: 3600}}];",
                 "v {}", "v: 须大于 0，且不大于 1h"},
        RuleCase{"google.protobuf.Duration v = 1 [" RULE
                 ".duration = {gt: {}, lte: {seconds: 3600}}];",
                 "v { nanos: 1 }", ""},
        RuleCase{"google.type.Date v = 1;", "v { year: 2024 month: 2 day: 29 }", ""},
        RuleCase{"google.type.Date v = 1;", "v { year: 2026 month: 2 day: 29 }",
                 "v: 须为有效的日期，年份在 1900 至 2200 之间"},
        RuleCase{"google.type.Date v = 1;", "v { year: 2026 month: 2 }",
                 "v: 须为有效的日期，年份在 1900 至 2200 之间"},
        RuleCase{"google.type.Date v = 1;", "v { year: 1899 month: 12 day: 31 }",
                 "v: 须为有效的日期，年份在 1900 至 2200 之间"},
        RuleCase{"google.type.Date v = 1;",
                 "v { year: 2147483647 month: 2147483647 day: -2147483648 }",
                 "v: 须为有效的日期，年份在 1900 至 2200 之间"}));

INSTANTIATE_TEST_SUITE_P(
    TextThatPostgresqlWouldNotTake, RuleTest,
    ::testing::Values(
        RuleCase{"string v = 1;", "v: 'a\\0b'", "v: 须为有效的 UTF-8 文字，且不含空字符"},
        RuleCase{"string v = 1;", "v: 'longer than eight bytes\\0'",
                 "v: 须为有效的 UTF-8 文字，且不含空字符"},
        RuleCase{"string v = 1;", "v: '\\377'", "v: 须为有效的 UTF-8 文字，且不含空字符"},
        RuleCase{"string v = 1;", "v: '\\355\\240\\200'",
                 "v: 须为有效的 UTF-8 文字，且不含空字符"},  // a surrogate
        RuleCase{"string v = 1;", "v: '\\300\\200'",
                 "v: 须为有效的 UTF-8 文字，且不含空字符"},  // overlong NUL
        RuleCase{"string v = 1;", "v: '村社平安共建\\0'", "v: 须为有效的 UTF-8 文字，且不含空字符"},
        RuleCase{"string v = 1;", "v: '\\200\\201\\202\\203\\204\\205\\206\\207'",
                 "v: 须为有效的 UTF-8 文字，且不含空字符"},
        RuleCase{"string v = 1;", "v: '村社平安共建'", ""},
        RuleCase{"repeated string v = 1;", "v: 'a' v: '\\0'",
                 "v[1]: 须为有效的 UTF-8 文字，且不含空字符"},
        RuleCase{"map<string, string> v = 1;", "v { key: '\\377' value: 'a' }",
                 "v[\"\\xff\"]: 须为有效的 UTF-8 文字，且不含空字符"},
        RuleCase{"map<string, Part> v = 1;", "v { key: 'a' value { name: '\\0' } }",
                 "v[\"a\"].name: 须为有效的 UTF-8 文字，且不含空字符"},
        // Even where the rules are not asked.
        RuleCase{"string v = 1 [" RULE ".ignore = IGNORE_ALWAYS];", "v: '\\0'",
                 "v: 须为有效的 UTF-8 文字，且不含空字符"},
        RuleCase{"string v = 1 [(google.api.field_behavior) = OUTPUT_ONLY];", "v: '\\0'",
                 "v: 须为有效的 UTF-8 文字，且不含空字符"},
        RuleCase{"bytes v = 1;", "v: '\\0\\377'", ""}));

TEST(ValidationTest, AllViolationsAreNamedWithTheirPaths) {
  DynamicProto& types = Types(R"(
    message Place { string name = 1 [(buf.validate.field).string.min_len = 1]; }
    message Event {
      string title = 1 [(google.api.field_behavior) = REQUIRED];
      repeated string organisers = 2 [(buf.validate.field).repeated.items.string.prefix = "towns/"];
      repeated Place places = 3;
      map<string, Place> places_by_day = 4;
    }
    message CreateRequest {
      string parent = 1 [(buf.validate.field).string.pattern = "^towns/[0-9]{9}$"];
      Event event = 2 [(buf.validate.field).required = true];
    })");
  EXPECT_THAT(
      Check(types, "CreateRequest", R"(
                parent: "towns/x"
                event {
                  organisers: "towns/1" organisers: "x"
                  places { name: "a" } places {}
                  places_by_day { key: "1" value {} }
                })"),
      ElementsAre("parent: 格式须符合 ^towns/[0-9]{9}$", "event.title: 必填",
                  "event.organisers[1]: 开头须为 towns/", "event.places[1].name: 至少 1 个字符",
                  "event.places_by_day[\"1\"].name: 至少 1 个字符"));
  EXPECT_THAT(Check(types, "CreateRequest", "parent: 'towns/330481003'"),
              ElementsAre("event: 必填"));
  EXPECT_THAT(Check(types, "CreateRequest", "parent: 'towns/330481003' event { title: '宣讲' }"),
              IsEmpty());
}

TEST(ValidationTest, RefusalIsInvalidFieldAndNeverRepeatsTheValue) {
  DynamicProto& types =
      Types("message M { string phone = 1 [(buf.validate.field).string.max_len = 3]; }");
  const absl::Status status =
      ValidatorOf(types, "M").Check(*types.New("M", "phone: '13800001234'"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(base::ReasonOf(status), "INVALID_FIELD");
  EXPECT_THAT(base::ToRpcStatus(status).SerializeAsString(),
              ::testing::Not(HasSubstr("13800001234")));
}

TEST(ValidationTest, HostileMessageCostsAtMostTwentyViolations) {
  DynamicProto& types = Types(
      "message M { repeated string v = 1 [(buf.validate.field).repeated.items.string.len = 1]; }");
  std::unique_ptr<Message> message = types.New("M");
  for (int i = 0; i < 100'000; ++i) {
    message->GetReflection()->AddString(message.get(), message->GetDescriptor()->field(0), "");
  }
  EXPECT_THAT(ViolationsOf(ValidatorOf(types, "M").Check(*message)),
              SizeIs(Validator::kMaxViolations));
}

TEST(ValidationTest, LongMapKeysAreCutInPaths) {
  DynamicProto& types = Types(
      "message M { map<string, string> v = 1 [(buf.validate.field).map.keys.string.max_len = 9]; "
      "}");
  const std::vector<std::string> violations =
      Check(types, "M", absl::StrCat("v { key: '", std::string(10'000, 'k'), "' value: '' }"));
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_LT(violations[0].size(), 120);
}

TEST(ValidationTest, UniqueHoldsForLongListsToo) {
  DynamicProto& types =
      Types("message M { repeated string v = 1 [(buf.validate.field).repeated.unique = true]; }");
  std::string text;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&text, "v: '", i, "' ");
  EXPECT_THAT(Check(types, "M", text), IsEmpty());
  EXPECT_THAT(Check(types, "M", text + "v: '999'"), ElementsAre("v: 各项不得重复"));
}

TEST(ValidationTest, OneofsAreKept) {
  DynamicProto& types = Types(R"(
    message M {
      oneof target { option (buf.validate.oneof).required = true; string unit = 1; string enterprise = 2; }
    }
    message N {
      option (buf.validate.message).oneof = {fields: ["a", "b"], required: true};
      string a = 1 [(buf.validate.field).string.min_len = 2];
      string b = 2;
      string c = 3;
    }
    message H { M m = 1; N n = 2; })");
  EXPECT_THAT(Check(types, "M", ""), ElementsAre("target: 须填写其中一项：unit、enterprise"));
  EXPECT_THAT(Check(types, "M", "unit: ''"), IsEmpty());
  EXPECT_THAT(Check(types, "N", "c: 'x'"), ElementsAre("a: 须填写其中一项：a、b"));
  EXPECT_THAT(Check(types, "N", "a: 'xx' b: 'x'"), ElementsAre("a: 只能填写其中一项：a、b"));
  EXPECT_THAT(Check(types, "N", "b: 'x'"), IsEmpty())
      << "a field of a message oneof is not judged while it is zero";
  EXPECT_THAT(Check(types, "N", "a: 'x'"), ElementsAre("a: 至少 2 个字符"));
  EXPECT_THAT(Check(types, "H", "m {} n {}"),
              ElementsAre("m.target: 须填写其中一项：unit、enterprise", "n: 须填写其中一项：a、b"));
}

TEST(ValidationTest, RecursiveTypesAreChecked) {
  DynamicProto& types = Types(
      "message M { repeated M below = 1; string name = 2 [(buf.validate.field).string.max_len = "
      "1]; }");
  EXPECT_THAT(Check(types, "M", "below { below { name: 'ab' } }"),
              ElementsAre("below[0].below[0].name: 最多 1 个字符"));
}

TEST(ValidationTest, OutputOnlyFieldsAreNotJudgedAndCleared) {
  DynamicProto& types = Types(R"(
    message Part { string id = 1 [(google.api.field_behavior) = OUTPUT_ONLY]; string text = 2; Part inner = 3; }
    message M {
      string etag = 1 [(google.api.field_behavior) = OUTPUT_ONLY, (buf.validate.field).string.min_len = 9];
      Part part = 2;
      repeated Part parts = 3;
      map<string, Part> by_name = 4;
      int32 size = 5;
    })");
  const Validator validator = ValidatorOf(types, "M");
  std::unique_ptr<Message> sent = types.New("M", R"(
    etag: "1" part { id: "2" text: "a" inner { id: "3" } } parts { id: "4" text: "b" } parts { id: "5" }
    by_name { key: "k" value { id: "6" text: "c" } } size: 7)");
  EXPECT_TRUE(validator.Check(*sent).ok());
  validator.ClearOutputOnly(*sent);
  EXPECT_EQ(sent->ShortDebugString(),
            types
                .New("M", R"(part { text: "a" inner {} } parts { text: "b" } parts {}
                              by_name { key: "k" value { text: "c" } } size: 7)")
                ->ShortDebugString());
  std::unique_ptr<Message> empty = types.New("M");
  validator.ClearOutputOnly(*empty);
  EXPECT_EQ(empty->ShortDebugString(), "") << "clearing makes nothing";
}

class UpdateValidationTest : public ::testing::Test {
 protected:
  static std::vector<std::string> CheckUpdate(const std::string& text) {
    static DynamicProto& types = Types(R"(
      message Place { string town = 1 [(buf.validate.field).string.min_len = 1];
                      string street = 2 [(buf.validate.field).string.min_len = 1]; }
      message Event {
        string name = 1 [(buf.validate.field).string.pattern = "^events/[0-9]+$"];
        string title = 2 [(google.api.field_behavior) = REQUIRED];
        int32 capacity = 3 [(buf.validate.field).int32.gte = 1];
        Place place = 4 [(buf.validate.field).required = true];
        string etag = 5 [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE, string: {max_len: 2}}];
      }
      message UpdateEventRequest { Event event = 1 [(google.api.field_behavior) = REQUIRED];
                                   google.protobuf.FieldMask update_mask = 2; })");
    return Check(types, "UpdateEventRequest", text);
  }
};

TEST_F(UpdateValidationTest, OnlyWhatTheMaskNamesIsJudged) {
  EXPECT_THAT(
      CheckUpdate("event { name: 'events/1' capacity: 5 } update_mask { paths: 'capacity' }"),
      IsEmpty());
  EXPECT_THAT(
      CheckUpdate("event { name: 'events/1' capacity: 0 } update_mask { paths: 'capacity' }"),
      ElementsAre("event.capacity: 须不小于 1"));
  EXPECT_THAT(CheckUpdate("event { name: 'events/1' } update_mask { paths: 'title' }"),
              ElementsAre("event.title: 必填"));
  EXPECT_THAT(
      CheckUpdate(
          "event { name: 'events/1' place { town: 'a' } } update_mask { paths: 'place.town' }"),
      IsEmpty());
  EXPECT_THAT(
      CheckUpdate(
          "event { name: 'events/1' place { street: 'a' } } update_mask { paths: 'place.town' }"),
      ElementsAre("event.place.town: 至少 1 个字符"));
  EXPECT_THAT(
      CheckUpdate("event { name: 'events/1' place { town: 'a' } } update_mask { paths: 'place' }"),
      ElementsAre("event.place.street: 至少 1 个字符"));
}

TEST_F(UpdateValidationTest, WithoutMaskThePopulatedFieldsAreJudged) {
  EXPECT_THAT(CheckUpdate("event { name: 'events/1' title: 'x' }"), IsEmpty());
  EXPECT_THAT(CheckUpdate("event { name: 'events/1' capacity: -1 }"),
              ElementsAre("event.capacity: 须不小于 1"));
}

TEST_F(UpdateValidationTest, StarJudgesAll) {
  EXPECT_THAT(CheckUpdate("event { name: 'events/1' } update_mask { paths: '*' }"),
              ElementsAre("event.title: 必填", "event.capacity: 须不小于 1", "event.place: 必填"));
}

TEST_F(UpdateValidationTest, NameAndEtagAreAlwaysJudged) {
  EXPECT_THAT(CheckUpdate("event { title: 'x' }"), ElementsAre("event.name: 必填"));
  EXPECT_THAT(
      CheckUpdate("event { name: 'events/x' etag: '123' } update_mask { paths: 'capacity' }"),
      ElementsAre("event.name: 格式须符合 ^events/[0-9]+$", "event.capacity: 须不小于 1",
                  "event.etag: 最多 2 个字符"));
  EXPECT_THAT(CheckUpdate("update_mask { paths: '*' }"), ElementsAre("event: 必填"));
}

TEST(ResourceNameTest, NameOfAnUpdatedResourceLeadsNowhereElse) {
  DynamicProto& types = Types(R"(
    message Event {
      option (google.api.resource) = {type: "pingan/Event", pattern: "towns/{town}/events/{event}"};
      string name = 1;
    }
    message UpdateEventRequest { Event event = 1; google.protobuf.FieldMask update_mask = 2; })");
  auto check = [&](absl::string_view name) {
    return Check(types, "UpdateEventRequest", absl::StrCat("event { name: '", name, "' }"));
  };
  EXPECT_THAT(check("towns/330481003/events/01890a5d-ac96"), IsEmpty());
  for (const char* name :
       {"towns/1/events/a/b", "towns/1/events/", "towns/1/events", "events/a", "x/towns/1/events/a",
        "towns/1/events/1:publish", "towns/1/events/..", "towns/1/events/a%2Fb",
        "towns/1/events/1;x=y", "towns/1/events/a\\n", "towns/1/units/a", "towns/1/events/村"}) {
    EXPECT_THAT(check(name), ElementsAre("event.name: 格式须符合 towns/{town}/events/{event}"))
        << name;
  }
}

TEST_F(UpdateValidationTest, WhatTheMaskLeavesOutMustStillBeSafe) {
  EXPECT_THAT(
      CheckUpdate(
          "event { name: 'events/1' title: '\\0' capacity: 1 } update_mask { paths: 'capacity' }"),
      ElementsAre("event.title: 须为有效的 UTF-8 文字，且不含空字符"));
}

}  // namespace
}  // namespace pingan::rpc
