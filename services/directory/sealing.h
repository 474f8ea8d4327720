// Sealing personal data: each person and each account has a data key of their own, wrapped by a key
// of the deployment. Names and phones are sealed under the data key (XChaCha20-Poly1305), so
// whoever destroys it has erased them.
#ifndef PINGAN_SERVICES_DIRECTORY_SEALING_H_
#define PINGAN_SERVICES_DIRECTORY_SEALING_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "services/directory/deployment_keys.h"

namespace pingan::directory {

// Where a sealed value stands. It is bound into the seal: a value that was moved to another row or
// column does not open.
struct Place {
  absl::string_view tenant;
  absl::string_view table;
  absl::string_view column;
  absl::string_view id;
};

// The key of one person's or account's data. A value; not printed, not stored but wrapped.
class DataKey {
 public:
  static DataKey New();

  std::string Seal(const Place& place, absl::string_view text) const;
  // DATA_LOSS when it was sealed elsewhere or under another key.
  absl::StatusOr<std::string> Unseal(const Place& place, absl::string_view sealed) const;

 private:
  friend class Sealer;
  explicit DataKey(std::string key) : key_(std::move(key)) {}

  std::string key_;
};

struct WrappedKey {
  std::string sealing_key;  // id of the deployment's key
  std::string wrapped;
};

// Wraps and unwraps data keys with the deployment's sealing keys. The file is read again when it
// changes, looked at most once in a second, and when it lacks an id: a new key needs no restart.
// Thread safe.
class Sealer {
 public:
  static absl::StatusOr<std::unique_ptr<Sealer>> Open(absl::string_view secrets_dir,
                                                      base::Clock& clock);

  // Under the newest key.
  WrappedKey Wrap(const DataKey& key, const Place& place);
  // FAILED_PRECONDITION when the deployment's key is gone, DATA_LOSS as DataKey::Unseal.
  absl::StatusOr<DataKey> Unwrap(absl::string_view sealing_key, absl::string_view wrapped,
                                 const Place& place);

 private:
  Sealer(std::string path, base::Clock& clock) : path_(std::move(path)), clock_(clock) {}
  // A file that cannot be read keeps the keys that were read last.
  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LoadIfChanged() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const SealingKey* Find(absl::string_view id) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  base::Clock& clock_;
  absl::Mutex mutex_;
  absl::Time looked_ ABSL_GUARDED_BY(mutex_);
  std::filesystem::file_time_type written_ ABSL_GUARDED_BY(mutex_);
  std::vector<SealingKey> keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_SEALING_H_
