#include "common/rpc/token.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/hash.h"
#include "common/rpc/keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sodium.h"
#include "tests/common/rpc/key_folder.h"

namespace pingan::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAccount[] = "01890a5d-ac96-774b-bcce-b302099a8057";
constexpr char kPerson[] = "towns/330481003/people/01890a5d-ac96-774b-bcce-b302099a8058";
constexpr char kIssuer[] = "https://pingan.example";
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

std::string Base64(absl::string_view text) { return absl::WebSafeBase64Escape(text); }

// A token of any header and payload, rightly signed by `key`.
std::string Forge(const Key& key, absl::string_view header, absl::string_view payload) {
  std::string token = absl::StrCat(Base64(header), ".", Base64(payload));
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                       reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                       key.secret_key.data());
  return absl::StrCat(token, ".", Base64(signature));
}

class UserTokenTest : public ::testing::Test {
 protected:
  UserTokenTest() {
    EXPECT_TRUE(MakeUserKeys(folder_.path(), kNow - absl::Hours(1)).ok());
    signing_ = *SigningKeyFile::Open(UserSigningKeysPath(folder_.path()));
    keys_ = *KeyFile::Open(UserKeySetPath(folder_.path()));
    verifier_ = std::make_unique<TokenVerifier>(*keys_, kIssuer);
    signer_ = std::make_unique<TokenSigner>(*signing_, kIssuer);
  }

  std::string Header() const {
    return absl::StrCat(R"({"alg":"EdDSA","typ":"JWT","kid":")", key()->id, "\"}");
  }
  static std::string Payload() {
    return absl::StrCat(R"({"iss":"https://pingan.example","aud":"pingan","sub":")", kAccount,
                        R"(","person":")", kPerson, R"(","iat":1790000000,"exp":1790000900})");
  }
  std::shared_ptr<const Key> key() const { return signing_->Current(kNow); }

  // "" when accepted, else why not.
  std::string Why(absl::string_view token, absl::Time now = kNow) {
    const auto claims = verifier_->Verify(token, now);
    if (claims.ok()) return "";
    EXPECT_EQ(base::ReasonOf(claims.status()), "TOKEN_REJECTED");
    EXPECT_THAT(base::ToRpcStatus(claims.status()).SerializeAsString(),
                Not(HasSubstr(std::string(claims.status().message()))))
        << "why is not for the caller";
    return std::string(claims.status().message());
  }

  KeyFolder folder_;
  std::unique_ptr<SigningKeyFile> signing_;
  std::unique_ptr<KeyFile> keys_;
  std::unique_ptr<TokenVerifier> verifier_;
  std::unique_ptr<TokenSigner> signer_;
};

TEST_F(UserTokenTest, WhatIsSignedIsReadBack) {
  const std::string token = signer_->Sign(kAccount, kPerson, kNow, absl::Minutes(15));
  const auto claims = verifier_->Verify(token, kNow);
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ((*claims)->account, kAccount);
  EXPECT_EQ((*claims)->person, kPerson);
  EXPECT_EQ((*claims)->expire_time, kNow + absl::Minutes(15));
}

TEST_F(UserTokenTest, PersonMayBeAbsent) {
  const auto claims = verifier_->Verify(signer_->Sign(kAccount, "", kNow, absl::Minutes(5)), kNow);
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ((*claims)->person, "");
}

TEST_F(UserTokenTest, LifetimeIsCutToFifteenMinutes) {
  const auto claims = verifier_->Verify(signer_->Sign(kAccount, "", kNow, absl::Hours(24)), kNow);
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ((*claims)->expire_time, kNow + absl::Minutes(15));
}

TEST_F(UserTokenTest, TimesAreKeptWithThirtySecondsOfSkew) {
  const std::string token = signer_->Sign(kAccount, kPerson, kNow, absl::Minutes(15));
  EXPECT_EQ(Why(token, kNow - absl::Seconds(30)), "");
  EXPECT_EQ(Why(token, kNow + absl::Seconds(929)), "");
  EXPECT_THAT(Why(token, kNow + absl::Seconds(930)), HasSubstr("expired"));
  TokenVerifier fresh(*keys_, kIssuer);
  EXPECT_THAT(std::string(fresh.Verify(token, kNow - absl::Seconds(31)).status().message()),
              HasSubstr("future"));
}

