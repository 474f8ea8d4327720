#include "common/changes/bucket.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace pingan::changes {
namespace {

// Replicas of different versions must agree, so these never change.
TEST(BucketTest, IsTheSameForever) {
  EXPECT_EQ(BucketOf(""), 1);
  EXPECT_EQ(BucketOf("a"), 0);
  EXPECT_EQ(BucketOf("000000000"), 32);
  EXPECT_EQ(BucketOf("330481000"), 26);
  EXPECT_EQ(BucketOf("330481003"), 51);
}

TEST(BucketTest, SpreadsTheTownsOfACountry) {
  std::array<int, kBuckets> towns{};
  for (int city = 110101; city < 110101 + 400; ++city) {
    for (int town = 1; town <= 100; ++town) ++towns[BucketOf(absl::StrCat(city * 1000 + town))];
  }
  const int even = 400 * 100 / kBuckets;
  for (const int count : towns) EXPECT_NEAR(count, even, even * 0.2);
}

}  // namespace
}  // namespace pingan::changes
