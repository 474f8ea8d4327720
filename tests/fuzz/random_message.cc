#include "tests/fuzz/random_message.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "buf/validate/validate.pb.h"
#include "common/rpc/update_mask.h"
#include "common/rpc/validation_rules.h"
#include "tests/fuzz/pattern_sample.h"

namespace pingan::fuzz {
namespace {

using ::buf::validate::FieldRules;
using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

constexpr int kDeepest = 5;
constexpr size_t kMostItems = 3;
constexpr size_t kLongestList = 300;              // of a list made to be too long
constexpr size_t kLongestText = 5000;             // of a text made to be too long
constexpr int64_t kFirstSecond = -2'208'988'800;  // 1900-01-01
constexpr int64_t kLastSecond = 7'289'654'400;    // 2201-01-01, the first that is too late
// One to four bytes, joined and combining, and what patterns and lists treat by itself.
constexpr const char* kLetters[] = {"a", "Z",  "0", "-",  "/",  ".", " ",  "平", "安",
                                    "é", "𠮷", "́",  "\n", "\t", "*", "\\", "[",  "　"};

class Maker {
 public:
  Maker(Wildness wildness, Choices& choices)
      : is_wild_(wildness == Wildness::kWild), choices_(choices) {}

  void Fill(Message& message, int depth) {
    const Descriptor* type = message.GetDescriptor();
    if (rpc::IsMoment(type)) return FillMoment(message);
    for (int i = 0; i < type->field_count() && !choices_.done(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (!choices_.Chance(3, 4)) continue;
      if (field == rpc::UpdateMaskField(type)) {
        FillMask(type, *message.GetReflection()->MutableMessage(&message, field));
      } else if (field->is_repeated()) {
        FillList(message, field, depth);
      } else {
        Set(message, field, RulesOf(field), depth);
      }
    }
  }

 private:
  static const FieldRules& RulesOf(const FieldDescriptor* field) {
    return field->options().GetExtension(buf::validate::field);
  }

  void FillList(Message& message, const FieldDescriptor* field, int depth) {
    const FieldRules& rules = RulesOf(field);
    const bool is_map = field->is_map();
    size_t count = choices_.Below(kMostItems + 1);
    const size_t most = is_map ? rules.map().max_pairs() : rules.repeated().max_items();
    if (most > 0 && most < kLongestList && choices_.Chance(1, 16)) count = most + choices_.Below(2);
    for (size_t i = 0; i < count; ++i) {
      if (!is_map) {
        Set(message, field, rules.repeated().items(), depth);
        continue;
      }
      Message& entry = *message.GetReflection()->AddMessage(&message, field);
      Set(entry, field->message_type()->map_key(), rules.map().keys(), depth);
      Set(entry, field->message_type()->map_value(), rules.map().values(), depth);
    }
  }

  // Sets the field, or adds an item to it.
  void Set(Message& message, const FieldDescriptor* field, const FieldRules& rules, int depth) {
    const Reflection& to = *message.GetReflection();
    const bool adds = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        if (depth == kDeepest) return;
        Message* below = adds ? to.AddMessage(&message, field) : to.MutableMessage(&message, field);
        return Fill(*below, depth + 1);
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string value = field->type() == FieldDescriptor::TYPE_BYTES ? BytesFor(rules.bytes())
                                                                         : TextFor(rules.string());
        return adds ? to.AddString(&message, field, std::move(value))
                    : to.SetString(&message, field, std::move(value));
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = EnumOf(field->enum_type());
        return adds ? to.AddEnumValue(&message, field, value)
                    : to.SetEnumValue(&message, field, value);
      }
      case FieldDescriptor::CPPTYPE_INT32: {
        const auto value = NumberFor<int32_t>(rules.int32());
        return adds ? to.AddInt32(&message, field, value) : to.SetInt32(&message, field, value);
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        const auto value = NumberFor<int64_t>(rules.int64());
        return adds ? to.AddInt64(&message, field, value) : to.SetInt64(&message, field, value);
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        const auto value = NumberFor<uint32_t>(rules.uint32());
        return adds ? to.AddUInt32(&message, field, value) : to.SetUInt32(&message, field, value);
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        const auto value = NumberFor<uint64_t>(rules.uint64());
        return adds ? to.AddUInt64(&message, field, value) : to.SetUInt64(&message, field, value);
      }
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        const double value = NumberFor<double>(rules.double_());
        return adds ? to.AddDouble(&message, field, value) : to.SetDouble(&message, field, value);
      }
      case FieldDescriptor::CPPTYPE_BOOL: {
        const bool value = choices_.Chance(1, 2);
        return adds ? to.AddBool(&message, field, value) : to.SetBool(&message, field, value);
      }
      case FieldDescriptor::CPPTYPE_FLOAT:
        return;  // no field of ours
    }
  }