TEST_F(UserTokenTest, TheForgeryItselfIsSoundBeforeItIsBent) {
  EXPECT_EQ(Why(Forge(*key(), Header(), Payload())), "");
}

TEST_F(UserTokenTest, BentHeadersAreRefused) {
  const std::string id = key()->id;
  for (const std::string& header : std::vector<std::string>{
           absl::StrCat(R"({"alg":"none","kid":")", id, "\"}"),
           absl::StrCat(R"({"alg":"HS256","kid":")", id, "\"}"),
           absl::StrCat(R"({"alg":"eddsa","kid":")", id, "\"}"),
           absl::StrCat(R"({"kid":")", id, "\"}"),
           absl::StrCat(R"({"alg":["EdDSA"],"kid":")", id, "\"}"),
           absl::StrCat(R"({"alg":"EdDSA","kid":")", id, R"(","crit":["exp"]})"),
           absl::StrCat(R"({"alg":"EdDSA","kid":")", id, R"(","crit":[]})"),
           absl::StrCat(R"({"alg":"EdDSA","kid":")", id, R"(","jwk":{}})"),
           absl::StrCat(R"({"alg":"EdDSA","kid":")", id, R"(","typ":"at+jwt"})"),
           absl::StrCat(R"({"alg":"none","alg":"EdDSA","kid":")", id, "\"}"),
           absl::StrCat(R"({"alg":"EdDSA","kid":")", id, R"("} )", std::string(1, '\0')),
           R"({"alg":"EdDSA"})", R"({"alg":"EdDSA","kid":"unknown"})", R"({"alg":"EdDSA","kid":1})",
           "[]", "\"\"", "", "{", "\xff"}) {
    EXPECT_NE(Why(Forge(*key(), header, Payload())), "") << header;
  }
}

TEST_F(UserTokenTest, BentPayloadsAreRefused) {
  using Change = std::pair<absl::string_view, absl::string_view>;
  for (const Change& change :
       std::vector<Change>{{R"("iss":"https://pingan.example",)", ""},
                           {"pingan.example", "pingan.example.org"},
                           {R"("aud":"pingan",)", ""},
                           {R"("aud":"pingan")", R"("aud":["pingan"])"},
                           {R"("aud":"pingan")", R"("aud":"services/event")"},
                           {kAccount, "admin"},
                           {kAccount, "01890A5D-AC96-774B-BCCE-B302099A8057"},
                           {R"("sub":")", R"("sub":"x","sub":")"},
                           {"people/", "persons/"},
                           {kPerson, ""},
                           {R"("person":")", R"("person":7,"x":")"},
                           {R"("iat":1790000000,)", ""},
                           {R"("iat":1790000000)", R"("iat":"1790000000")"},
                           {R"("iat":1790000000)", R"("iat":1790000000.0)"},
                           {R"("iat":1790000000)", R"("iat":1789999999)"},  // lives 901 s
                           {R"("iat":1790000000)", R"("iat":-1)"},
                           {R"(,"exp":1790000900)", ""},
                           {R"("exp":1790000900)", R"("exp":1790000000)"},
                           {R"("exp":1790000900)", R"("exp":18446744073709551615)"},
                           {R"("exp":1790000900)", R"("exp":1e99)"},
                           {R"("exp":1790000900)", R"("exp":1790000900,"nbf":1790000031)"},
                           {R"("exp":1790000900)", R"("exp":1790000900,"nbf":"0")"},
                           {R"("exp":1790000900)", R"("exp":1790000900,"deep":[[[[[[]]]]]])"},
                           {"}", ""},
                           {"}", "} {}"}}) {
    const std::string bent = absl::StrReplaceAll(Payload(), {change});
    ASSERT_NE(bent, Payload()) << change.first;
    EXPECT_NE(Why(Forge(*key(), Header(), bent)), "") << bent;
  }
}

TEST_F(UserTokenTest, AnyChangedCharacterIsRefused) {
  const std::string token = signer_->Sign(kAccount, kPerson, kNow, absl::Minutes(15));
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', 'B', '=', ' ', '.'}) {
      std::string bent = token;
      if (bent[i] == other) continue;
      bent[i] = other;
      EXPECT_NE(Why(bent), "") << i << " to " << other;
    }
  }
  EXPECT_EQ(Why(token), "");
}

