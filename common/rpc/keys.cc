#include "common/rpc/keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/hash.h"
#include "common/base/status_macros.h"
#include "common/rpc/key_set.h"
#include "common/rpc/policy.h"
#include "common/rpc/token.h"
#include "nlohmann/json.hpp"
#include "sodium.h"

namespace pingan::rpc {
namespace {

using ::nlohmann::json;

constexpr mode_t kPrivateMode = 0600;
constexpr mode_t kPublicMode = 0644;

template <size_t kSize>
std::string Encode(const std::array<unsigned char, kSize>& bytes, size_t size) {
  return absl::WebSafeBase64Escape({reinterpret_cast<const char*>(bytes.data()), size});
}

absl::StatusOr<Key> NewKey() {
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot be initialised");
  Key key;
  crypto_sign_keypair(key.public_key.data(), key.secret_key.data());
  // RFC 7638: the required members in this order, without white space.
  key.id = absl::WebSafeBase64Escape(
      base::Sha256(absl::StrCat(R"({"crv":"Ed25519","kty":"OKP","x":")",
                                Encode(key.public_key, key.public_key.size()), "\"}")));
  return key;
}

json ToJwk(const Key& key, KeyKind kind) {
  json jwk = {{"kty", "OKP"},   {"crv", "Ed25519"},
              {"alg", "EdDSA"}, {"use", "sig"},
              {"kid", key.id},  {"x", Encode(key.public_key, key.public_key.size())}};
  if (!key.subject.empty()) jwk["sub"] = key.subject;
  if (!key.audiences.empty()) jwk["aud"] = key.audiences;
  if (key.not_before > absl::UnixEpoch()) jwk["nbf"] = absl::ToUnixSeconds(key.not_before);
  if (kind == KeyKind::kPublic) return jwk;
  jwk["d"] = Encode(key.secret_key, crypto_sign_SEEDBYTES);
  return jwk;
}

absl::Status Failed(const std::string& path) {
  return absl::InternalError(absl::StrCat(path, ": ", std::strerror(errno)));
}

// Replaces `path` by rename, so that nobody ever reads half of it.
absl::Status Replace(const std::string& path, const std::string& text, mode_t mode) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return absl::InternalError(absl::StrCat(path, ": ", error.message()));
  std::string fresh = absl::StrCat(path, ".XXXXXX");
  const int file = mkstemp(fresh.data());
  if (file < 0) return Failed(fresh);
  absl::Cleanup remove_fresh = [&] { unlink(fresh.c_str()); };
  const bool is_written =
      write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fchmod(file, mode) == 0 && fsync(file) == 0;
  if (close(file) != 0 || !is_written) return Failed(fresh);
  if (rename(fresh.c_str(), path.c_str()) != 0) return Failed(path);
  std::move(remove_fresh).Cancel();
  return absl::OkStatus();
}

absl::Status WriteKeys(const std::string& path, const std::vector<Key>& keys, KeyKind kind) {
  json set = {{"keys", json::array()}};
  for (const Key& key : keys) set["keys"].push_back(ToJwk(key, kind));
  return Replace(path, set.dump(2) + "\n", kind == KeyKind::kPrivate ? kPrivateMode : kPublicMode);
}

absl::StatusOr<std::vector<Key>> ReadKeys(const std::string& path, KeyKind kind) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  ASSIGN_OR_RETURN(KeySet set, KeySet::Parse(text, kind));
  return set.keys();
}

// The public half first: a verifier that knows a key too early does no harm.
absl::Status WriteUserKeys(absl::string_view directory, const std::vector<Key>& keys) {
  RETURN_IF_ERROR(WriteKeys(UserKeySetPath(directory), keys, KeyKind::kPublic));
  return WriteKeys(UserSigningKeysPath(directory), keys, KeyKind::kPrivate);
}

