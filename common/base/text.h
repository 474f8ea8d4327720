// What text from outside must hold before anything else looks at it. Thread safe.
#ifndef PINGAN_COMMON_BASE_TEXT_H_
#define PINGAN_COMMON_BASE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace pingan::base {

// Strict: no surrogates, no overlong forms, nothing beyond U+10FFFF.
bool IsUtf8(absl::string_view text);

// Length of the longest prefix that is valid UTF-8.
size_t ValidUtf8Prefix(absl::string_view text);

// Code points of valid UTF-8; of other bytes, those that are no continuation bytes.
size_t CountCodePoints(absl::string_view text);

// Valid UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F): fit for a name, a
// title, an identifier.
bool IsPlainText(absl::string_view text);

// The same, but tab, line feed and carriage return are let in: fit for a description.
bool IsMultilineText(absl::string_view text);

// Without the white space of ASCII and the ideographic space U+3000 at both ends.
absl::string_view TrimSpace(absl::string_view text);

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_TEXT_H_
