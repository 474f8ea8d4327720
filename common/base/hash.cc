#include "common/base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "absl/strings/escaping.h"

namespace pingan::base {
namespace {

constexpr size_t kSha256Bytes = 32;

// Fetched once: looking the algorithm up costs as much as hashing 200 bytes.
const EVP_MD* FetchedSha256() {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kAlgorithm;
}

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string Sha256(absl::string_view data) {
  std::string hash(kSha256Bytes, '\0');
  EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr,
             FetchedSha256(), nullptr);
  return hash;
}

std::string HmacSha256(absl::string_view key, absl::string_view data) {
  std::string mac(kSha256Bytes, '\0');
  // OpenSSL takes a null key to mean "the one before".
  const void* const bytes = key.empty() ? "" : static_cast<const void*>(key.data());
  HMAC(FetchedSha256(), bytes, static_cast<int>(key.size()), Bytes(data), data.size(),
       reinterpret_cast<unsigned char*>(mac.data()), nullptr);
  return mac;
}

std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

bool ConstantTimeEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace pingan::base
