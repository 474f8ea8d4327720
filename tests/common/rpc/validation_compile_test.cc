// What compiling the rules of a proto refuses: a rule that would silently not be kept.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/validation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/dynamic_proto.h"
#include "tests/common/rpc/refusals.h"

namespace pingan::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

struct UnsupportedCase {
  std::string field;
  std::string named;
};

class UnsupportedRuleTest : public ::testing::TestWithParam<UnsupportedCase> {};

TEST_P(UnsupportedRuleTest, StopsCompilationNamingFieldAndRule) {
  DynamicProto& types =
      Types(absl::StrCat("message Part { int32 n = 1; } message M { ", GetParam().field, " }"));
  const absl::Status status = Validator::For(types.Type("M")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().named));
  EXPECT_THAT(std::string(status.message()), StartsWith("t.M"));
}

INSTANTIATE_TEST_SUITE_P(
    All, UnsupportedRuleTest,
    ::testing::Values(
        UnsupportedCase{"string v = 1 [" RULE ".string.email = true];",
                        "t.M.v: buf.validate.StringRules.email"},
        UnsupportedCase{"string v = 1 [" RULE
                        ".string.well_known_regex = KNOWN_REGEX_HTTP_HEADER_NAME];",
                        "StringRules.well_known_regex"},
        UnsupportedCase{"string v = 1 [" RULE ".string.pattern = '('];", "pattern ("},
        UnsupportedCase{"string v = 1 [" RULE ".cel = {id: 'x', expression: 'true'}];",
                        "FieldRules.cel"},
        UnsupportedCase{"string v = 1 [" RULE ".cel_expression = 'true'];",
                        "FieldRules.cel_expression"},
        UnsupportedCase{"string v = 1 [" RULE ".int32.gte = 1];", "FieldRules.int32"},
        UnsupportedCase{"sint32 v = 1 [" RULE ".sint32.gte = 1];", "FieldRules.sint32"},
        UnsupportedCase{"float v = 1 [" RULE ".float.gte = 1];", "FieldRules.float"},
        UnsupportedCase{"bytes v = 1 [" RULE ".bytes.prefix = 'x'];", "BytesRules.prefix"},
        UnsupportedCase{"google.protobuf.Timestamp v = 1 [" RULE ".timestamp.lt_now = true];",
                        "TimestampRules.lt_now"},
        UnsupportedCase{"google.protobuf.FieldMask v = 1 [" RULE ".field_mask = {in: ['a']}];",
                        "FieldRules.field_mask"},
        UnsupportedCase{"repeated string v = 1 [" RULE ".string.min_len = 1];",
                        "FieldRules.string"},
        UnsupportedCase{"repeated Part v = 1 [" RULE ".repeated.unique = true];",
                        "RepeatedRules.unique"},
        UnsupportedCase{"repeated Part v = 1 [" RULE ".repeated.items.required = true];",
                        "FieldRules.required"},
        UnsupportedCase{"repeated string v = 1 [" RULE ".repeated.items.string.ip = true];",
                        "StringRules.ip"},
        UnsupportedCase{"map<string, string> v = 1 [" RULE ".map.keys.string.uri = true];",
                        "StringRules.uri"},
        UnsupportedCase{"option (buf.validate.message).cel_expression = 'true';",
                        "MessageRules.cel_expression"},
        UnsupportedCase{"option (buf.validate.message).oneof = {fields: ['a']};",
                        "names a, which is no field"}));

TEST(CompilationTest, RuleOfATypeDeepBelowIsFound) {
  DynamicProto& types = Types(R"(
    message Leaf { string v = 1 [(buf.validate.field).string.hostname = true]; }
    message Middle { map<string, Leaf> leaves = 1; }
    message Root { repeated Middle middles = 1; }
    message Fine { string v = 1; })");
  // Twice: a compilation that failed leaves nothing behind that would pass.
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(std::string(Validator::For(types.Type("Root")).status().message()),
                HasSubstr("t.Leaf.v: buf.validate.StringRules.hostname"));
    EXPECT_THAT(std::string(Validator::For(types.Type("Middle")).status().message()),
                HasSubstr("t.Leaf.v: buf.validate.StringRules.hostname"));
  }
  EXPECT_TRUE(Validator::For(types.Type("Fine")).ok());
}

TEST(CompilationTest, RulesThatThisProgramDoesNotKnowAreRefused) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("u.proto");
  file.set_package("u");
  auto* type = file.add_message_type();
  type->set_name("M");
  auto* field = type->add_field();
  field->set_name("v");
  field->set_number(1);
  field->set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
  field->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
  auto* rules = field->mutable_options()->MutableExtension(buf::validate::field)->mutable_string();
  rules->GetReflection()->MutableUnknownFields(rules)->AddVarint(12345, 1);
  google::protobuf::DescriptorPool pool(google::protobuf::DescriptorPool::generated_pool());
  EXPECT_THAT(std::string(Validator::For(pool.BuildFile(file)->message_type(0)).status().message()),
              HasSubstr("12345"));
}

TEST(CompilationTest, WholeServicesAndFilesAreCompiled) {
  DynamicProto& fine = Types("message A { string v = 1; } service S { rpc Do(A) returns (A); }");
  EXPECT_TRUE(CompileAll(fine.file()).ok());
  EXPECT_TRUE(CompileAll(fine.file()->service(0)).ok());
  DynamicProto& broken = Types(R"(message A { string v = 1; }
                                  message B { string v = 1 [(buf.validate.field).string.tuuid = true]; }
                                  service S { rpc Do(A) returns (A); rpc Undo(B) returns (A); })");
  EXPECT_THAT(std::string(CompileAll(broken.file()).message()), StartsWith("t.B.v"));
  EXPECT_THAT(std::string(CompileAll(broken.file()->service(0)).message()), StartsWith("t.B.v"));
}

TEST(CompilationTest, ManyThreadsMayAskForTheSameTypes) {
  DynamicProto& types =
      Types("message A { B b = 1; string v = 2; } message B { A a = 1; string v = 2; }");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&types, i] { EXPECT_TRUE(Validator::For(types.Type(i % 2 == 0 ? "A" : "B")).ok()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(
      ViolationsOf(Validator::For(types.Type("A"))->Check(*types.New("A", "b { a { v: '\\0' } }"))),
      SizeIs(1));
}

}  // namespace
}  // namespace pingan::rpc
