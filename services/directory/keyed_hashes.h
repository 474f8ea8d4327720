// What is stored in place of a phone, an address or a code: hashes under keys that are not in the
// database. Whoever has the database alone can neither try all phones nor all codes.
#ifndef PINGAN_SERVICES_DIRECTORY_KEYED_HASHES_H_
#define PINGAN_SERVICES_DIRECTORY_KEYED_HASHES_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace pingan::directory {

// Immutable, thread safe. Phones are the eleven digits of a mainland mobile number; they are hashed
// as E.164.
class KeyedHashes {
 public:
  static absl::StatusOr<KeyedHashes> Open(absl::string_view secrets_dir);

  // Finds a phone among the people of one town; a UUID. Differs from town to town, so indexes link
  // nobody across towns.
  std::string PhoneIndex(absl::string_view town, absl::string_view phone) const;
  // The tenant of a phone's login.
  std::string LoginOf(absl::string_view phone) const;
  // The tenant of an address's limits.
  std::string SubjectOf(absl::string_view address) const;

  std::string CodeHash(absl::string_view login, absl::string_view code) const;
  // Shows that directory made a refresh token.
  std::string RefreshTag(absl::string_view content) const;

 private:
  KeyedHashes(std::string index_key, std::string pepper)
      : index_key_(std::move(index_key)), pepper_(std::move(pepper)) {}

  std::string index_key_;
  std::string pepper_;
};

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_KEYED_HASHES_H_
