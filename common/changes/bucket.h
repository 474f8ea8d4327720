// Buckets: the unit in which the towns of a log are shared among the replicas of a follower.
#ifndef PINGAN_COMMON_CHANGES_BUCKET_H_
#define PINGAN_COMMON_CHANGES_BUCKET_H_

#include <bitset>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace pingan::changes {

inline constexpr int kBuckets = 64;

using Buckets = std::bitset<kBuckets>;

// The bucket of a tenant, 0 to 63: FNV-1a of 64 bits over its bytes, the upper half folded onto the
// lower by exclusive or, modulo 64. Part of the protocol between services of different versions:
// never to be changed.
constexpr int BucketOf(absl::string_view tenant) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : tenant) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return static_cast<int>((hash ^ (hash >> 32)) % kBuckets);
}

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_BUCKET_H_
