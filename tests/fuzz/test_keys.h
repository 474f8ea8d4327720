// Keys that are the same in every run, and tokens of any content signed with them.
#ifndef PINGAN_TESTS_FUZZ_TEST_KEYS_H_
#define PINGAN_TESTS_FUZZ_TEST_KEYS_H_

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sodium.h"

namespace pingan::fuzz {

class TestKey {
 public:
  // `number` tells one key from another.
  TestKey(std::string id, unsigned char number) : id_(std::move(id)) {
    std::array<unsigned char, crypto_sign_SEEDBYTES> seed;
    seed.fill(number);
    crypto_sign_seed_keypair(public_.data(), secret_.data(), seed.data());
  }

  // `more` is what stands in the JWK beside the key: R"(,"sub":"services/event")".
  std::string PublicJwk(absl::string_view more = "") const {
    return absl::StrCat(R"({"kty":"OKP","crv":"Ed25519","kid":")", id_, R"(","x":")",
                        Base64(public_.data(), public_.size()), "\"", more, "}");
  }
  std::string PrivateJwk() const {
    return PublicJwk(
        absl::StrCat(R"(,"d":")", Base64(secret_.data(), crypto_sign_SEEDBYTES), "\""));
  }

  std::string Sign(absl::string_view header, absl::string_view payload) const {
    const std::string text =
        absl::StrCat(absl::WebSafeBase64Escape(header), ".", absl::WebSafeBase64Escape(payload));
    std::array<unsigned char, crypto_sign_BYTES> signature;
    crypto_sign_detached(signature.data(), nullptr,
                         reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                         secret_.data());
    return absl::StrCat(text, ".", Base64(signature.data(), signature.size()));
  }

 private:
  static std::string Base64(const unsigned char* bytes, size_t size) {
    return absl::WebSafeBase64Escape({reinterpret_cast<const char*>(bytes), size});
  }

  std::string id_;
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_;
};

}  // namespace pingan::fuzz

#endif  // PINGAN_TESTS_FUZZ_TEST_KEYS_H_
