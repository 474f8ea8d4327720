// Making and rotating the keys of an installation. README.md, "Tokens and keys", says what lies
// where.
//
// Files are replaced by rename, so a reader sees the old or the new one; private ones have mode
// 0600, public ones 0644.
#ifndef PINGAN_COMMON_RPC_KEYS_H_
#define PINGAN_COMMON_RPC_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace pingan::rpc {

// Where things are under the secrets' directory.
std::string UserSigningKeysPath(absl::string_view directory);  // users/signing.key
std::string UserKeySetPath(
    absl::string_view directory);  // users/jwks.json: for Envoy and every service
std::string ServiceKeyPath(absl::string_view directory,
                           absl::string_view name);  // services/<name>.key
std::string ServiceKeySetPath(
    absl::string_view directory);  // services.jwks.json: for every service

// One new key for users' tokens, and nothing else: every token of before stops working. For the
// first set-up, or after a theft.
absl::Status MakeUserKeys(absl::string_view directory, absl::Time now);

// Adds a key that signs from `now + lead` on; tokens of the one before stay valid until the next
// rotation. `lead` must exceed what the slowest verifier needs to see the new set: seconds on one
// machine, two minutes for Kubernetes volumes. FAILED_PRECONDITION while the tokens of the key that
// would be dropped may still live.
absl::Status RotateUserKeys(absl::string_view directory, absl::Time now, absl::Duration lead);

// A service and whom it calls.
struct ServiceKeyRequest {
  std::string name;                    // `event`
  std::vector<std::string> audiences;  // names of the services it may call: `volunteer`
};

// Whether a service has a key, and that key is for calling just these audiences.
bool HasServiceKey(absl::string_view directory, const ServiceKeyRequest& service);

// New keys for the named services, one each. The key that a named service had before stays
// verifiable until the next call that names it: a running process reads its new key within a
// second, not at once. Keys of services that are not named are kept as they are. Audiences are
// those named now, for both keys.
absl::Status MakeServiceKeys(absl::string_view directory,
                             const std::vector<ServiceKeyRequest>& services);

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_KEYS_H_
