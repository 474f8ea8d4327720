// Users' and services' tokens: only what a known key signed is accepted, and only as it says.
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "common/base/ids.h"
#include "common/rpc/key_set.h"
#include "common/rpc/token.h"
#include "nlohmann/json.hpp"
#include "tests/common/rpc/key_folder.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/property.h"
#include "tests/fuzz/test_keys.h"

namespace pingan::fuzz {
namespace {

constexpr char kIssuer[] = "https://pingan.example";
constexpr char kCaller[] = "services/event";
constexpr char kCalled[] = "services/volunteer";
constexpr int64_t kNow = 1'790'000'000;
constexpr size_t kFewTokens = 8;  // so that the cache forgets, too

constexpr char kUserHeader[] = R"({"alg":"EdDSA","kid":"user","typ":"JWT"})";
constexpr char kUserPayload[] =
    R"({"iss":"https://pingan.example","aud":"pingan",)"
    R"("sub":"01890a5d-ac96-774b-bcce-b302099a8057",)"
    R"("person":"towns/330481003/people/01890a5d-ac96-774b-bcce-b302099a8058",)"
    R"("iat":1790000000,"exp":1790000900})";
constexpr char kServiceHeader[] = R"({"alg":"EdDSA","kid":"service","typ":"JWT"})";
constexpr char kServicePayload[] =
    R"({"iss":"services/event","aud":"services/volunteer","sub":"services/event",)"
    R"("iat":1790000000,"exp":1790000300})";

// The verifiers of a service, with one key of each kind.
struct Verifiers {
  Verifiers() {
    folder.Write("users", absl::StrCat(R"({"keys":[)", user_key.PublicJwk(), "]}"));
    folder.Write("services",
                 absl::StrCat(R"({"keys":[)",
                              service_key.PublicJwk(
                                  R"(,"sub":"services/event","aud":["services/volunteer"])"),
                              "]}"));
    user_keys = *rpc::KeyFile::Open(folder.path() + "/users");
    service_keys = *rpc::KeyFile::Open(folder.path() + "/services");
    users = std::make_unique<rpc::TokenVerifier>(*user_keys, kIssuer, kFewTokens);
    services = std::make_unique<rpc::ServiceTokenVerifier>(*service_keys, kCalled, kFewTokens);
  }

  const TestKey user_key{"user", 1}, service_key{"service", 2}, strange_key{"stranger", 3};
  rpc::KeyFolder folder;
  std::unique_ptr<rpc::KeyFile> user_keys, service_keys;
  std::unique_ptr<rpc::TokenVerifier> users;
  std::unique_ptr<rpc::ServiceTokenVerifier> services;
};

void RequireNobody(Verifiers& verifiers, const std::string& token) {
  const absl::Time now = absl::FromUnixSeconds(kNow);
  RequireRefused(verifiers.users->Verify(token, now).status(), "TOKEN_REJECTED");
  RequireRefused(verifiers.services->Verify(token, now).status(), "TOKEN_REJECTED");
}

// What any reader of the payload must find there when a token was accepted.
nlohmann::json Claims(const std::string& payload, int64_t longest) {
  const auto claims = nlohmann::json::parse(payload, nullptr, /*allow_exceptions=*/false);
  Require(claims.is_object(), "the payload is an object", payload);
  const auto issued = claims.value<int64_t>("iat", 0), expires = claims.value<int64_t>("exp", 0);
  Require(
      issued < expires && expires - issued <= longest && issued <= kNow + 30 && expires > kNow - 30,
      "the token is of now and not for long", payload);
  return claims;
}

// A token of any content that our key signed.
void TrySigned(Verifiers& verifiers, const std::string& header, const std::string& payload) {
  const absl::Time now = absl::FromUnixSeconds(kNow);
  RequireNobody(verifiers, verifiers.strange_key.Sign(header, payload));

  const auto user = verifiers.users->Verify(verifiers.user_key.Sign(header, payload), now);
  if (user.ok()) {
    const nlohmann::json claims = Claims(payload, 15 * 60);
    Require(claims.value("iss", "") == kIssuer && claims.value("aud", "") == "pingan",
            "the token is of this installation", payload);
    Require(claims.value("sub", "") == (*user)->account && base::IsUuid((*user)->account) &&
                claims.value("person", "") == (*user)->person,
            "it is who the token says", payload);
  }
  const auto service = verifiers.services->Verify(verifiers.service_key.Sign(header, payload), now);
  if (service.ok()) {
    const nlohmann::json claims = Claims(payload, 5 * 60);
    Require(claims.value("sub", "") == kCaller && claims.value("iss", "") == kCaller &&
                claims.value("aud", "") == kCalled && (*service)->service == kCaller,
            "the key speaks for its service alone", payload);
  }
  // Neither kind passes for the other.
  RequireRefused(verifiers.services->Verify(verifiers.user_key.Sign(header, payload), now).status(),
                 "TOKEN_REJECTED");
  RequireRefused(verifiers.users->Verify(verifiers.service_key.Sign(header, payload), now).status(),
                 "TOKEN_REJECTED");
}

}  // namespace

void TryInput(absl::string_view input) {
  static auto& verifiers = *new Verifiers();
  Choices choices(input);
  const bool is_user = choices.Chance(1, 2);
  const std::string header = is_user ? kUserHeader : kServiceHeader;
  const std::string payload = is_user ? kUserPayload : kServicePayload;
  const TestKey& key = is_user ? verifiers.user_key : verifiers.service_key;
  switch (choices.Below(5)) {
    case 0:
      return RequireNobody(verifiers, std::string(choices.Rest()));
    case 1: {
      const std::string good = key.Sign(header, payload);
      const std::string edited = Edited(good, choices);
      return edited == good ? void() : RequireNobody(verifiers, edited);
    }
    case 2:
      return TrySigned(verifiers, header, std::string(choices.Rest()));
    case 3:
      return TrySigned(verifiers, std::string(choices.Rest()), payload);
    default:
      return TrySigned(verifiers, choices.Chance(1, 4) ? Edited(header, choices) : header,
                       Edited(payload, choices));
  }
}

}  // namespace pingan::fuzz
