// A fuzz target is one function, in a file <parser>_fuzz.cc.
#ifndef PINGAN_TESTS_FUZZ_FUZZ_TARGET_H_
#define PINGAN_TESTS_FUZZ_FUZZ_TARGET_H_

#include "absl/strings/string_view.h"

namespace pingan::fuzz {

// Gives `input` to the parser and requires of it what property.h is for. Deterministic; keeps
// nothing that grows.
void TryInput(absl::string_view input);

}  // namespace pingan::fuzz

#endif  // PINGAN_TESTS_FUZZ_FUZZ_TARGET_H_
