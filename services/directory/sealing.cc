#include "services/directory/sealing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "sodium.h"

namespace pingan::directory {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string Bound(const Place& place) {
  return absl::StrCat(place.tenant, "|", place.table, "|", place.column, "|", place.id);
}

// A random nonce, then the ciphertext with its tag. Nonces of 24 bytes may be random (RFC draft
// XChaCha, section 3.1).
std::string Encrypt(const std::string& key, const Place& place, absl::string_view text) {
  const std::string bound = Bound(place);
  std::string sealed(kNonceBytes + text.size() + kTagBytes, '\0');
  randombytes_buf(sealed.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(Bytes(sealed) + kNonceBytes, nullptr, Bytes(text),
                                             text.size(), Bytes(bound), bound.size(), nullptr,
                                             Bytes(sealed), Bytes(key));
  return sealed;
}

absl::StatusOr<std::string> Decrypt(const std::string& key, const Place& place,
                                    absl::string_view sealed) {
  const std::string bound = Bound(place);
  if (sealed.size() < kNonceBytes + kTagBytes)
    return absl::DataLossError("a sealed value is too short");
  std::string text(sealed.size() - kNonceBytes - kTagBytes, '\0');
  const absl::string_view body = sealed.substr(kNonceBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(Bytes(text), nullptr, nullptr, Bytes(body),
                                                 body.size(), Bytes(bound), bound.size(),
                                                 Bytes(sealed), Bytes(key)) != 0) {
    return absl::DataLossError(absl::StrCat("a sealed value of ", bound, " does not open"));
  }
  return text;
}

}  // namespace

DataKey DataKey::New() {
  std::string key(kKeyBytes, '\0');
  randombytes_buf(key.data(), key.size());
  return DataKey(std::move(key));
}

std::string DataKey::Seal(const Place& place, absl::string_view text) const {
  return Encrypt(key_, place, text);
}

absl::StatusOr<std::string> DataKey::Unseal(const Place& place, absl::string_view sealed) const {
  return Decrypt(key_, place, sealed);
}

absl::StatusOr<std::unique_ptr<Sealer>> Sealer::Open(absl::string_view secrets_dir,
                                                     base::Clock& clock) {
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot be initialised");
  std::unique_ptr<Sealer> sealer(new Sealer(SealingKeysPath(secrets_dir), clock));
  absl::MutexLock lock(&sealer->mutex_);
  RETURN_IF_ERROR(sealer->Load());
  sealer->looked_ = clock.Now();
  return sealer;
}

absl::Status Sealer::Load() {
  std::error_code error;
  written_ = std::filesystem::last_write_time(path_, error);
  ASSIGN_OR_RETURN(keys_, ReadSealingKeys(path_));
  return absl::OkStatus();
}

void Sealer::LoadIfChanged() {
  const absl::Time now = clock_.Now();
  if (now >= looked_ && now - looked_ < absl::Seconds(1)) return;
  looked_ = now;
  std::error_code error;
  if (std::filesystem::last_write_time(path_, error) != written_ && !error) Load().IgnoreError();
}

const SealingKey* Sealer::Find(absl::string_view id) const {
  for (const SealingKey& key : keys_) {
    if (key.id == id) return &key;
  }
  return nullptr;
}

WrappedKey Sealer::Wrap(const DataKey& key, const Place& place) {
  absl::MutexLock lock(&mutex_);
  LoadIfChanged();
  const SealingKey& newest = keys_.front();
  return {.sealing_key = newest.id, .wrapped = Encrypt(newest.key, place, key.key_)};
}

absl::StatusOr<DataKey> Sealer::Unwrap(absl::string_view sealing_key, absl::string_view wrapped,
                                       const Place& place) {
  std::string wrapping;
  {
    absl::MutexLock lock(&mutex_);
    // Another replica may have wrapped it with a key that is newer than what was read here.
    if (Find(sealing_key) == nullptr) Load().IgnoreError();
    const SealingKey* found = Find(sealing_key);
    if (found == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat("there is no sealing key ", sealing_key, " any more"));
    }
    wrapping = found->key;
  }
  ASSIGN_OR_RETURN(std::string key, Decrypt(wrapping, place, wrapped));
  return DataKey(std::move(key));
}

}  // namespace pingan::directory
