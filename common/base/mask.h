// Names and phones as others may see them, and the one form in which phones are kept. Thread safe.
#ifndef PINGAN_COMMON_BASE_MASK_H_
#define PINGAN_COMMON_BASE_MASK_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace pingan::base {

// "138****1234" of a mobile number in any form NormalizePhone takes; "****" of anything else.
std::string MaskPhone(absl::string_view phone);

// The first character and one star for a name of two characters, two stars for a longer one: 王明
// -> 王*, 王小明 -> 王**, 欧阳小明 -> 欧**. A single character and bytes that are not UTF-8 are
// hidden whole. Never shows the length of a long name.
std::string MaskName(absl::string_view name);

// The eleven digits of a mainland mobile number (1, then 3 to 9, then nine digits), of a text that
// may have a +86, 0086 or 86 before them, full-width digits, spaces and hyphens. Nothing for
// anything else.
std::optional<std::string> NormalizePhone(absl::string_view text);

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_MASK_H_
