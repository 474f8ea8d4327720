#include "services/directory/deployment_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/flags.h"
#include "common/base/hash.h"
#include "common/base/status_macros.h"
#include "sodium.h"

namespace pingan::directory {
namespace {

// Enough of a hash to tell keys apart.
constexpr size_t kIdBytes = 6;
// kKeyBytes in base64url.
constexpr size_t kKeyCharacters = 43;

std::string NewKey() {
  std::string key(kKeyBytes, '\0');
  randombytes_buf(key.data(), key.size());
  return key;
}

absl::Status Failed(const std::string& path) {
  return absl::InternalError(absl::StrCat(path, ": ", std::strerror(errno)));
}

absl::Status WriteSecret(const std::string& path, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return absl::InternalError(absl::StrCat(path, ": ", error.message()));
  std::string fresh = absl::StrCat(path, ".XXXXXX");
  const int file = mkstemp(fresh.data());  // mode 0600
  if (file < 0) return Failed(fresh);
  absl::Cleanup remove_fresh = [&] { unlink(fresh.c_str()); };
  const bool is_written =
      write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fsync(file) == 0;
  if (close(file) != 0 || !is_written) return Failed(fresh);
  if (rename(fresh.c_str(), path.c_str()) != 0) return Failed(path);
  std::move(remove_fresh).Cancel();
  return absl::OkStatus();
}

std::string LineOf(const std::string& key) {
  return absl::StrCat(base::Hex(base::Sha256(key).substr(0, kIdBytes)), " ",
                      absl::WebSafeBase64Escape(key), "\n");
}

absl::StatusOr<std::string> DecodeKey(const std::string& path, absl::string_view text) {
  std::string key;
  if (text.size() != kKeyCharacters || !absl::WebSafeBase64Unescape(text, &key)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " holds something that is no key"));
  }
  return key;
}

}  // namespace

std::string SealingKeysPath(absl::string_view secrets_dir) {
  return absl::StrCat(secrets_dir, "/directory/sealing.keys");
}
std::string IndexKeyPath(absl::string_view secrets_dir) {
  return absl::StrCat(secrets_dir, "/directory/index.key");
}
std::string PepperPath(absl::string_view secrets_dir) {
  return absl::StrCat(secrets_dir, "/directory/pepper.key");
}

absl::Status MakeDeploymentKeys(absl::string_view secrets_dir) {
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot be initialised");
  if (!std::filesystem::exists(SealingKeysPath(secrets_dir))) {
    RETURN_IF_ERROR(WriteSecret(SealingKeysPath(secrets_dir), LineOf(NewKey())));
  }
  for (const std::string& path : {IndexKeyPath(secrets_dir), PepperPath(secrets_dir)}) {
    if (std::filesystem::exists(path)) continue;
    RETURN_IF_ERROR(WriteSecret(path, absl::StrCat(absl::WebSafeBase64Escape(NewKey()), "\n")));
  }
  return absl::OkStatus();
}

absl::Status AddSealingKey(absl::string_view secrets_dir) {
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot be initialised");
  const std::string path = SealingKeysPath(secrets_dir);
  ASSIGN_OR_RETURN(const std::vector<SealingKey> keys, ReadSealingKeys(path));
  std::string text = LineOf(NewKey());
  for (const SealingKey& key : keys) absl::StrAppend(&text, LineOf(key.key));
  return WriteSecret(path, text);
}

absl::StatusOr<std::vector<SealingKey>> ReadSealingKeys(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadSecretFile(path));
  std::vector<SealingKey> keys;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipWhitespace())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    ASSIGN_OR_RETURN(std::string key, DecodeKey(path, parts.second));
    keys.push_back({.id = std::string(parts.first), .key = std::move(key)});
  }
  if (keys.empty()) return absl::FailedPreconditionError(absl::StrCat(path, " holds no key"));
  return keys;
}

absl::StatusOr<std::string> ReadKey(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadSecretFile(path));
  return DecodeKey(path, text);
}

}  // namespace pingan::directory
