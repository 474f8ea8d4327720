// Ids and resource names (AIP-122: `towns/330481003/events/018f...`).
// The functions that look into names neither allocate nor check the whole name: names are validated
// by the adapter. The views they return live as long as the text they were given. All are thread
// safe.
#ifndef PINGAN_COMMON_BASE_IDS_H_
#define PINGAN_COMMON_BASE_IDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace pingan::base {

// A new UUIDv7 (RFC 9562, section 5.7) in canonical lower case: 48 bits of milliseconds of `now`,
// 12 bits of the fraction of that millisecond (method 3 of section 6.2), 62 random bits. Ids made
// at increasing microseconds sort in that order as text; those of one microsecond differ but are in
// no order. `now` lies between the years 1970 and 10889. Ids are unique, not secret.
std::string NewId(absl::Time now);

// Whether `text` is a UUID of any version in canonical lower case, 36 characters.
bool IsUuid(absl::string_view text);

// Nine digits: the code of a town, or a city's or the country's padded with zeros.
bool IsTownCode(absl::string_view text);

// Twelve digits, or a town's code, `X` and two digits for units outside the statutory list.
bool IsUnitCode(absl::string_view text);

// The segment after the first `collection/`: Segment("towns/1/units/2", "units") is "2"; "" when
// there is none.
absl::string_view Segment(absl::string_view name, absl::string_view collection);

// The town of a name that begins with "towns/"; "" for any other.
absl::string_view TownOf(absl::string_view name);

// What follows the last slash; the whole name when it has none.
absl::string_view LastSegment(absl::string_view name);

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_IDS_H_
