#include "common/rpc/token.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/rpc/strict_json.h"
#include "sodium.h"

namespace pingan::rpc {
namespace {

using ::nlohmann::json;

constexpr absl::Duration kRenewBefore = absl::Minutes(1);

// TOKEN_REJECTED for the client; `why` is only in the status message, which does not leave the
// process.
absl::Status Reject(absl::string_view why) {
  const absl::Status refusal = base::Refuse(errors::v1::TOKEN_REJECTED);
  absl::Status status(refusal.code(), absl::StrCat("token rejected: ", why));
  refusal.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { status.SetPayload(url, payload); });
  return status;
}

// What both kinds of token have in common, once the signature is known to be right.
struct Verified {
  const Key* key;
  std::string issuer, audience, subject;
  std::optional<std::string> person;
  absl::Time expire_time;
};

// The key that the header names. Nothing else may be in a header than what we put there: no `crit`,
// no keys brought along.
absl::StatusOr<const Key*> KeyOf(absl::string_view header_part, const KeySet& keys) {
  const std::optional<std::string> header_text = DecodeBase64Url(header_part);
  const std::optional<json> header =
      header_text.has_value() ? ParseObject(*header_text) : std::nullopt;
  if (!header.has_value()) return Reject("the header is no base64url of a JSON object");
  for (const auto& [name, value] : header->items()) {
    if (name != "alg" && name != "typ" && name != "kid")
      return Reject("a header member that we never write");
  }
  if (StringMember(*header, "alg") != "EdDSA") return Reject("`alg` is not EdDSA");
  if (header->contains("typ") && StringMember(*header, "typ") != "JWT")
    return Reject("`typ` is not JWT");
  const std::optional<std::string> id = StringMember(*header, "kid");
  const Key* key = id.has_value() ? keys.Find(*id) : nullptr;
  if (key == nullptr) return Reject("unknown key");
  return key;
}

absl::Status CheckTimes(const json& payload, absl::Time now, absl::Duration max_lifetime,
                        absl::Time& expire_time) {
  const std::optional<int64_t> issued = IntegerMember(payload, "iat");
  const std::optional<int64_t> expires = IntegerMember(payload, "exp");
  if (!issued.has_value() || !expires.has_value()) return Reject("no `iat` or `exp`");
  const absl::Time issue_time = absl::FromUnixSeconds(*issued);
  expire_time = absl::FromUnixSeconds(*expires);
  if (expire_time <= issue_time || expire_time - issue_time > max_lifetime)
    return Reject("its lifetime is not one we give");
  if (issue_time > now + kClockSkew) return Reject("issued in the future");
  if (expire_time + kClockSkew <= now) return Reject("expired");
  if (payload.contains("nbf")) {
    const std::optional<int64_t> not_before = IntegerMember(payload, "nbf");
    if (!not_before.has_value() || absl::FromUnixSeconds(*not_before) > now + kClockSkew)
      return Reject("not valid yet");
  }
  return absl::OkStatus();
}

// Reads a compact JWS (RFC 7515, 7.1) and verifies its signature before anything in its payload is
// looked at.
absl::StatusOr<Verified> Read(absl::string_view token, const KeySet& keys, absl::Time now,
                              absl::Duration max_lifetime) {
  if (token.size() > kMaxTokenBytes) return Reject("too long");
  const size_t first = token.find('.'), second = token.rfind('.');
  if (first == absl::string_view::npos || first == second) return Reject("not three parts");
  ASSIGN_OR_RETURN(const Key* key, KeyOf(token.substr(0, first), keys));

  const absl::string_view is_signed = token.substr(0, second);
  const std::optional<std::string> signature = DecodeBase64Url(token.substr(second + 1));
  if (!signature.has_value() || signature->size() != crypto_sign_BYTES ||
      crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(signature->data()),
                                  reinterpret_cast<const unsigned char*>(is_signed.data()),
                                  is_signed.size(), key->public_key.data()) != 0) {
    return Reject("wrong signature");
  }
  const std::optional<std::string> text =
      DecodeBase64Url(token.substr(first + 1, second - first - 1));
  const std::optional<json> payload = text.has_value() ? ParseObject(*text) : std::nullopt;
  if (!payload.has_value()) return Reject("the payload is no base64url of a JSON object");
  Verified verified;
  verified.key = key;
  RETURN_IF_ERROR(CheckTimes(*payload, now, max_lifetime, verified.expire_time));
  verified.issuer = StringMember(*payload, "iss").value_or("");
  verified.audience = StringMember(*payload, "aud").value_or("");
  verified.subject = StringMember(*payload, "sub").value_or("");
  if (payload->contains("person")) verified.person = StringMember(*payload, "person").value_or("");
  return verified;
}

// `towns/{town}/people/{person}`.
bool IsPersonName(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  return parts.size() == 4 && parts[0] == "towns" && base::IsTownCode(parts[1]) &&
         parts[2] == "people" && base::IsUuid(parts[3]);
}

