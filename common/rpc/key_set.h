// Sets of Ed25519 keys in files (RFC 7517, RFC 8037), followed while the process runs.
#ifndef PINGAN_COMMON_RPC_KEY_SET_H_
#define PINGAN_COMMON_RPC_KEY_SET_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pingan::rpc {

// What a file must hold: public keys only, or private keys only.
enum class KeyKind { kPublic, kPrivate };

// One key. `id` is the JWK thumbprint (RFC 7638) when keys.h made it.
struct Key {
  std::string id;
  std::array<unsigned char, 32> public_key;
  // As libsodium signs with it: seed, then public key. Zeros in a public key.
  std::array<unsigned char, 64> secret_key{};
  // The one subject the key may speak for and the audiences it may speak to: members `sub` and
  // `aud` of a service's JWK. Empty for users' keys.
  std::string subject;
  std::vector<std::string> audiences;
  // A private key signs from this time on (member `nbf`), so that verifiers have its public half
  // before. In a public key it only tells how old the key is.
  absl::Time not_before = absl::InfinitePast();
};

class KeySet {
 public:
  static constexpr size_t kMaxKeys = 64;

  // Reads a JWKS. INVALID_ARGUMENT when it is no JSON, empty, too large, or any key in it is not a
  // sound Ed25519 key of this kind with an id of its own: half a key set is not used. Members that
  // we do not know are passed over.
  static absl::StatusOr<KeySet> Parse(absl::string_view json, KeyKind kind);

  // Null when there is none.
  const Key* Find(absl::string_view id) const;
  const std::vector<Key>& keys() const { return keys_; }

 private:
  std::vector<Key> keys_;
};

// A JWKS file that is read again when it changes. Looks at most once in a second; a file that is
// missing or broken keeps the keys that were read last.
class KeyFile {
 public:
  // Reads the file once; fails when it cannot be used.
  static absl::StatusOr<std::unique_ptr<KeyFile>> Open(std::string path,
                                                       KeyKind kind = KeyKind::kPublic);

  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;

  struct Snapshot {
    std::shared_ptr<const KeySet> keys;
    uint64_t generation;
  };
  // The keys in force at `now`; `generation` grows with every change of them.
  Snapshot Current(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  // Only the generation: what a cache asks at every call. Two atomic loads unless a look is due.
  uint64_t Generation(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // OK, or why the file as it is now could not be used. For logs and metrics.
  absl::Status last_load() const ABSL_LOCKS_EXCLUDED(mutex_);
  const std::string& path() const { return path_; }

 private:
  // What tells one version of a file from another; survives the symlink swaps of Kubernetes.
  struct Version {
    int64_t device = 0, inode = 0, size = 0, changed_ns = 0;
    bool operator==(const Version&) const = default;
  };

  KeyFile(std::string path, KeyKind kind) : path_(std::move(path)), kind_(kind) {}
  void LookIfDue(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const KeyKind kind_;
  std::atomic<int64_t> looked_micros_{0};
  std::atomic<uint64_t> generation_{0};
  mutable absl::Mutex mutex_;
  Version version_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const KeySet> keys_ ABSL_GUARDED_BY(mutex_);
  absl::Status last_load_ ABSL_GUARDED_BY(mutex_);
};

// The private keys of a signer: a KeyFile whose keys are all private.
class SigningKeyFile {
 public:
  static absl::StatusOr<std::unique_ptr<SigningKeyFile>> Open(std::string path);

  // The newest key that may sign at `now`; before all of them, the oldest. The pointer owns the set
  // it is in.
  std::shared_ptr<const Key> Current(absl::Time now);

 private:
  explicit SigningKeyFile(std::unique_ptr<KeyFile> file) : file_(std::move(file)) {}

  std::unique_ptr<KeyFile> file_;
};

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_KEY_SET_H_
