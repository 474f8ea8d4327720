// An input of bytes as a row of choices: the same bytes are the same choices, and a small change of
// the bytes is a small change of what is made of them. Past its end every choice is the first.
#ifndef PINGAN_TESTS_FUZZ_CHOICES_H_
#define PINGAN_TESTS_FUZZ_CHOICES_H_

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace pingan::fuzz {

class Choices {
 public:
  explicit Choices(absl::string_view bytes) : rest_(bytes) {}

  bool done() const { return rest_.empty(); }

  uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }

  // 0 to `count` - 1; `count` is at least 1.
  size_t Below(size_t count) {
    size_t value = 0;
    for (size_t reach = 1; reach < count; reach *= 256) value = value * 256 + Byte();
    return value % count;
  }

  // True `of` times in `in`.
  bool Chance(size_t of, size_t in) { return Below(in) + of >= in; }

  uint64_t Number() {
    uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value * 256 + Byte();
    return value;
  }

  absl::string_view Bytes(size_t count) {
    const absl::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(bytes.size());
    return bytes;
  }
  absl::string_view Rest() { return Bytes(rest_.size()); }

 private:
  absl::string_view rest_;
};

// `text` with a few of its bytes replaced, left out or put in.
inline std::string Edited(std::string text, Choices& choices) {
  for (size_t edits = 1 + choices.Below(3); edits > 0; --edits) {
    const size_t at = choices.Below(text.size() + 1);
    switch (choices.Below(3)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(choices.Byte());
        break;
      case 1:
        text.erase(at, 1 + choices.Below(4));
        break;
      default:
        text.insert(at, 1, static_cast<char>(choices.Byte()));
    }
  }
  return text;
}

}  // namespace pingan::fuzz

#endif  // PINGAN_TESTS_FUZZ_CHOICES_H_