std::string Encode(const json& object) {
  // Texts that are not UTF-8 cannot get here; were one to, it would be replaced, not thrown over.
  return absl::WebSafeBase64Escape(object.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string SignToken(const Key& key, json payload, absl::Time now, absl::Duration lifetime) {
  const int64_t issued = absl::ToUnixSeconds(now);
  payload["iat"] = issued;
  payload["exp"] = issued + std::max<int64_t>(1, absl::ToInt64Seconds(lifetime));
  std::string token = absl::StrCat(Encode({{"alg", "EdDSA"}, {"kid", key.id}, {"typ", "JWT"}}), ".",
                                   Encode(payload));
  std::array<unsigned char, crypto_sign_BYTES> signature;
  crypto_sign_detached(signature.data(), nullptr,
                       reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                       key.secret_key.data());
  const absl::string_view bytes(reinterpret_cast<const char*>(signature.data()), signature.size());
  absl::StrAppend(&token, ".", absl::WebSafeBase64Escape(bytes));
  return token;
}

}  // namespace

TokenVerifier::TokenVerifier(KeyFile& keys, std::string issuer, size_t cache_size)
    : keys_(keys), issuer_(std::move(issuer)), cache_(cache_size) {}

absl::StatusOr<std::shared_ptr<const UserToken>> TokenVerifier::Verify(absl::string_view token,
                                                                       absl::Time now) {
  auto known = cache_.Find(token, keys_.Generation(now));
  if (known != nullptr && now < known->expire_time + kClockSkew) return known;
  const KeyFile::Snapshot current = keys_.Current(now);
  ASSIGN_OR_RETURN(Verified verified, Read(token, *current.keys, now, kMaxUserTokenLifetime));
  if (verified.issuer != issuer_) return Reject("another issuer");
  if (verified.audience != kUserAudience) return Reject("for another audience");
  if (!base::IsUuid(verified.subject)) return Reject("`sub` is no account");
  if (verified.person.has_value() && !IsPersonName(*verified.person))
    return Reject("`person` is no person");
  auto claims = std::make_shared<const UserToken>(UserToken{
      std::move(verified.subject), std::move(verified.person).value_or(""), verified.expire_time});
  cache_.Put(token, current.generation, claims);
  return claims;
}

ServiceTokenVerifier::ServiceTokenVerifier(KeyFile& keys, std::string service, size_t cache_size)
    : keys_(keys), service_(std::move(service)), cache_(cache_size) {}

absl::StatusOr<std::shared_ptr<const ServiceToken>> ServiceTokenVerifier::Verify(
    absl::string_view token, absl::Time now) {
  auto known = cache_.Find(token, keys_.Generation(now));
  if (known != nullptr && now < known->expire_time + kClockSkew) return known;
  const KeyFile::Snapshot current = keys_.Current(now);
  ASSIGN_OR_RETURN(Verified verified, Read(token, *current.keys, now, kMaxServiceTokenLifetime));
  if (verified.subject.empty() || verified.subject != verified.key->subject)
    return Reject("the key is not bound to this `sub`");
  if (verified.issuer != verified.subject) return Reject("another issuer");
  if (verified.audience != service_) return Reject("for another audience");
  if (!absl::c_linear_search(verified.key->audiences, service_))
    return Reject("the key may not sign for this audience");
  auto claims = std::make_shared<const ServiceToken>(
      ServiceToken{std::move(verified.subject), verified.expire_time});
  cache_.Put(token, current.generation, claims);
  return claims;
}

TokenSigner::TokenSigner(SigningKeyFile& key_file, std::string issuer)
    : keys_(key_file), issuer_(std::move(issuer)) {}

std::string TokenSigner::Sign(absl::string_view account, absl::string_view person, absl::Time now,
                              absl::Duration lifetime) {
  json payload = {
      {"iss", issuer_}, {"aud", std::string(kUserAudience)}, {"sub", std::string(account)}};
  if (!person.empty()) payload["person"] = std::string(person);
  return SignToken(*keys_.Current(now), std::move(payload), now,
                   std::min(lifetime, kMaxUserTokenLifetime));
}

ServiceTokenSource::ServiceTokenSource(SigningKeyFile& key_file, std::string service)
    : keys_(key_file), service_(std::move(service)) {}

std::string ServiceTokenSource::TokenFor(absl::string_view audience, absl::Time now) {
  const std::shared_ptr<const Key> key = keys_.Current(now);
  absl::MutexLock lock(&mutex_);
  Minted& minted = minted_[std::string(audience)];
  const absl::Duration reuse = kMaxServiceTokenLifetime - kRenewBefore;
  // Also mint when the clock was set back: the token in hand would be from the future.
  if (minted.key != key->id || now >= minted.renew_time || now < minted.renew_time - reuse) {
    json payload = {{"iss", service_}, {"aud", std::string(audience)}, {"sub", service_}};
    minted = {SignToken(*key, std::move(payload), now, kMaxServiceTokenLifetime), key->id,
              now + reuse};
  }
  return minted.token;
}

}  // namespace pingan::rpc
