// The message types of the API.
#ifndef PINGAN_TESTS_FUZZ_API_TYPES_H_
#define PINGAN_TESTS_FUZZ_API_TYPES_H_

#include <vector>

#include "google/protobuf/descriptor.h"

namespace pingan::fuzz {

using DescriptorList = std::vector<const google::protobuf::Descriptor*>;

// Of every method of every service, each once, in the order of the protos.
const DescriptorList& RequestTypes();
// Those with an `update_mask`.
const DescriptorList& UpdateRequestTypes();

}  // namespace pingan::fuzz

#endif  // PINGAN_TESTS_FUZZ_API_TYPES_H_
