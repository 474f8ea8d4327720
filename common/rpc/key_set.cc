#include "common/rpc/key_set.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/rpc/strict_json.h"
#include "sodium.h"

namespace pingan::rpc {
namespace {

using ::nlohmann::json;

constexpr size_t kMaxFileBytes = 64 * 1024;
constexpr size_t kMaxIdBytes = 64;
constexpr absl::Duration kLookEvery = absl::Seconds(1);

bool IsKeyId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes &&
         absl::c_all_of(id, [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; });
}

absl::Status Broken(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("key set: ", what));
}

// Reads 32 bytes of base64url.
bool ReadBytes(const json& jwk, const char* name, unsigned char* bytes) {
  const std::optional<std::string> text = StringMember(jwk, name);
  const std::optional<std::string> decoded =
      text.has_value() ? DecodeBase64Url(*text) : std::nullopt;
  if (!decoded.has_value() || decoded->size() != 32) return false;
  std::memcpy(bytes, decoded->data(), 32);
  return true;
}

absl::Status ReadSecret(const json& jwk, KeyKind kind, Key& key) {
  if (kind == KeyKind::kPublic) {
    return jwk.contains("d") ? Broken("a private key lies among public ones") : absl::OkStatus();
  }
  std::array<unsigned char, 32> seed, derived;
  if (!ReadBytes(jwk, "d", seed.data())) return Broken("`d` is not 32 bytes of base64url");
  crypto_sign_ed25519_seed_keypair(derived.data(), key.secret_key.data(), seed.data());
  sodium_memzero(seed.data(), seed.size());
  return derived == key.public_key ? absl::OkStatus() : Broken("`x` does not belong to `d`");
}

absl::Status ReadBinding(const json& jwk, Key& key) {
  if (jwk.contains("sub")) {
    const std::optional<std::string> subject = StringMember(jwk, "sub");
    if (!subject.has_value() || subject->empty()) return Broken("`sub` is no text");
    key.subject = *subject;
  }
  if (jwk.contains("aud")) {
    if (!jwk["aud"].is_array()) return Broken("`aud` is no list");
    for (const json& audience : jwk["aud"]) {
      if (!audience.is_string()) return Broken("`aud` holds something that is no text");
      key.audiences.push_back(audience.get<std::string>());
    }
  }
  if (jwk.contains("nbf")) {
    const std::optional<int64_t> seconds = IntegerMember(jwk, "nbf");
    if (!seconds.has_value()) return Broken("`nbf` is no time");
    key.not_before = absl::FromUnixSeconds(*seconds);
  }
  return absl::OkStatus();
}

absl::StatusOr<Key> ReadKey(const json& jwk, KeyKind kind) {
  if (!jwk.is_object()) return Broken("a key is no object");
  if (StringMember(jwk, "kty") != "OKP" || StringMember(jwk, "crv") != "Ed25519")
    return Broken("a key is not Ed25519");
  if (jwk.contains("alg") && StringMember(jwk, "alg") != "EdDSA")
    return Broken("`alg` is not EdDSA");
  if (jwk.contains("use") && StringMember(jwk, "use") != "sig") return Broken("`use` is not sig");
  Key key;
  key.id = StringMember(jwk, "kid").value_or("");
  if (!IsKeyId(key.id)) return Broken("`kid` is not 1 to 64 of A-Z a-z 0-9 - _");
  if (!ReadBytes(jwk, "x", key.public_key.data()))
    return Broken("`x` is not 32 bytes of base64url");
  RETURN_IF_ERROR(ReadSecret(jwk, kind, key));
  RETURN_IF_ERROR(ReadBinding(jwk, key));
  return key;
}

}  // namespace

absl::StatusOr<KeySet> KeySet::Parse(absl::string_view text, KeyKind kind) {
  if (text.size() > kMaxFileBytes) return Broken("too large");
  const std::optional<json> set = ParseObject(text);
  if (!set.has_value()) return Broken("no JSON object, or one with a member twice");
  auto keys = set->find("keys");
  if (keys == set->end() || !keys->is_array() || keys->empty()) return Broken("no keys");
  if (keys->size() > kMaxKeys) return Broken(absl::StrCat("more than ", kMaxKeys, " keys"));
  KeySet parsed;
  for (const json& jwk : *keys) {
    ASSIGN_OR_RETURN(Key key, ReadKey(jwk, kind));
    if (parsed.Find(key.id) != nullptr) return Broken(absl::StrCat("`kid` ", key.id, " twice"));
    parsed.keys_.push_back(std::move(key));
  }
  return parsed;
}