TEST_F(UserTokenTest, OnlyOneSpellingOfASignatureIsTaken) {
  const std::string token = signer_->Sign(kAccount, kPerson, kNow, absl::Minutes(15));
  EXPECT_NE(Why(token + "="), "");
  EXPECT_NE(Why(token + "=="), "");
  EXPECT_NE(Why(token + "\n"), "");
  EXPECT_NE(Why(token + "."), "");
  EXPECT_NE(Why(token.substr(0, token.size() - 1)), "");
  // 64 bytes leave four bits of the last character unused: no other character may stand for the
  // same bytes.
  int accepted = 0;
  for (char last = 33; last < 127; ++last)
    accepted += Why(token.substr(0, token.size() - 1) + last).empty() ? 1 : 0;
  EXPECT_EQ(accepted, 1);
}

TEST_F(UserTokenTest, OversizeAndShapelessTokensAreRefused) {
  EXPECT_THAT(Why(std::string(kMaxTokenBytes + 1, 'a')), HasSubstr("too long"));
  const std::string padded = absl::StrReplaceAll(
      Payload(), {{"}", absl::StrCat(",\"x\":\"", std::string(2000, 'x'), "\"}")}});
  EXPECT_THAT(Why(Forge(*key(), Header(), padded)), HasSubstr("too long"));
  for (const char* shape : {"", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "Bearer x"})
    EXPECT_NE(Why(shape), "") << shape;
}

TEST_F(UserTokenTest, AnotherInstallationsKeyIsRefused) {
  KeyFolder other;
  ASSERT_TRUE(MakeUserKeys(other.path(), kNow - absl::Hours(1)).ok());
  const auto their_keys = *SigningKeyFile::Open(UserSigningKeysPath(other.path()));
  Key theirs = *their_keys->Current(kNow);
  EXPECT_THAT(Why(Forge(theirs, Header(), Payload())), HasSubstr("wrong signature"));
}

TEST_F(UserTokenTest, RememberedTokenIsRefusedOnceExpired) {
  const std::string token = signer_->Sign(kAccount, kPerson, kNow, absl::Minutes(1));
  const auto first = verifier_->Verify(token, kNow);
  const auto second = verifier_->Verify(token, kNow + absl::Seconds(1));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->get(), second->get()) << "the second answer comes from memory";
  EXPECT_THAT(Why(token, kNow + absl::Seconds(90)), HasSubstr("expired"));
}

TEST_F(UserTokenTest, RememberedTokenIsRefusedOnceItsKeyIsGone) {
  const std::string token = signer_->Sign(kAccount, kPerson, kNow, absl::Minutes(15));
  EXPECT_EQ(Why(token), "");
  ASSERT_TRUE(MakeUserKeys(folder_.path(), kNow).ok());
  EXPECT_THAT(Why(token, kNow + absl::Seconds(1)), HasSubstr("unknown key"));
  EXPECT_EQ(Why(signer_->Sign(kAccount, kPerson, kNow + absl::Seconds(1), absl::Minutes(15)),
                kNow + absl::Seconds(1)),
            "");
}

