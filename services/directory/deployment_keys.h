// The keys of an installation that directory alone holds, as files below the secrets' directory:
//
//   directory/sealing.keys   wrap the data key of every person; several, one a line, the newest
//   first directory/index.key      makes blind indexes of phones; never changes, or nobody is found
//   any more directory/pepper.key     goes into the hashes of codes and into refresh tokens
//
// Files have mode 0600 and are replaced by rename.
#ifndef PINGAN_SERVICES_DIRECTORY_DEPLOYMENT_KEYS_H_
#define PINGAN_SERVICES_DIRECTORY_DEPLOYMENT_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace pingan::directory {

inline constexpr size_t kKeyBytes = 32;

struct SealingKey {
  std::string id;
  std::string key;  // kKeyBytes
};

std::string SealingKeysPath(absl::string_view secrets_dir);
std::string IndexKeyPath(absl::string_view secrets_dir);
std::string PepperPath(absl::string_view secrets_dir);

// Makes the files that are not there and leaves the others alone.
absl::Status MakeDeploymentKeys(absl::string_view secrets_dir);

// Adds a key that wraps what is made from now on. Those before it still open what they wrapped: a
// key may be taken out of the file only when nothing names its id.
absl::Status AddSealingKey(absl::string_view secrets_dir);

// The newest first, at least one. NOT_FOUND or FAILED_PRECONDITION, naming the file.
absl::StatusOr<std::vector<SealingKey>> ReadSealingKeys(const std::string& path);
// A file with one key.
absl::StatusOr<std::string> ReadKey(const std::string& path);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_DEPLOYMENT_KEYS_H_
