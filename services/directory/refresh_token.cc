#include "services/directory/refresh_token.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/hash.h"
#include "common/base/ids.h"
#include "sodium.h"

namespace pingan::directory {
namespace {

constexpr size_t kSecretBytes = 32;

}  // namespace

std::string RefreshToken::SecretHash() const { return base::Sha256(secret); }

std::string NewSecret() {
  std::string secret(kSecretBytes, '\0');
  randombytes_buf(secret.data(), secret.size());
  return secret;
}

std::string WriteRefreshToken(const RefreshToken& token, const KeyedHashes& hashes) {
  const std::string content =
      absl::StrCat(base::Segment(token.session, "accounts"), ".", base::LastSegment(token.session),
                   ".", token.generation, ".", absl::WebSafeBase64Escape(token.secret));
  return absl::StrCat(content, ".", absl::WebSafeBase64Escape(hashes.RefreshTag(content)));
}

std::optional<RefreshToken> ReadRefreshToken(absl::string_view text, const KeyedHashes& hashes) {
  const std::pair<absl::string_view, absl::string_view> cut = {text.substr(0, text.rfind('.')),
                                                               text.substr(text.rfind('.') + 1)};
  std::string tag;
  if (!absl::WebSafeBase64Unescape(cut.second, &tag)) return std::nullopt;
  if (!base::ConstantTimeEquals(tag, hashes.RefreshTag(cut.first))) return std::nullopt;
  // Ours, so it is made of what WriteRefreshToken puts there.
  const std::vector<absl::string_view> parts = absl::StrSplit(cut.first, '.');
  RefreshToken token;
  if (parts.size() != 4 || !absl::SimpleAtoi(parts[2], &token.generation) ||
      !absl::WebSafeBase64Unescape(parts[3], &token.secret)) {
    return std::nullopt;
  }
  token.session = absl::StrCat("accounts/", parts[0], "/sessions/", parts[1]);
  // Base64 is read with white space and padding, too; we write neither.
  if (WriteRefreshToken(token, hashes) != text) return std::nullopt;
  return token;
}

}  // namespace pingan::directory