TEST_F(UserTokenTest, BrokenOrMissingFileKeepsTheKeys) {
  const std::string token = signer_->Sign(kAccount, kPerson, kNow, absl::Minutes(15));
  absl::Time now = kNow;
  for (const char* broken :
       {"", "{}", "{\"keys\":[]}", "no json", "{\"keys\":[{\"kty\":\"RSA\"}]}"}) {
    folder_.Write("users/jwks.json", broken);
    TokenVerifier fresh(*keys_, kIssuer);
    EXPECT_TRUE(fresh.Verify(token, now += absl::Seconds(2)).ok()) << broken;
    EXPECT_FALSE(keys_->last_load().ok()) << broken;
  }
  std::filesystem::remove(UserKeySetPath(folder_.path()));
  TokenVerifier fresh(*keys_, kIssuer);
  EXPECT_TRUE(fresh.Verify(token, now += absl::Seconds(2)).ok());
  EXPECT_EQ(keys_->last_load().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(MakeUserKeys(folder_.path(), kNow).ok());
  EXPECT_FALSE(fresh.Verify(token, now += absl::Seconds(2)).ok())
      << "a file that is sound again is read again";
  EXPECT_TRUE(keys_->last_load().ok());
}

TEST_F(UserTokenTest, FileIsLookedAtOnceASecondAlsoWhenTheClockIsSetBack) {
  (void)keys_->Generation(kNow);
  const uint64_t before = keys_->Generation(kNow);
  ASSERT_TRUE(MakeUserKeys(folder_.path(), kNow).ok());
  EXPECT_EQ(keys_->Generation(kNow + absl::Milliseconds(999)), before);
  EXPECT_EQ(keys_->Generation(kNow + absl::Seconds(1)), before + 1);
  ASSERT_TRUE(MakeUserKeys(folder_.path(), kNow).ok());
  EXPECT_EQ(keys_->Generation(kNow - absl::Hours(1)), before + 2);
}

TEST_F(UserTokenTest, RacingCallersGetOneAnswerWhileKeysChange) {
  const std::string token = signer_->Sign(kAccount, kPerson, kNow, absl::Minutes(15));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        EXPECT_TRUE(verifier_->Verify(token, kNow + absl::Milliseconds(100 * i)).ok());
        // The same keys in a new file: a new generation, never a moment without keys.
        if (t == 0 && i % 50 == 0) folder_.Rewrite("users/jwks.json");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(keys_->Generation(kNow + absl::Minutes(1)), 2);
}

TEST(TokenCacheTest, StaysWithinItsBoundAndKeepsWhatIsUsed) {
  TokenCache<int> cache(320);  // ten tokens in each age of each shard
  cache.Put("hot", 1, std::make_shared<const int>(7));
  for (int i = 0; i < 10'000; ++i) {
    cache.Put(absl::StrCat(base::Hex(base::Sha256(absl::StrCat(i))), "AA"), 1,
              std::make_shared<const int>(i));
    ASSERT_NE(cache.Find("hot", 1), nullptr) << i;
  }
  EXPECT_LE(cache.size(), 320);
  EXPECT_GE(cache.size(), 100);
}

TEST(TokenCacheTest, NothingOfOlderKeysIsFoundOrKept) {
  TokenCache<int> cache(64);
  cache.Put("token", 1, std::make_shared<const int>(1));
  EXPECT_EQ(cache.Find("token", 2), nullptr);
  cache.Put("token", 2, std::make_shared<const int>(2));
  cache.Put("token", 1,
            std::make_shared<const int>(1));  // verified before the keys changed, put in after
  ASSERT_NE(cache.Find("token", 2), nullptr);
  EXPECT_EQ(*cache.Find("token", 2), 2);
  EXPECT_EQ(cache.size(), 1);
}

class ServiceTokenTest : public ::testing::Test {
 protected:
  ServiceTokenTest() {
    EXPECT_TRUE(MakeServiceKeys(folder_.path(),
                                {{"event", {"volunteer", "directory"}}, {"volunteer", {"event"}}})
                    .ok());
    keys_ = *KeyFile::Open(ServiceKeySetPath(folder_.path()));
    event_key_ = *SigningKeyFile::Open(ServiceKeyPath(folder_.path(), "event"));
    at_volunteer_ = std::make_unique<ServiceTokenVerifier>(*keys_, "services/volunteer");
  }

  std::string Payload(absl::string_view issuer, absl::string_view subject,
                      absl::string_view audience, int lifetime = 300) const {
    return absl::StrCat(R"({"iss":")", issuer, R"(","sub":")", subject, R"(","aud":")", audience,
                        R"(","iat":1790000000,"exp":)", 1790000000 + lifetime, "}");
  }
  std::string Forged(absl::string_view payload) const {
    const auto key = event_key_->Current(kNow);
    return Forge(*key, absl::StrCat(R"({"alg":"EdDSA","kid":")", key->id, "\"}"), payload);
  }
  std::string Why(absl::string_view token, absl::Time now = kNow) {
    const auto claims = at_volunteer_->Verify(token, now);
    return claims.ok() ? "" : std::string(claims.status().message());
  }

  KeyFolder folder_;
  std::unique_ptr<KeyFile> keys_;
  std::unique_ptr<SigningKeyFile> event_key_;
  std::unique_ptr<ServiceTokenVerifier> at_volunteer_;
};

