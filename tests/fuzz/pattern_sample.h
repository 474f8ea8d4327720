// Texts that a pattern of our protos admits.
#ifndef PINGAN_TESTS_FUZZ_PATTERN_SAMPLE_H_
#define PINGAN_TESTS_FUZZ_PATTERN_SAMPLE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tests/fuzz/choices.h"

namespace pingan::fuzz {

// One of them, as `choices` go. Patterns are made of literals, classes of ASCII, groups with
// alternatives, ? * {n} {m,n}, and are anchored at both ends: what else is in one is taken as a
// literal, and the text may then not fit.
std::string SampleOf(absl::string_view pattern, Choices& choices);

}  // namespace pingan::fuzz

#endif  // PINGAN_TESTS_FUZZ_PATTERN_SAMPLE_H_
