#include "common/rpc/keys.h"

#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/rpc/key_set.h"
#include "common/rpc/token.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/common/rpc/key_folder.h"

namespace pingan::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kAccount[] = "01890a5d-ac96-774b-bcce-b302099a8057";
const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
constexpr absl::Duration kLead = absl::Minutes(2);

mode_t ModeOf(const std::string& path) {
  struct stat found = {};
  EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
  return found.st_mode & 0777;
}

std::vector<std::string> Ids(const std::string& path, KeyKind kind) {
  std::vector<std::string> ids;
  const auto file = *KeyFile::Open(path, kind);
  for (const Key& key : file->Current(kNow).keys->keys()) ids.push_back(key.id);
  return ids;
}

class UserKeysTest : public ::testing::Test {
 protected:
  UserKeysTest() { EXPECT_TRUE(MakeUserKeys(folder_.path(), kNow).ok()); }

  std::string Sign(absl::Time now) {
    const auto keys = *SigningKeyFile::Open(UserSigningKeysPath(folder_.path()));
    return TokenSigner(*keys, "i").Sign(kAccount, "", now, absl::Minutes(15));
  }
  bool IsAccepted(const std::string& token, absl::Time now) {
    const auto keys = *KeyFile::Open(UserKeySetPath(folder_.path()));
    return TokenVerifier(*keys, "i").Verify(token, now).ok();
  }

  KeyFolder folder_;
};

TEST_F(UserKeysTest, PrivateKeysAreForTheirOwnerOnlyAndNeverAmongPublicOnes) {
  EXPECT_EQ(ModeOf(UserSigningKeysPath(folder_.path())), 0600);
  EXPECT_EQ(ModeOf(UserKeySetPath(folder_.path())), 0644);
  EXPECT_THAT(folder_.Read("users/jwks.json"), Not(HasSubstr("\"d\"")));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path() + "/users"), {}), 2)
      << "no file of a write is left behind";
}

TEST_F(UserKeysTest, SetIsOneThatOthersRead) {
  const nlohmann::json set = nlohmann::json::parse(folder_.Read("users/jwks.json"));
  ASSERT_THAT(set["keys"], SizeIs(1));
  const nlohmann::json& key = set["keys"][0];
  EXPECT_EQ(key["kty"], "OKP");
  EXPECT_EQ(key["crv"], "Ed25519");
  EXPECT_EQ(key["alg"], "EdDSA");
  EXPECT_EQ(key["kid"].get<std::string>().size(), 43);  // 32 bytes
  EXPECT_EQ(key["x"].get<std::string>().size(), 43);
  EXPECT_EQ(key["nbf"], absl::ToUnixSeconds(kNow)) << "how old it is, for who watches over keys";
}

TEST_F(UserKeysTest, RotationLeavesNoMomentWithoutAVerifiableToken) {
  const std::string old_key = Ids(UserKeySetPath(folder_.path()), KeyKind::kPublic)[0];
  const std::string before = Sign(kNow);
  ASSERT_TRUE(RotateUserKeys(folder_.path(), kNow, kLead).ok());
  EXPECT_THAT(Ids(UserKeySetPath(folder_.path()), KeyKind::kPublic), SizeIs(2));
  EXPECT_TRUE(IsAccepted(before, kNow));

  // Until the lead is over only the key signs that every verifier knows already.
  const auto signing = *SigningKeyFile::Open(UserSigningKeysPath(folder_.path()));
  EXPECT_EQ(signing->Current(kNow + kLead - absl::Seconds(1))->id, old_key);
  EXPECT_NE(signing->Current(kNow + kLead)->id, old_key);

  const std::string last_of_old = Sign(kNow + kLead - absl::Seconds(1));
  EXPECT_TRUE(IsAccepted(last_of_old, kNow + kLead + absl::Minutes(14)));
  EXPECT_TRUE(IsAccepted(Sign(kNow + kLead), kNow + kLead));
}

