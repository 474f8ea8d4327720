// What a fuzz target says of its parser beside that it does not crash.
#ifndef PINGAN_TESTS_FUZZ_PROPERTY_H_
#define PINGAN_TESTS_FUZZ_PROPERTY_H_

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/errors.h"

namespace pingan::fuzz {

// Ends the process unless `holds`; libFuzzer then keeps the input. `value` is shown escaped.
inline void Require(bool holds, absl::string_view what, absl::string_view value = "") {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n%s\n", std::string(what).c_str(),
               absl::CHexEscape(value).c_str());
  std::abort();
}

// A refusal has the wanted reason.
inline void RequireRefused(const absl::Status& status, absl::string_view reason) {
  Require(!status.ok() && base::ReasonOf(status) == reason,
          absl::StrCat("it is refused with ", reason), status.ToString());
}

}  // namespace pingan::fuzz

#endif  // PINGAN_TESTS_FUZZ_PROPERTY_H_