const Key* KeySet::Find(absl::string_view id) const {
  auto it = absl::c_find_if(keys_, [&](const Key& key) { return key.id == id; });
  return it == keys_.end() ? nullptr : &*it;
}

absl::StatusOr<std::unique_ptr<KeyFile>> KeyFile::Open(std::string path, KeyKind kind) {
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot be initialised");
  auto file = absl::WrapUnique(new KeyFile(std::move(path), kind));
  absl::MutexLock lock(&file->mutex_);
  RETURN_IF_ERROR(file->Load());
  return file;
}

KeyFile::Snapshot KeyFile::Current(absl::Time now) {
  LookIfDue(now);
  absl::MutexLock lock(&mutex_);
  return {keys_, generation_.load(std::memory_order_relaxed)};
}

uint64_t KeyFile::Generation(absl::Time now) {
  LookIfDue(now);
  return generation_.load(std::memory_order_acquire);
}

absl::Status KeyFile::last_load() const {
  absl::MutexLock lock(&mutex_);
  return last_load_;
}

void KeyFile::LookIfDue(absl::Time now) {
  const int64_t at = absl::ToUnixMicros(now);
  int64_t looked = looked_micros_.load(std::memory_order_relaxed);
  // A clock that was set back must not stop the looking.
  if (at >= looked && at - looked < absl::ToInt64Microseconds(kLookEvery)) return;
  if (!looked_micros_.compare_exchange_strong(looked, at)) return;  // another thread looks
  absl::MutexLock lock(&mutex_);
  last_load_ = Load();
}

// Keeps what is there unless all of the file is sound.
absl::Status KeyFile::Load() {
  const int file = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    version_ = {};
    return absl::NotFoundError(absl::StrCat(path_, ": ", std::strerror(errno)));
  }
  absl::Cleanup close_file = [file] { close(file); };
  struct stat found;
  if (fstat(file, &found) != 0)
    return absl::InternalError(absl::StrCat(path_, ": ", std::strerror(errno)));
  const Version version{static_cast<int64_t>(found.st_dev), static_cast<int64_t>(found.st_ino),
                        found.st_size,
                        found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec};
  if (version == version_) return last_load_;
  std::string text(kMaxFileBytes + 1, '\0');
  size_t size = 0;
  for (ssize_t got;
       size < text.size() && (got = read(file, text.data() + size, text.size() - size)) > 0;)
    size += got;
  text.resize(size);
  version_ = version;
  absl::StatusOr<KeySet> keys = KeySet::Parse(text, kind_);
  sodium_memzero(text.data(), text.size());
  if (!keys.ok())
    return absl::InvalidArgumentError(absl::StrCat(path_, ": ", keys.status().message()));
  keys_ = std::make_shared<const KeySet>(*std::move(keys));
  generation_.fetch_add(1, std::memory_order_release);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<SigningKeyFile>> SigningKeyFile::Open(std::string path) {
  ASSIGN_OR_RETURN(std::unique_ptr<KeyFile> file,
                   KeyFile::Open(std::move(path), KeyKind::kPrivate));
  return absl::WrapUnique(new SigningKeyFile(std::move(file)));
}

std::shared_ptr<const Key> SigningKeyFile::Current(absl::Time now) {
  std::shared_ptr<const KeySet> set = file_->Current(now).keys;
  const Key* best = nullptr;
  for (const Key& key : set->keys()) {
    if (best == nullptr) {
      best = &key;
      continue;
    }
    const bool best_may = best->not_before <= now, may = key.not_before <= now;
    const bool newer = key.not_before > best->not_before;
    if (may != best_may ? may : may == newer) best = &key;
  }
  return std::shared_ptr<const Key>(std::move(set), best);
}

}  // namespace pingan::rpc
