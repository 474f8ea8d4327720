// What enum values are called: by programs, by people.
#ifndef PINGAN_COMMON_BASE_ENUM_WORDS_H_
#define PINGAN_COMMON_BASE_ENUM_WORDS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace pingan::base {

namespace enum_words_internal {

std::string Word(const google::protobuf::EnumDescriptor& values, int number);
std::string Identifier(const google::protobuf::EnumDescriptor& values, int number);
std::optional<int> Number(const google::protobuf::EnumDescriptor& values, absl::string_view word);

}  // namespace enum_words_internal

// The option (pingan.options.v1.zh) of a protobuf enum's value: "治安联巡". "" when it has none.
template <class Enum>
std::string WordOf(Enum value) {
  return enum_words_internal::Word(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

// Its name in the proto: "PATROL". "" for a number without a name.
template <class Enum>
std::string IdentifierOf(Enum value) {
  return enum_words_internal::Identifier(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

// The value that people call so.
template <class Enum>
std::optional<Enum> ValueOfWord(absl::string_view word) {
  const std::optional<int> number =
      enum_words_internal::Number(*google::protobuf::GetEnumDescriptor<Enum>(), word);
  if (!number.has_value()) return std::nullopt;
  return static_cast<Enum>(*number);
}

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_ENUM_WORDS_H_