TEST_F(ServiceTokenTest, ServiceIsKnownByItsKey) {
  ServiceTokenSource source(*event_key_, "services/event");
  const auto claims = at_volunteer_->Verify(source.TokenFor("services/volunteer", kNow), kNow);
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ((*claims)->service, "services/event");
  EXPECT_EQ((*claims)->expire_time, kNow + absl::Minutes(5));
}

TEST_F(ServiceTokenTest, KeySpeaksForItsOwnServiceAndToItsAudiencesOnly) {
  EXPECT_EQ(Why(Forged(Payload("services/event", "services/event", "services/volunteer"))), "");
  EXPECT_THAT(
      Why(Forged(Payload("services/directory", "services/directory", "services/volunteer"))),
      HasSubstr("bound"));
  EXPECT_THAT(Why(Forged(Payload("services/directory", "services/event", "services/volunteer"))),
              HasSubstr("issuer"));
  EXPECT_THAT(Why(Forged(Payload("services/event", "services/event", "services/directory"))),
              HasSubstr("audience"));
  EXPECT_THAT(Why(Forged(Payload("services/event", "services/event", "services/volunteer", 301))),
              HasSubstr("lifetime"));
  ServiceTokenVerifier at_pairing(*keys_, "services/pairing");
  const auto claims = at_pairing.Verify(
      Forged(Payload("services/event", "services/event", "services/pairing")), kNow);
  EXPECT_THAT(std::string(claims.status().message()), HasSubstr("may not sign for this audience"));
}

TEST_F(ServiceTokenTest, UsersAndServicesKeysDoNotPassForEachOther) {
  ASSERT_TRUE(MakeUserKeys(folder_.path(), kNow - absl::Hours(1)).ok());
  const auto user_keys = *KeyFile::Open(UserKeySetPath(folder_.path()));
  const auto user_key = *SigningKeyFile::Open(UserSigningKeysPath(folder_.path()));
  TokenVerifier users(*user_keys, kIssuer);
  EXPECT_FALSE(
      users
          .Verify(Forged(absl::StrCat(R"({"iss":")", kIssuer, R"(","sub":")", kAccount,
                                      R"(","aud":"pingan","iat":1790000000,"exp":1790000300})")),
                  kNow)
          .ok());
  ServiceTokenSource posing(*user_key, "services/event");
  EXPECT_THAT(Why(posing.TokenFor("services/volunteer", kNow)), HasSubstr("unknown key"));
  // Even a user's key that strayed into the services' set speaks for no service.
  std::filesystem::copy_file(UserKeySetPath(folder_.path()), ServiceKeySetPath(folder_.path()),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(Why(posing.TokenFor("services/volunteer", kNow), kNow + absl::Seconds(1)),
              HasSubstr("bound"));
}

TEST_F(ServiceTokenTest, TokenIsUsedAgainUntilAMinuteBeforeItsEnd) {
  ServiceTokenSource source(*event_key_, "services/event");
  const std::string first = source.TokenFor("services/volunteer", kNow);
  EXPECT_EQ(source.TokenFor("services/volunteer", kNow + absl::Seconds(239)), first);
  EXPECT_NE(source.TokenFor("services/volunteer", kNow + absl::Seconds(240)), first);
  EXPECT_NE(source.TokenFor("services/directory", kNow), first);
}

TEST_F(ServiceTokenTest, NewKeyIsUsedAtOnceAndTheOldOneStillVerifies) {
  ServiceTokenSource source(*event_key_, "services/event");
  const std::string before = source.TokenFor("services/volunteer", kNow);
  ASSERT_TRUE(MakeServiceKeys(folder_.path(), {{"event", {"volunteer"}}}).ok());
  const absl::Time later = kNow + absl::Seconds(1);
  const std::string after = source.TokenFor("services/volunteer", later);
  EXPECT_NE(after, before);
  EXPECT_EQ(Why(after, later), "");
  EXPECT_EQ(Why(before, later), "");
  ASSERT_TRUE(MakeServiceKeys(folder_.path(), {{"event", {"volunteer"}}}).ok());
  EXPECT_THAT(Why(before, later + absl::Seconds(1)), HasSubstr("unknown key"));
}

}  // namespace
}  // namespace pingan::rpc
