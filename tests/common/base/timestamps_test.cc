#include "common/base/timestamps.h"

#include <gtest/gtest.h>

namespace pingan::base {
namespace {

google::protobuf::Timestamp Of(int64_t seconds, int nanos) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(nanos);
  return timestamp;
}

TEST(TimestampsTest, KeepMicrosecondsBothWays) {
  for (int64_t micros :
       {int64_t{0}, int64_t{1'800'000'000'123'456}, int64_t{-1}, int64_t{-1'000'000},
        int64_t{-62'135'596'800'000'000}, int64_t{253'402'300'799'999'999}}) {
    const absl::Time time = absl::FromUnixMicros(micros);
    const google::protobuf::Timestamp timestamp = ToTimestamp(time);
    EXPECT_TRUE(IsTimestamp(timestamp)) << micros;
    EXPECT_EQ(FromTimestamp(timestamp), time) << micros;
  }
}

TEST(TimestampsTest, RoundDownToTheMicrosecond) {
  EXPECT_EQ(ToTimestamp(absl::FromUnixNanos(1'999)).nanos(), 1000);
  EXPECT_EQ(ToTimestamp(absl::FromUnixNanos(-1)).seconds(), -1);
  EXPECT_EQ(ToTimestamp(absl::FromUnixNanos(-1)).nanos(), 999'999'000);
  EXPECT_EQ(FromTimestamp(Of(1, 1'999)), absl::FromUnixMicros(1'000'001));
}

TEST(TimestampsTest, OutsideTheYears1To9999IsNone) {
  EXPECT_TRUE(IsTimestamp(Of(-62'135'596'800, 0)));
  EXPECT_FALSE(IsTimestamp(Of(-62'135'596'801, 0)));
  EXPECT_TRUE(IsTimestamp(Of(253'402'300'799, 999'999'999)));
  EXPECT_FALSE(IsTimestamp(Of(253'402'300'800, 0)));
  EXPECT_FALSE(IsTimestamp(Of(0, -1)));
  EXPECT_FALSE(IsTimestamp(Of(0, 1'000'000'000)));
}

}  // namespace
}  // namespace pingan::base
