#include "tests/fuzz/fuzz_target.h"

#include <cstddef>
#include <cstdint>

// What libFuzzer calls for every input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  pingan::fuzz::TryInput({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
