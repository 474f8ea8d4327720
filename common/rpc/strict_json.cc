#include "common/rpc/strict_json.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "sodium.h"

namespace pingan::rpc {
namespace {

using ::nlohmann::json;

constexpr int kMaxDepth = 4;
constexpr int64_t kMaxInteger = int64_t{1} << 53;

}  // namespace

std::optional<json> ParseObject(absl::string_view text) {
  // The parser takes a NUL for the end of the text.
  if (text.find('\0') != absl::string_view::npos) return std::nullopt;
  std::vector<std::set<std::string>> seen;  // member names of the objects that are open
  bool is_sound = true;
  auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    is_sound = is_sound && depth <= kMaxDepth;
    if (event == json::parse_event_t::object_start) seen.emplace_back();
    if (event == json::parse_event_t::object_end) seen.pop_back();
    if (event == json::parse_event_t::key)
      is_sound = seen.back().insert(parsed.get<std::string>()).second && is_sound;
    return true;
  };
  json parsed = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (!is_sound || !parsed.is_object()) return std::nullopt;
  return parsed;
}

std::optional<std::string> StringMember(const json& object, const char* name) {
  auto member = object.find(name);
  if (member == object.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

std::optional<int64_t> IntegerMember(const json& object, const char* name) {
  auto member = object.find(name);
  if (member == object.end() || !member->is_number_unsigned()) return std::nullopt;
  const auto value = member->get<uint64_t>();
  if (value > static_cast<uint64_t>(kMaxInteger)) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<std::string> DecodeBase64Url(absl::string_view text) {
  // libsodium takes the byte 0xff, as a negative number, for '_'.
  if (!absl::c_all_of(text, absl::ascii_isascii)) return std::nullopt;
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  size_t size = 0;
  // With no place to report an end, what is left over is an error; so are bits that no encoder
  // leaves set.
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(),
                        /*ignore=*/nullptr, &size, /*b64_end=*/nullptr,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace pingan::rpc
