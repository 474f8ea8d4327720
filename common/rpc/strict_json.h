// JSON of keys and tokens: nothing in it may be read in two ways.
#ifndef PINGAN_COMMON_RPC_STRICT_JSON_H_
#define PINGAN_COMMON_RPC_STRICT_JSON_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace pingan::rpc {

// The JSON object that `text` is. Nothing when it is not one, holds a member twice, is nested
// deeper than 4, or is not UTF-8 (RFC 8725, 2.4 and 3.10).
std::optional<nlohmann::json> ParseObject(absl::string_view text);

// The string member `name`, or nothing when it is absent or no string.
std::optional<std::string> StringMember(const nlohmann::json& object, const char* name);

// The integer member `name`, or nothing when it is absent, no integer, or not within 0 to 2^53.
std::optional<int64_t> IntegerMember(const nlohmann::json& object, const char* name);

// The bytes of base64url without padding, or nothing when `text` is not exactly what encoding them
// gives (RFC 7515, 2).
std::optional<std::string> DecodeBase64Url(absl::string_view text);

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_STRICT_JSON_H_
