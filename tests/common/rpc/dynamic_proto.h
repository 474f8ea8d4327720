// Message types from proto source inside a test, with the options this program knows.
#ifndef PINGAN_TESTS_COMMON_RPC_DYNAMIC_PROTO_H_
#define PINGAN_TESTS_COMMON_RPC_DYNAMIC_PROTO_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "buf/validate/validate.pb.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/compiler/parser.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "gtest/gtest.h"
#include "pingan/options/v1/options.pb.h"

// As sources write it.
#define RULE "(buf.validate.field)"

namespace pingan::rpc {

// One proto3 file of package `t`. Fails the test when the source does not compile. Never destroyed
// by the tests that compile validators from it, as plans live as long as the process.
class DynamicProto final : public google::protobuf::DescriptorPool::ErrorCollector,
                           public google::protobuf::io::ErrorCollector {
 public:
  // `source`: the messages and services of the file.
  explicit DynamicProto(absl::string_view source)
      : pool_(google::protobuf::DescriptorPool::generated_pool()) {
    for (const google::protobuf::Descriptor* linked :
         {buf::validate::FieldRules::descriptor(), google::protobuf::Timestamp::descriptor(),
          google::protobuf::Duration::descriptor(), google::protobuf::FieldMask::descriptor(),
          google::type::Date::descriptor(), options::v1::MethodPolicy::descriptor()}) {
      imports_ += absl::StrCat("import \"", linked->file()->name(), "\";");
    }
    const std::string text = absl::StrCat(
        "syntax = \"proto3\"; package t; import \"google/api/field_behavior.proto\"; import "
        "\"google/api/resource.proto\";",
        imports_, source);
    google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
    google::protobuf::io::Tokenizer tokenizer(&stream, this);
    google::protobuf::compiler::Parser parser;
    parser.RecordErrorsTo(this);
    google::protobuf::FileDescriptorProto parsed;
    EXPECT_TRUE(parser.Parse(&tokenizer, &parsed)) << text;
    parsed.set_name("t.proto");
    file_ = pool_.BuildFileCollectingErrors(parsed, this);
    EXPECT_NE(file_, nullptr) << text;
    factory_.SetDelegateToGeneratedFactory(true);
  }

  const google::protobuf::FileDescriptor* file() const { return file_; }

  const google::protobuf::Descriptor* Type(const std::string& name) const {
    const google::protobuf::Descriptor* type = file_->FindMessageTypeByName(name);
    EXPECT_NE(type, nullptr) << name;
    return type;
  }

  // A message of type `name` from its text format. Texts may hold bytes that are no UTF-8.
  std::unique_ptr<google::protobuf::Message> New(const std::string& name,
                                                 const std::string& text = "") {
    std::unique_ptr<google::protobuf::Message> message(factory_.GetPrototype(Type(name))->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
    return message;
  }

 private:
  using Location = google::protobuf::DescriptorPool::ErrorCollector::ErrorLocation;
  void AddError(const std::string&, const std::string& element, const google::protobuf::Message*,
                Location, const std::string& message) override {
    ADD_FAILURE() << element << ": " << message;
  }
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    ADD_FAILURE() << line << ":" << column << ": " << message;
  }

  std::string imports_;
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::FileDescriptor* file_ = nullptr;
};

// The types of a source that validators were made for: their plans point to them for the rest of
// the process.
inline DynamicProto& Types(absl::string_view source) {
  static auto& kept = *new std::vector<std::unique_ptr<DynamicProto>>();
  return *kept.emplace_back(std::make_unique<DynamicProto>(source));
}

}  // namespace pingan::rpc

#endif  // PINGAN_TESTS_COMMON_RPC_DYNAMIC_PROTO_H_
