#include "services/directory/sealing.h"

#include <sys/stat.h>

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/keyed_hashes.h"
#include "services/directory/personal_data.h"
#include "services/directory/refresh_token.h"
#include "tests/services/directory/secrets_folder.h"

namespace pingan::directory {
namespace {

constexpr Place kPlace = {
    .tenant = "330481003", .table = "personal_data", .column = "sealed_name", .id = "a"};

class SealingTest : public ::testing::Test {
 protected:
  std::string KeysFile() {
    std::ifstream file(SealingKeysPath(folder_.path()));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  SecretsFolder folder_;
  base::FakeClock clock_{absl::FromUnixSeconds(1795399200)};
  std::unique_ptr<Sealer> sealer_ = *Sealer::Open(folder_.path(), clock_);
};

TEST_F(SealingTest, OpensWhatItSealed) {
  const DataKey key = DataKey::New();
  const std::string sealed = key.Seal(kPlace, "王雨桐");
  EXPECT_FALSE(absl::StrContains(sealed, "王"));
  EXPECT_EQ(*key.Unseal(kPlace, sealed), "王雨桐");
  EXPECT_NE(sealed, key.Seal(kPlace, "王雨桐"));  // a nonce of its own
}

TEST_F(SealingTest, DoesNotOpenWhatWasMovedOrTouched) {
  const DataKey key = DataKey::New();
  const std::string sealed = key.Seal(kPlace, "王雨桐");
  for (const Place& other : {Place{"330481001", "personal_data", "sealed_name", "a"},
                             Place{"330481003", "accounts", "sealed_name", "a"},
                             Place{"330481003", "personal_data", "sealed_phone", "a"},
                             Place{"330481003", "personal_data", "sealed_name", "b"}}) {
    EXPECT_EQ(key.Unseal(other, sealed).status().code(), absl::StatusCode::kDataLoss);
  }
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string touched = sealed;
    touched[i] ^= 1;
    EXPECT_FALSE(key.Unseal(kPlace, touched).ok()) << i;
  }
  EXPECT_FALSE(key.Unseal(kPlace, "").ok());
  EXPECT_FALSE(DataKey::New().Unseal(kPlace, sealed).ok());
}

TEST_F(SealingTest, WrapsKeysUnderTheNewestAndOpensTheOlder) {
  const DataKey key = DataKey::New();
  const std::string sealed = key.Seal(kPlace, "王雨桐");
  const WrappedKey old = sealer_->Wrap(key, kPlace);
  ASSERT_TRUE(AddSealingKey(folder_.path()).ok());
  clock_.Advance(absl::Seconds(2));
  const WrappedKey fresh = sealer_->Wrap(key, kPlace);
  EXPECT_NE(old.sealing_key, fresh.sealing_key);
  for (const WrappedKey& wrapped : {old, fresh}) {
    EXPECT_EQ(
        *sealer_->Unwrap(wrapped.sealing_key, wrapped.wrapped, kPlace)->Unseal(kPlace, sealed),
        "王雨桐");
  }
}

TEST_F(SealingTest, ReadsAKeyThatAnotherReplicaUsesAlready) {
  ASSERT_TRUE(AddSealingKey(folder_.path()).ok());
  const auto other = *Sealer::Open(folder_.path(), clock_);
  const WrappedKey wrapped = other->Wrap(DataKey::New(), kPlace);
  EXPECT_TRUE(sealer_->Unwrap(wrapped.sealing_key, wrapped.wrapped, kPlace).ok());
}

TEST_F(SealingTest, SaysWhichKeyIsGone) {
  const auto status = sealer_->Unwrap("0badc0ffee00", "whatever", kPlace).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("0badc0ffee00"));
}

TEST_F(SealingTest, KeysAreMadeOnceAndOnlyForTheirOwner) {
  const std::string before = KeysFile();
  ASSERT_TRUE(MakeDeploymentKeys(folder_.path()).ok());
  EXPECT_EQ(KeysFile(), before);
  for (const std::string& path : {SealingKeysPath(folder_.path()), IndexKeyPath(folder_.path()),
                                  PepperPath(folder_.path())}) {
    struct stat file = {};
    ASSERT_EQ(stat(path.c_str(), &file), 0) << path;
    EXPECT_EQ(file.st_mode & 0777, 0600u) << path;
  }
  ASSERT_TRUE(AddSealingKey(folder_.path()).ok());
  EXPECT_THAT(KeysFile(), ::testing::EndsWith(before));
}

TEST_F(SealingTest, RefusesAFileThatHoldsNoKeys) {
  std::ofstream(SealingKeysPath(folder_.path())) << "0badc0ffee00 short\n";
  EXPECT_EQ(Sealer::Open(folder_.path(), clock_).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Sealer::Open("/nowhere", clock_).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(SealingTest, ABlindIndexFindsAPhoneInItsTownOnly) {
  const KeyedHashes hashes = *KeyedHashes::Open(folder_.path());
  EXPECT_EQ(hashes.PhoneIndex("330481003", "19900000041"),
            hashes.PhoneIndex("330481003", "19900000041"));
  EXPECT_NE(hashes.PhoneIndex("330481003", "19900000041"),
            hashes.PhoneIndex("330481001", "19900000041"));
  EXPECT_NE(hashes.PhoneIndex("330481003", "19900000041"),
            hashes.PhoneIndex("330481003", "19900000042"));
  EXPECT_EQ(hashes.PhoneIndex("330481003", "19900000041").size(), 36u);
  EXPECT_NE(hashes.LoginOf("19900000041"), hashes.SubjectOf("19900000041"));
  const SecretsFolder elsewhere;
  EXPECT_NE(hashes.LoginOf("19900000041"),
            KeyedHashes::Open(elsewhere.path())->LoginOf("19900000041"));
}

TEST_F(SealingTest, AnAccountsPhoneOpensWithItsRowAlone) {
  const KeyedHashes hashes = *KeyedHashes::Open(folder_.path());
  const PersonalData personal(*sealer_, hashes);
  rows::Account row = personal.SealAccount("01900000-0000-7000-8000-000000000009", "19900000041");
  EXPECT_EQ(*personal.OpenAccount(row), "19900000041");
  row.set_name("accounts/01900000-0000-7000-8000-00000000000a");
  EXPECT_FALSE(personal.OpenAccount(row).ok());
}

TEST_F(SealingTest, RefreshTokensAreReadOnlyAsTheyWereMade) {
  const KeyedHashes hashes = *KeyedHashes::Open(folder_.path());
  const RefreshToken made{
      .session = "accounts/a/sessions/b", .generation = 7, .secret = NewSecret()};
  const std::string text = WriteRefreshToken(made, hashes);
  const auto read = ReadRefreshToken(text, hashes);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->session, made.session);
  EXPECT_EQ(read->generation, 7);
  EXPECT_EQ(read->SecretHash(), made.SecretHash());

  // The same in another spelling, the next number, another session, another installation, other
  // text.
  for (const char* more : {" ", "\n", "="})
    EXPECT_FALSE(ReadRefreshToken(absl::StrCat(text, more), hashes).has_value()) << more;
  std::vector<std::string> parts = absl::StrSplit(text, '.');
  parts[2] = "8";
  EXPECT_FALSE(ReadRefreshToken(absl::StrJoin(parts, "."), hashes).has_value());
  parts[2] = "7";
  parts[1] = "c";
  EXPECT_FALSE(ReadRefreshToken(absl::StrJoin(parts, "."), hashes).has_value());
  const SecretsFolder elsewhere;
  EXPECT_FALSE(ReadRefreshToken(text, *KeyedHashes::Open(elsewhere.path())).has_value());
  for (const char* garbage :
       {"", ".", "....", "a.b.c.d.e", "一二三四五六七八九十一二三四五六七八九十"}) {
    EXPECT_FALSE(ReadRefreshToken(garbage, hashes).has_value()) << garbage;
  }
}

}  // namespace
}  // namespace pingan::directory
