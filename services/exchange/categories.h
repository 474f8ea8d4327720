// What may be listed, in which measures, and what these are called.
#ifndef PINGAN_SERVICES_EXCHANGE_CATEGORIES_H_
#define PINGAN_SERVICES_EXCHANGE_CATEGORIES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/base/enum_words.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "pingan/exchange/v1/exchange.pb.h"

namespace pingan::exchange {

// The measures a category has, none for the unspecified one.
absl::Span<const v1::Measure> MeasuresOf(v1::Category category);
bool HasMeasure(v1::Category category, v1::Measure measure);

v1::ListCategoriesResponse AllCategories();

// All words, in order: "资源、需求".
template <class Enum>
std::string AllWords() {
  const google::protobuf::EnumDescriptor& values = *google::protobuf::GetEnumDescriptor<Enum>();
  std::string words;
  for (int i = 0; i < values.value_count(); ++i) {
    const std::string word = base::WordOf(static_cast<Enum>(values.value(i)->number()));
    if (!words.empty() && !word.empty()) words += "、";
    words += word;
  }
  return words;
}

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_CATEGORIES_H_
