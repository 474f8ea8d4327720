// Refresh tokens: opaque to clients, checked before the database is asked.
//
// All tokens of a session hold its secret and their number; a tag under the deployment's pepper
// shows that directory made them. So the next token follows from the session and its number and can
// be made again for a lost answer, nobody else can make it, and what is stored (the secret's hash)
// is of no use to sign in with.
#ifndef PINGAN_SERVICES_DIRECTORY_REFRESH_TOKEN_H_
#define PINGAN_SERVICES_DIRECTORY_REFRESH_TOKEN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/directory/keyed_hashes.h"

namespace pingan::directory {

struct RefreshToken {
  std::string session;  // `accounts/{account}/sessions/{session}`
  int generation;
  std::string secret;

  std::string SecretHash() const;
};

// 32 random bytes: the secret of a new session.
std::string NewSecret();

std::string WriteRefreshToken(const RefreshToken& token, const KeyedHashes& hashes);
// Nothing for what WriteRefreshToken did not make.
std::optional<RefreshToken> ReadRefreshToken(absl::string_view text, const KeyedHashes& hashes);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_REFRESH_TOKEN_H_