absl::StatusOr<Key> NewServiceKey(const ServiceKeyRequest& request) {
  ASSIGN_OR_RETURN(Key key, NewKey());
  if (!IsServiceName(request.name))
    return absl::InvalidArgumentError(absl::StrCat("no name of a service: ", request.name));
  key.subject = absl::StrCat("services/", request.name);
  for (const std::string& audience : request.audiences) {
    if (!IsServiceName(audience))
      return absl::InvalidArgumentError(absl::StrCat("no name of a service: ", audience));
    key.audiences.push_back(absl::StrCat("services/", audience));
  }
  return key;
}

// Puts `fresh` before the newest key of its subject and drops the older ones.
void Supersede(std::vector<Key>& keys, const Key& fresh) {
  auto is_of_subject = [&](const Key& key) { return key.subject == fresh.subject; };
  auto newest = absl::c_find_if(keys, is_of_subject);
  if (newest == keys.end()) {
    keys.push_back(fresh);
    return;
  }
  newest->audiences = fresh.audiences;
  keys.erase(std::remove_if(newest + 1, keys.end(), is_of_subject), keys.end());
  keys.insert(newest, fresh);
}

}  // namespace

std::string UserSigningKeysPath(absl::string_view directory) {
  return absl::StrCat(directory, "/users/signing.key");
}

std::string UserKeySetPath(absl::string_view directory) {
  return absl::StrCat(directory, "/users/jwks.json");
}

std::string ServiceKeyPath(absl::string_view directory, absl::string_view name) {
  return absl::StrCat(directory, "/services/", name, ".key");
}

std::string ServiceKeySetPath(absl::string_view directory) {
  return absl::StrCat(directory, "/services.jwks.json");
}

absl::Status MakeUserKeys(absl::string_view directory, absl::Time now) {
  ASSIGN_OR_RETURN(Key key, NewKey());
  key.not_before = now;
  return WriteUserKeys(directory, {key});
}

absl::Status RotateUserKeys(absl::string_view directory, absl::Time now, absl::Duration lead) {
  ASSIGN_OR_RETURN(std::vector<Key> keys,
                   ReadKeys(UserSigningKeysPath(directory), KeyKind::kPrivate));
  const Key newest = *absl::c_max_element(
      keys, [](const Key& a, const Key& b) { return a.not_before < b.not_before; });
  const absl::Time free_from = newest.not_before + kMaxUserTokenLifetime + kClockSkew;
  if (keys.size() > 1 && now < free_from) {
    return absl::FailedPreconditionError(absl::StrCat(
        "tokens of the key before may be valid until ",
        absl::FormatTime(free_from, absl::UTCTimeZone()), "; make new keys if they must end now"));
  }
  ASSIGN_OR_RETURN(Key fresh, NewKey());
  fresh.not_before = now + lead;
  return WriteUserKeys(directory, {fresh, newest});
}

bool HasServiceKey(absl::string_view directory, const ServiceKeyRequest& service) {
  if (!std::filesystem::exists(ServiceKeyPath(directory, service.name))) return false;
  const auto known = ReadKeys(ServiceKeySetPath(directory), KeyKind::kPublic);
  const auto wanted = NewServiceKey(service);
  if (!known.ok() || !wanted.ok()) return false;
  return absl::c_any_of(*known, [&](const Key& key) {
    return key.subject == wanted->subject && key.audiences == wanted->audiences;
  });
}

absl::Status MakeServiceKeys(absl::string_view directory,
                             const std::vector<ServiceKeyRequest>& services) {
  const std::string set_path = ServiceKeySetPath(directory);
  std::vector<Key> keys;
  if (std::filesystem::exists(set_path)) {
    ASSIGN_OR_RETURN(keys, ReadKeys(set_path, KeyKind::kPublic));
  }
  std::vector<std::pair<std::string, Key>> fresh;
  for (const ServiceKeyRequest& service : services) {
    ASSIGN_OR_RETURN(Key key, NewServiceKey(service));
    Supersede(keys, key);
    fresh.emplace_back(ServiceKeyPath(directory, service.name), std::move(key));
  }
  RETURN_IF_ERROR(WriteKeys(set_path, keys, KeyKind::kPublic));
  for (const auto& [path, key] : fresh) RETURN_IF_ERROR(WriteKeys(path, {key}, KeyKind::kPrivate));
  return absl::OkStatus();
}

}  // namespace pingan::rpc
