// Refresh tokens: what is read was written by us, in just this way.
#include <optional>
#include <string>

#include "services/directory/deployment_keys.h"
#include "services/directory/refresh_token.h"
#include "tests/common/rpc/key_folder.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/property.h"

namespace pingan::fuzz {
namespace {

using directory::KeyedHashes;
using directory::RefreshToken;

KeyedHashes MakeHashes() {
  const rpc::KeyFolder folder;
  Require(directory::MakeDeploymentKeys(folder.path()).ok(), "keys are made");
  return *KeyedHashes::Open(folder.path());
}

const RefreshToken& Good() {
  static const auto& token = *new RefreshToken{
      "accounts/01890a5d-ac96-774b-bcce-b302099a8057/sessions/"
      "01890a5d-ac96-774b-bcce-b302099a8058",
      7, std::string(32, 's')};
  return token;
}

}  // namespace

void TryInput(absl::string_view input) {
  static const auto& hashes = *new KeyedHashes(MakeHashes());
  static const auto& good = *new std::string(directory::WriteRefreshToken(Good(), hashes));
  const auto read = directory::ReadRefreshToken(good, hashes);
  Require(read.has_value() && read->session == Good().session && read->secret == Good().secret &&
              read->generation == Good().generation,
          "a token of ours comes back", good);

  Choices choices(input);
  const std::string text =
      choices.Chance(1, 2) ? Edited(good, choices) : std::string(choices.Rest());
  if (text != good)
    Require(!directory::ReadRefreshToken(text, hashes).has_value(), "only what we wrote is read",
            text);
}

}  // namespace pingan::fuzz
