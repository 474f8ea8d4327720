#include "common/base/enum_words.h"

#include "pingan/options/v1/options.pb.h"

namespace pingan::base::enum_words_internal {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

std::string Word(const EnumDescriptor& values, int number) {
  const EnumValueDescriptor* value = values.FindValueByNumber(number);
  return value == nullptr ? "" : value->options().GetExtension(options::v1::zh);
}

std::string Identifier(const EnumDescriptor& values, int number) {
  const EnumValueDescriptor* value = values.FindValueByNumber(number);
  return value == nullptr ? "" : value->name();
}

std::optional<int> Number(const EnumDescriptor& values, absl::string_view word) {
  if (word.empty()) return std::nullopt;
  for (int i = 0; i < values.value_count(); ++i) {
    if (values.value(i)->options().GetExtension(options::v1::zh) == word)
      return values.value(i)->number();
  }
  return std::nullopt;
}

}  // namespace pingan::base::enum_words_internal
