// absl::Time and google.protobuf.Timestamp, in the microseconds that PostgreSQL keeps.
#ifndef PINGAN_COMMON_BASE_TIMESTAMPS_H_
#define PINGAN_COMMON_BASE_TIMESTAMPS_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace pingan::base {

// Rounds down to the microsecond. `time` lies in the years 1 to 9999.
google::protobuf::Timestamp ToTimestamp(absl::Time time);

// Rounds down to the microsecond.
absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp);

// Whether the timestamp is one that protobuf allows: 0001-01-01T00:00:00Z to
// 9999-12-31T23:59:59.999999999Z.
bool IsTimestamp(const google::protobuf::Timestamp& timestamp);

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_TIMESTAMPS_H_
