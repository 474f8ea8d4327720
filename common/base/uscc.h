// 统一社会信用代码, the identity of an enterprise: GB 32100-2015.
//
// 18 characters of 0123456789ABCDEFGHJKLMNPQRTUWXY (the value of a character is its place, 0 to
// 30): registering authority, category, six digits of division, nine of organisation code, check
// character. Position i (from 1) has weight 3^(i-1) mod 31, and the check is (31 - sum mod 31)
// mod 31. The outer modulus matters: validators that leave it out refuse codes whose sum is
// divisible by 31. All categories are accepted, N2 (village collectives) too. The check digit
// inside the organisation code (position 17) is not enforced: the standard's own check covers it.
#ifndef PINGAN_COMMON_BASE_USCC_H_
#define PINGAN_COMMON_BASE_USCC_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace pingan::base {

// The 18th character for the first 17; nothing when those are not 17 characters of the alphabet.
std::optional<char> UsccCheckCharacter(absl::string_view first_17);

// "" when `uscc` is valid, else what is wrong with it, in zh-CN, for the person who typed it.
std::string UsccProblem(absl::string_view uscc);

inline bool IsUscc(absl::string_view uscc) { return UsccProblem(uscc).empty(); }

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_USCC_H_
