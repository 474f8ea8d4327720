// JWK sets, public and private.
#include <set>
#include <string>

#include "common/base/errors.h"
#include "common/rpc/key_set.h"
#include "sodium.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/property.h"
#include "tests/fuzz/test_keys.h"

namespace pingan::fuzz {
namespace {

using rpc::KeyKind;
using rpc::KeySet;

// The secret half signs what the public half verifies.
void RequireSigns(const rpc::Key& key, absl::string_view text) {
  std::array<unsigned char, crypto_sign_BYTES> signature;
  const unsigned char message[] = {'m'};
  crypto_sign_detached(signature.data(), nullptr, message, 1, key.secret_key.data());
  Require(crypto_sign_verify_detached(signature.data(), message, 1, key.public_key.data()) == 0,
          "the halves of a key belong together", text);
}

void Try(absl::string_view text, KeyKind kind) {
  const absl::StatusOr<KeySet> set = KeySet::Parse(text, kind);
  if (!set.ok()) {
    Require(absl::IsInvalidArgument(set.status()), "a broken set is an invalid argument", text);
    return;
  }
  Require(!set->keys().empty() && set->keys().size() <= KeySet::kMaxKeys, "the limits hold", text);
  std::set<std::string> ids;
  for (const rpc::Key& key : set->keys()) {
    Require(ids.insert(key.id).second && set->Find(key.id) == &key, "each id is one key", text);
    if (kind == KeyKind::kPrivate) RequireSigns(key, text);
  }
  const KeyKind other = kind == KeyKind::kPrivate ? KeyKind::kPublic : KeyKind::kPrivate;
  Require(!KeySet::Parse(text, other).ok(), "no set is of both kinds", text);
}

}  // namespace

void TryInput(absl::string_view input) {
  static const auto& key = *new TestKey("key", 1);
  Choices choices(input);
  std::string text(input);
  if (choices.Chance(1, 2)) {
    const std::string jwk = choices.Chance(1, 2) ? key.PublicJwk() : key.PrivateJwk();
    text = Edited(absl::StrCat(R"({"keys":[)", jwk, "]}"), choices);
  }
  Try(text, KeyKind::kPublic);
  Try(text, KeyKind::kPrivate);
}

}  // namespace pingan::fuzz
