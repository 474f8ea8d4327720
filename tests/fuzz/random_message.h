// Messages of the API at random, near to what their rules ask for.
#ifndef PINGAN_TESTS_FUZZ_RANDOM_MESSAGE_H_
#define PINGAN_TESTS_FUZZ_RANDOM_MESSAGE_H_

#include <memory>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "tests/fuzz/choices.h"

namespace pingan::fuzz {

enum class Wildness {
  kTame,  // texts are UTF-8 without NUL, moments are real and in the years that we take
  kWild,  // anything that a message in memory can hold
};

// Any field may be absent, right, at a bound of its rules, beyond it, or nonsense. The mask of an
// update names fields of its resource, mostly.
std::unique_ptr<google::protobuf::Message> RandomMessage(const google::protobuf::Descriptor* type,
                                                         Wildness wildness, Choices& choices);

}  // namespace pingan::fuzz

#endif  // PINGAN_TESTS_FUZZ_RANDOM_MESSAGE_H_
