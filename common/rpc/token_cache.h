// Remembers verified tokens.
#ifndef PINGAN_COMMON_RPC_TOKEN_CACHE_H_
#define PINGAN_COMMON_RPC_TOKEN_CACHE_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace pingan::rpc {

// From whole tokens to their claims, for one generation of keys. Holds at most `size` entries, in
// two ages: when the young age is full it becomes the old one and the old one is dropped; what is
// used moves to the young age. So the tokens in use stay, at the cost of one map move in `size / 2`
// insertions. Only verified tokens are put in, so a stranger can neither fill it nor choose its
// hashes.
template <class Claims>
class TokenCache {
 public:
  explicit TokenCache(size_t size) : age_size_(std::max<size_t>(1, size / kShards / 2)) {}

  // Null when the token is not remembered for this generation.
  std::shared_ptr<const Claims> Find(absl::string_view token, uint64_t generation) {
    Shard& shard = ShardOf(token);
    absl::MutexLock lock(&shard.mutex);
    if (shard.generation != generation) return nullptr;
    if (auto it = shard.young.find(token); it != shard.young.end()) return it->second;
    auto it = shard.old.find(token);
    if (it == shard.old.end()) return nullptr;
    std::shared_ptr<const Claims> claims = it->second;
    Remember(shard, token, claims);
    return claims;
  }

  void Put(absl::string_view token, uint64_t generation, std::shared_ptr<const Claims> claims) {
    Shard& shard = ShardOf(token);
    absl::MutexLock lock(&shard.mutex);
    if (generation < shard.generation) return;  // verified with keys that are no longer in force
    if (generation > shard.generation) {
      shard.young.clear();
      shard.old.clear();
      shard.generation = generation;
    }
    Remember(shard, token, std::move(claims));
  }

  size_t size() {
    size_t total = 0;
    for (Shard& shard : shards_) {
      absl::MutexLock lock(&shard.mutex);
      total += shard.young.size() + shard.old.size();
    }
    return total;
  }

 private:
  using Age = absl::flat_hash_map<std::string, std::shared_ptr<const Claims>>;
  struct alignas(64) Shard {
    absl::Mutex mutex;
    uint64_t generation ABSL_GUARDED_BY(mutex) = 0;
    Age young ABSL_GUARDED_BY(mutex);
    Age old ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 16;

  // The end of a token is its signature: as good as random, and cheaper to hash than all of it.
  Shard& ShardOf(absl::string_view token) {
    unsigned last = token.size() < 3 ? 0 : static_cast<unsigned char>(token[token.size() - 3]);
    return shards_[last % kShards];
  }

  void Remember(Shard& shard, absl::string_view token, std::shared_ptr<const Claims> claims)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex) {
    if (shard.young.size() >= age_size_) {
      shard.old = std::move(shard.young);
      shard.young = Age();
    }
    shard.young.insert_or_assign(std::string(token), std::move(claims));
  }

  const size_t age_size_;
  std::array<Shard, kShards> shards_;
};

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_TOKEN_CACHE_H_
