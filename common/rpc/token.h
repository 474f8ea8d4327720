// Access tokens: JWTs (RFC 7519) signed with Ed25519 (RFC 8037), read as strictly as we write them.
//
// There are two kinds, told apart by the keys that sign them, so neither can pass for the other:
//   - users': `iss` the installation, `aud` "pingan", `sub` the account, `person` the membership
//     or absent; at most 15 minutes;
//   - services': `iss` and `sub` the calling service `services/event`, `aud` the called one
//     `services/volunteer`; at most 5 minutes.
// Times come from the caller (`now`). All classes here may be used from any thread.
#ifndef PINGAN_COMMON_RPC_TOKEN_H_
#define PINGAN_COMMON_RPC_TOKEN_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/key_set.h"
#include "common/rpc/token_cache.h"

namespace pingan::rpc {

inline constexpr absl::string_view kUserAudience = "pingan";
inline constexpr absl::Duration kMaxUserTokenLifetime = absl::Minutes(15);
inline constexpr absl::Duration kMaxServiceTokenLifetime = absl::Minutes(5);
// How far two machines' clocks may differ.
inline constexpr absl::Duration kClockSkew = absl::Seconds(30);
// Longer tokens are refused unread.
inline constexpr size_t kMaxTokenBytes = 2048;

// A user: the login and, once they chose a town, their membership there.
struct UserToken {
  std::string account;  // UUID, lower case
  std::string person;   // `towns/{town}/people/{person}`, or empty
  absl::Time expire_time;
};

// A service: the one whose key signed.
struct ServiceToken {
  std::string service;  // `services/event`
  absl::Time expire_time;
};

// Verifies users' tokens. Verified tokens are remembered until they expire or the keys change; a
// remembered one costs no signature check.
class TokenVerifier {
 public:
  // `keys` must outlive this. `issuer` is the `iss` every token must carry; `cache_size` the most
  // tokens remembered.
  TokenVerifier(KeyFile& keys, std::string issuer, size_t cache_size = 65536);

  // The claims, or TOKEN_REJECTED; the status message says why, for the log only. `token` is the
  // bare JWT.
  absl::StatusOr<std::shared_ptr<const UserToken>> Verify(absl::string_view token, absl::Time now);

 private:
  KeyFile& keys_;
  const std::string issuer_;
  TokenCache<UserToken> cache_;
};

// Verifies other services' tokens for one called service. The key must be bound to the token's
// subject and may sign for this audience (key_set.h).
class ServiceTokenVerifier {
 public:
  // `service` is the called one: `services/volunteer`.
  ServiceTokenVerifier(KeyFile& keys, std::string service, size_t cache_size = 1024);

  absl::StatusOr<std::shared_ptr<const ServiceToken>> Verify(absl::string_view token,
                                                             absl::Time now);

 private:
  KeyFile& keys_;
  const std::string service_;
  TokenCache<ServiceToken> cache_;
};

// Signs users' tokens with the private key that is current at `now` (keys.h rotates it; the file is
// followed).
class TokenSigner {
 public:
  // `key_file` must outlive this.
  TokenSigner(SigningKeyFile& key_file, std::string issuer);

  // The JWT for `account` and `person` (may be empty), valid from `now` for `lifetime` (more than
  // zero, at most kMaxUserTokenLifetime; longer is cut).
  std::string Sign(absl::string_view account, absl::string_view person, absl::Time now,
                   absl::Duration lifetime);

 private:
  SigningKeyFile& keys_;
  const std::string issuer_;
};

// Tokens this service shows to others: minted for kMaxServiceTokenLifetime, handed out until a
// minute before they end or until there is a new key.
class ServiceTokenSource {
 public:
  // `service` is this one: `services/event`. `key_file` must outlive this.
  ServiceTokenSource(SigningKeyFile& key_file, std::string service);

  // A token for the called `audience`, e.g. `services/volunteer`.
  std::string TokenFor(absl::string_view audience, absl::Time now);

 private:
  struct Minted {
    std::string token;
    std::string key;  // id of the one that signed
    absl::Time renew_time;
  };

  SigningKeyFile& keys_;
  const std::string service_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Minted> minted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_TOKEN_H_
