#include "services/directory/keyed_hashes.h"

#include "absl/strings/str_cat.h"
#include "common/base/hash.h"
#include "common/base/status_macros.h"
#include "services/directory/deployment_keys.h"

namespace pingan::directory {
namespace {

// Long enough that two of the country's phones do not share one.
constexpr size_t kIndexBytes = 16;

std::string E164(absl::string_view phone) { return absl::StrCat("+86", phone); }

std::string Index(const std::string& key, absl::string_view of) {
  return base::Hex(base::HmacSha256(key, of).substr(0, kIndexBytes));
}

}  // namespace

absl::StatusOr<KeyedHashes> KeyedHashes::Open(absl::string_view secrets_dir) {
  ASSIGN_OR_RETURN(std::string index_key, ReadKey(IndexKeyPath(secrets_dir)));
  ASSIGN_OR_RETURN(std::string pepper, ReadKey(PepperPath(secrets_dir)));
  return KeyedHashes(std::move(index_key), std::move(pepper));
}

std::string KeyedHashes::PhoneIndex(absl::string_view town, absl::string_view phone) const {
  const std::string hex = Index(index_key_, absl::StrCat("person|", town, "|", E164(phone)));
  const absl::string_view view = hex;
  return absl::StrCat(view.substr(0, 8), "-", view.substr(8, 4), "-", view.substr(12, 4), "-",
                      view.substr(16, 4), "-", view.substr(20));
}

std::string KeyedHashes::LoginOf(absl::string_view phone) const {
  return Index(index_key_, absl::StrCat("login|", E164(phone)));
}

std::string KeyedHashes::SubjectOf(absl::string_view address) const {
  return Index(index_key_, absl::StrCat("address|", address));
}

std::string KeyedHashes::CodeHash(absl::string_view login, absl::string_view code) const {
  return base::HmacSha256(pepper_, absl::StrCat("code|", login, "|", code));
}

std::string KeyedHashes::RefreshTag(absl::string_view content) const {
  return base::HmacSha256(pepper_, absl::StrCat("refresh|", content));
}

}  // namespace pingan::directory
