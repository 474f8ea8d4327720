#include "common/rpc/page_token.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/calendar.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/text.h"
#include "common/rpc/strict_json.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "sodium.h"

namespace pingan::rpc {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// A token is base64url of: version, fingerprint, then each key behind its length (two bytes, high
// one first).
constexpr char kVersion = 1;
constexpr size_t kHeadBytes = 1 + crypto_shorthash_BYTES;
constexpr size_t kMaxKeys = 8;
constexpr size_t kMaxKeyBytes = 256;
constexpr size_t kMaxTokenBytes = (kHeadBytes + kMaxKeys * (2 + kMaxKeyBytes)) * 4 / 3 + 4;

// No secret: README.md, "Page tokens are not signed".
constexpr std::array<unsigned char, crypto_shorthash_KEYBYTES> kFingerprintKey = {'p', 'i', 'n',
                                                                                  'g', 'a', 'n'};

const FieldDescriptor* Field(const Message& request, const char* name) {
  return request.GetDescriptor()->FindFieldByName(name);
}

// The request as bytes, without what may differ between two pages.
std::string FilterOf(const Message& request) {
  std::unique_ptr<Message> filter(request.New());
  filter->CopyFrom(request);
  filter->GetReflection()->ClearField(filter.get(), Field(request, "page_size"));
  filter->GetReflection()->ClearField(filter.get(), Field(request, "page_token"));
  std::string bytes = request.GetDescriptor()->full_name();
  bytes.push_back('\0');
  google::protobuf::io::StringOutputStream out(&bytes);
  google::protobuf::io::CodedOutputStream coded(&out);
  coded.SetSerializationDeterministic(true);  // maps have an order
  filter->SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

// Of the filter and of the encoded keys.
std::string Fingerprint(const Message& request, absl::string_view keys) {
  const std::string filter = FilterOf(request);
  // The filter's length comes first, so that no filter and keys can pass for others.
  const std::string all = absl::StrCat(filter.size(), ":", filter, keys);
  std::string fingerprint(crypto_shorthash_BYTES, '\0');
  crypto_shorthash(reinterpret_cast<unsigned char*>(fingerprint.data()),
                   reinterpret_cast<const unsigned char*>(all.data()), all.size(),
                   kFingerprintKey.data());
  return fingerprint;
}

std::optional<std::vector<std::string>> ReadKeys(absl::string_view encoded) {
  std::vector<std::string> keys;
  while (!encoded.empty()) {
    if (encoded.size() < 2 || keys.size() == kMaxKeys) return std::nullopt;
    const size_t size =
        static_cast<unsigned char>(encoded[0]) * 256u + static_cast<unsigned char>(encoded[1]);
    encoded.remove_prefix(2);
    if (size > kMaxKeyBytes || size > encoded.size()) return std::nullopt;
    const absl::string_view key = encoded.substr(0, size);
    if (!base::IsUtf8(key) || key.find('\0') != absl::string_view::npos) return std::nullopt;
    keys.emplace_back(key);
    encoded.remove_prefix(size);
  }
  if (keys.empty()) return std::nullopt;
  return keys;
}

std::optional<std::vector<std::string>> ReadToken(const Message& request, absl::string_view token) {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const std::optional<std::string> bytes = DecodeBase64Url(token);
  if (!bytes.has_value() || bytes->size() < kHeadBytes || bytes->front() != kVersion)
    return std::nullopt;
  const absl::string_view encoded = absl::string_view(*bytes).substr(kHeadBytes);
  if (bytes->substr(1, crypto_shorthash_BYTES) != Fingerprint(request, encoded))
    return std::nullopt;
  return ReadKeys(encoded);
}

// "2026-05-01 08:00:00.000000+00", as moments are bound to statements.
bool IsMoment(absl::string_view text) {
  constexpr size_t kDayEnd = 10, kLongest = 26;
  absl::Time time;
  std::string error;
  return absl::ConsumeSuffix(&text, "+00") && text.size() <= kLongest &&
         base::ParseDay(text.substr(0, kDayEnd)).has_value() &&
         absl::ParseTime("%Y-%m-%d %H:%M:%E*S", text, &time, &error);
}

bool IsNumber(absl::string_view text) {
  int64_t number;
  return absl::SimpleAtoi(text, &number);
}

// Whether a column that takes `like` takes `key`.
bool IsOfKind(absl::string_view key, absl::string_view like) {
  if (base::IsUuid(like)) return base::IsUuid(key);
  if (base::ParseDay(like).has_value()) return base::ParseDay(key).has_value();
  if (IsMoment(like)) return IsMoment(key);
  return !IsNumber(like) || IsNumber(key);
}

}  // namespace

std::string Page::KeyOr(size_t index, absl::string_view first) const {
  return index < keys.size() && IsOfKind(keys[index], first) ? keys[index] : std::string(first);
}

absl::StatusOr<Page> ReadPage(const Message& request, int default_size, int max_size) {
  const auto& reflection = *request.GetReflection();
  const int size = reflection.GetInt32(request, Field(request, "page_size"));
  if (size < 0) return base::RefuseField("page_size", "须不小于 0");
  Page page{size == 0 ? default_size : std::min(size, max_size), {}};
  const std::string token = reflection.GetString(request, Field(request, "page_token"));
  if (token.empty()) return page;
  std::optional<std::vector<std::string>> keys = ReadToken(request, token);
  if (!keys.has_value()) return base::Refuse(errors::v1::INVALID_PAGE_TOKEN);
  page.keys = *std::move(keys);
  return page;
}

std::string NextPageToken(const Message& request, const std::vector<std::string>& keys) {
  if (keys.empty()) return "";
  std::string encoded;
  for (const std::string& key : keys) {
    encoded.push_back(static_cast<char>(key.size() / 256));
    encoded.push_back(static_cast<char>(key.size() % 256));
    encoded.append(key);
  }
  return absl::WebSafeBase64Escape(
      absl::StrCat(std::string(1, kVersion), Fingerprint(request, encoded), encoded));
}

}  // namespace pingan::rpc