TEST_F(UserKeysTest, RotationWaitsForTheTokensOfTheKeyItDrops) {
  ASSERT_TRUE(RotateUserKeys(folder_.path(), kNow, kLead).ok());
  const std::string last_of_old = Sign(kNow + kLead - absl::Seconds(1));
  const absl::Time free_from = kNow + kLead + absl::Minutes(15) + absl::Seconds(30);
  EXPECT_EQ(RotateUserKeys(folder_.path(), free_from - absl::Seconds(1), kLead).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(IsAccepted(last_of_old, kNow + kLead))
      << "a rotation that is refused changes nothing";
  ASSERT_TRUE(RotateUserKeys(folder_.path(), free_from, kLead).ok());
  EXPECT_THAT(Ids(UserKeySetPath(folder_.path()), KeyKind::kPublic), SizeIs(2));
  EXPECT_FALSE(IsAccepted(last_of_old, kNow + kLead));
}

TEST_F(UserKeysTest, NewKeysEndAllTokens) {
  const std::string before = Sign(kNow);
  ASSERT_TRUE(MakeUserKeys(folder_.path(), kNow).ok());
  EXPECT_FALSE(IsAccepted(before, kNow));
  EXPECT_TRUE(IsAccepted(Sign(kNow), kNow));
}

TEST_F(UserKeysTest, RotationWithoutKeysIsRefused) {
  KeyFolder empty;
  EXPECT_EQ(RotateUserKeys(empty.path(), kNow, kLead).code(), absl::StatusCode::kNotFound);
}

TEST(ServiceKeysTest, EachKeyIsBoundToItsServiceAndAudiences) {
  KeyFolder folder;
  ASSERT_TRUE(MakeServiceKeys(folder.path(), {{"event", {"volunteer"}}, {"volunteer", {}}}).ok());
  EXPECT_EQ(ModeOf(ServiceKeyPath(folder.path(), "event")), 0600);
  EXPECT_EQ(ModeOf(ServiceKeySetPath(folder.path())), 0644);
  const auto file = *KeyFile::Open(ServiceKeySetPath(folder.path()));
  const auto keys = file->Current(kNow).keys->keys();
  ASSERT_THAT(keys, SizeIs(2));
  EXPECT_EQ(keys[0].subject, "services/event");
  EXPECT_THAT(keys[0].audiences, ElementsAre("services/volunteer"));
  EXPECT_EQ(keys[1].subject, "services/volunteer");
  EXPECT_THAT(keys[1].audiences, ElementsAre());
  EXPECT_THAT(Ids(ServiceKeyPath(folder.path(), "event"), KeyKind::kPrivate),
              ElementsAre(keys[0].id));
}

TEST(ServiceKeysTest, OthersKeysAreKept) {
  KeyFolder folder;
  ASSERT_TRUE(MakeServiceKeys(folder.path(), {{"event", {"volunteer"}}}).ok());
  EXPECT_TRUE(HasServiceKey(folder.path(), {"event", {"volunteer"}}));
  EXPECT_FALSE(HasServiceKey(folder.path(), {"event", {"volunteer", "pairing"}}));
  EXPECT_FALSE(HasServiceKey(folder.path(), {"pairing", {}}));
  const std::string event = Ids(ServiceKeySetPath(folder.path()), KeyKind::kPublic)[0];
  ASSERT_TRUE(MakeServiceKeys(folder.path(), {{"volunteer", {"event"}}}).ok());
  EXPECT_THAT(Ids(ServiceKeySetPath(folder.path()), KeyKind::kPublic), ::testing::Contains(event));
  EXPECT_THAT(Ids(ServiceKeySetPath(folder.path()), KeyKind::kPublic), SizeIs(2));
}

TEST(ServiceKeysTest, NameThatIsNoServiceIsRefusedBeforeAnythingIsWritten) {
  KeyFolder folder;
  for (const char* name : {"", "../users/signing", "Event", "event/x", "1event"}) {
    EXPECT_EQ(MakeServiceKeys(folder.path(), {{"volunteer", {}}, {name, {}}}).code(),
              absl::StatusCode::kInvalidArgument)
        << name;
    EXPECT_EQ(MakeServiceKeys(folder.path(), {{"volunteer", {name}}}).code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ServiceKeysTest, BrokenSetIsNotOverwritten) {
  KeyFolder folder;
  folder.Write("services.jwks.json", "{");
  EXPECT_FALSE(MakeServiceKeys(folder.path(), {{"event", {}}}).ok());
  EXPECT_EQ(folder.Read("services.jwks.json"), "{");
}

class KeySetTest : public ::testing::Test {
 protected:
  KeySetTest() {
    EXPECT_TRUE(MakeServiceKeys(folder_.path(), {{"event", {"volunteer"}}}).ok());
    public_set_ = folder_.Read("services.jwks.json");
    private_set_ = folder_.Read("services/event.key");
  }

  KeyFolder folder_;
  std::string public_set_, private_set_;
};

TEST_F(KeySetTest, KindsAreNotMixed) {
  EXPECT_TRUE(KeySet::Parse(public_set_, KeyKind::kPublic).ok());
  EXPECT_TRUE(KeySet::Parse(private_set_, KeyKind::kPrivate).ok());
  EXPECT_FALSE(KeySet::Parse(private_set_, KeyKind::kPublic).ok());
  EXPECT_FALSE(KeySet::Parse(public_set_, KeyKind::kPrivate).ok());
}

TEST_F(KeySetTest, UnsoundSetsAreRefusedWhole) {
  using Change = std::pair<absl::string_view, absl::string_view>;
  for (const Change& change : std::vector<Change>{{"OKP", "RSA"},
                                                  {"Ed25519", "X25519"},
                                                  {"EdDSA", "none"},
                                                  {"\"sig\"", "\"enc\""},
                                                  {"\"kid\"", "\"id\""},
                                                  {"\"kid\": \"", "\"kid\": \"a b"},
                                                  {"\"x\": \"", "\"x\": \"AAAA"},
                                                  {"\"x\"", "\"y\""},
                                                  {"\"sub\": \"services/event\"", "\"sub\": 7"},
                                                  {"\"sub\": \"services/event\"", "\"sub\": \"\""},
                                                  {"\"services/volunteer\"", "[]"},
                                                  {"\"crv\"", "\"crv\": \"Ed25519\", \"crv\""},
                                                  {"\"keys\"", "\"key\""}}) {
    const std::string bent = absl::StrReplaceAll(public_set_, {change});
    ASSERT_NE(bent, public_set_) << change.first;
    EXPECT_EQ(KeySet::Parse(bent, KeyKind::kPublic).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bent;
  }
}

TEST_F(KeySetTest, KeyIdsAreUniqueAndTheirNumberIsBounded) {
  nlohmann::json set = nlohmann::json::parse(public_set_);
  const nlohmann::json key = set["keys"][0];
  set["keys"].push_back(key);
  EXPECT_FALSE(KeySet::Parse(set.dump(), KeyKind::kPublic).ok());
  set["keys"].clear();
  for (size_t i = 0; i < KeySet::kMaxKeys; ++i) {
    set["keys"].push_back(key);
    set["keys"].back()["kid"] = absl::StrCat("k", i);
  }
  EXPECT_TRUE(KeySet::Parse(set.dump(), KeyKind::kPublic).ok());
  set["keys"].push_back(key);
  EXPECT_FALSE(KeySet::Parse(set.dump(), KeyKind::kPublic).ok());
}

TEST_F(KeySetTest, PrivateKeyThatDoesNotFitItsPublicHalfIsRefused) {
  nlohmann::json set = nlohmann::json::parse(private_set_);
  set["keys"][0]["d"] = std::string(43, 'A');
  EXPECT_THAT(std::string(KeySet::Parse(set.dump(), KeyKind::kPrivate).status().message()),
              HasSubstr("does not belong"));
}

}  // namespace
}  // namespace pingan::rpc