  std::string TextFor(const buf::validate::StringRules& rules) {
    switch (choices_.Below(8)) {
      case 0:
        return RandomText();
      case 1:
        return "";
      case 2:
        return TextOfLength(rules);
      case 3:
        if (is_wild_) return std::string(choices_.Bytes(choices_.Below(64)));
        return absl::StrCat(RightText(rules), RandomText());
      case 4:
        return is_wild_ ? Edited(RightText(rules), choices_) : RightText(rules);
      default:
        return RightText(rules);
    }
  }

  std::string RightText(const buf::validate::StringRules& rules) {
    if (!rules.pattern().empty()) return SampleOf(rules.pattern(), choices_);
    if (rules.uuid()) return SampleOf("[0-9a-fA-F]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", choices_);
    if (rules.in_size() > 0) return rules.in(static_cast<int>(choices_.Below(rules.in_size())));
    std::string text = RandomText();
    for (size_t i = 0; i < rules.min_len() && i < kLongestText; ++i) text.append("字");
    return text;
  }

  std::string RandomText() {
    std::string text;
    for (size_t letters = choices_.Below(12); letters > 0; --letters)
      text += kLetters[choices_.Below(std::size(kLetters))];
    return text;
  }

  // At a bound of the rules, or beside it.
  std::string TextOfLength(const buf::validate::StringRules& rules) {
    std::vector<uint64_t> bounds = {1};
    if (rules.has_len()) bounds.push_back(rules.len());
    if (rules.has_min_len()) bounds.push_back(rules.min_len());
    if (rules.has_max_len()) bounds.push_back(rules.max_len());
    if (rules.has_min_bytes()) bounds.push_back(rules.min_bytes());
    if (rules.has_max_bytes()) bounds.push_back(rules.max_bytes());
    const uint64_t bound = std::min<uint64_t>(bounds[choices_.Below(bounds.size())], kLongestText);
    const uint64_t length = std::max<uint64_t>(bound + choices_.Below(3), 1) - 1;
    const char* letter = kLetters[choices_.Below(std::size(kLetters))];
    std::string text;
    for (uint64_t i = 0; i < length; ++i) text += letter;
    return text;
  }

  std::string BytesFor(const buf::validate::BytesRules& rules) {
    if (rules.max_len() > 0 && rules.max_len() < kLongestText && choices_.Chance(1, 4))
      return std::string(rules.max_len() + choices_.Below(2), 'x');
    return std::string(choices_.Bytes(choices_.Below(64)));
  }

  int EnumOf(const EnumDescriptor* type) {
    const size_t choice = choices_.Below(type->value_count() + 1);
    if (choice < static_cast<size_t>(type->value_count()))
      return type->value(static_cast<int>(choice))->number();
    return static_cast<int32_t>(choices_.Number());
  }

