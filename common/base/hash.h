// Hashes. Results are raw bytes. Thread safe, cannot fail. For base64url use
// absl::WebSafeBase64Escape, which does not pad.
#ifndef PINGAN_COMMON_BASE_HASH_H_
#define PINGAN_COMMON_BASE_HASH_H_

#include <string>

#include "absl/strings/string_view.h"

namespace pingan::base {

// 32 bytes: FIPS 180-4.
std::string Sha256(absl::string_view data);

// 32 bytes: RFC 2104 over SHA-256. Any length of key.
std::string HmacSha256(absl::string_view key, absl::string_view data);

// Lower-case hex.
std::string Hex(absl::string_view bytes);

// Whether two secrets are equal, in a time that depends only on their lengths.
bool ConstantTimeEquals(absl::string_view a, absl::string_view b);

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_HASH_H_