  template <class T, class Rules>
  T NumberFor(const Rules& rules) {
    std::vector<T> bounds = {0};
    if (rules.has_const_()) bounds.push_back(rules.const_());
    if (rules.has_lt()) bounds.push_back(rules.lt());
    if (rules.has_lte()) bounds.push_back(rules.lte());
    if (rules.has_gt()) bounds.push_back(rules.gt());
    if (rules.has_gte()) bounds.push_back(rules.gte());
    bounds.insert(bounds.end(), rules.in().begin(), rules.in().end());
    if (choices_.Chance(1, 8)) return AnyNumber<T>();
    const T bound = bounds[choices_.Below(bounds.size())];
    const size_t beside = choices_.Below(3);
    if (beside == 1 && bound < std::numeric_limits<T>::max()) return bound + 1;
    if (beside == 2 && bound > std::numeric_limits<T>::lowest()) return bound - 1;
    return bound;
  }

  template <class T>
  T AnyNumber() {
    if constexpr (std::is_floating_point_v<T>) {
      const T odd[] = {NAN, INFINITY, -INFINITY, -0.0, 1e300, 0.1, -90.5, 180.0};
      return odd[choices_.Below(std::size(odd))];
    } else {
      return static_cast<T>(choices_.Number());
    }
  }

  void FillMoment(Message& moment) {
    const Reflection& to = *moment.GetReflection();
    const Descriptor& type = *moment.GetDescriptor();
    const FieldDescriptor* first = type.FindFieldByNumber(1);
    const FieldDescriptor* second = type.FindFieldByNumber(2);
    const bool is_anything = is_wild_ && choices_.Chance(1, 4);
    if (type.full_name() == "google.type.Date") {
      to.SetInt32(&moment, first,
                  is_anything ? Int32() : 1900 + static_cast<int>(choices_.Below(301)));
      to.SetInt32(&moment, second,
                  is_anything ? Int32() : 1 + static_cast<int>(choices_.Below(12)));
      to.SetInt32(&moment, type.FindFieldByNumber(3),
                  is_anything ? Int32() : 1 + static_cast<int>(choices_.Below(28)));
      return;
    }
    const uint64_t range = kLastSecond - kFirstSecond;
    const auto seconds = static_cast<int64_t>(choices_.Number() % range);
    const bool is_duration = type.full_name() == "google.protobuf.Duration";
    to.SetInt64(&moment, first,
                is_anything   ? static_cast<int64_t>(choices_.Number())
                : is_duration ? seconds
                              : kFirstSecond + seconds);
    to.SetInt32(&moment, second,
                is_anything ? Int32() : static_cast<int32_t>(choices_.Below(1'000'000'000)));
  }

  int32_t Int32() { return static_cast<int32_t>(choices_.Number()); }

  // Fields of the resource, their fields, `*`, and what is none.
  void FillMask(const Descriptor* request, Message& mask) {
    const FieldDescriptor* paths = mask.GetDescriptor()->FindFieldByNumber(1);
    const FieldDescriptor* resource = rpc::UpdatedResource(request);
    for (size_t count = choices_.Below(4); count > 0; --count) {
      std::string path =
          choices_.Chance(1, 4) || resource == nullptr ? "*" : PathIn(resource->message_type());
      if (choices_.Chance(1, 16)) path = RandomText();
      mask.GetReflection()->AddString(&mask, paths, std::move(path));
    }
  }

  std::string PathIn(const Descriptor* type) {
    std::string path;
    while (type != nullptr && type->field_count() > 0) {
      const FieldDescriptor* field =
          type->field(static_cast<int>(choices_.Below(type->field_count())));
      absl::StrAppend(&path, path.empty() ? "" : ".", field->name());
      type = choices_.Chance(1, 2) ? field->message_type() : nullptr;
    }
    return path;
  }

  const bool is_wild_;
  Choices& choices_;
};

}  // namespace

std::unique_ptr<Message> RandomMessage(const Descriptor* type, Wildness wildness,
                                       Choices& choices) {
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  Maker(wildness, choices).Fill(*message, 0);
  return message;
}

}  // namespace pingan::fuzz
