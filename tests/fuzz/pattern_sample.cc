#include "tests/fuzz/pattern_sample.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace pingan::fuzz {
namespace {

constexpr size_t kMostOfStar = 3;

// Reads the pattern and writes the text in one pass; all alternatives are written, one is taken.
class Sampler {
 public:
  Sampler(absl::string_view pattern, Choices& choices) : rest_(pattern), choices_(choices) {}

  // Alternatives up to the end or to a closing bracket, which stays.
  std::string Alternatives() {
    std::vector<std::string> texts = {Sequence()};
    while (absl::ConsumePrefix(&rest_, "|")) texts.push_back(Sequence());
    return texts[choices_.Below(texts.size())];
  }

 private:
  std::string Sequence() {
    std::string text;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const absl::string_view atom = rest_;
      std::string once = Atom();
      // Each repetition reads the atom again, with choices of its own.
      const absl::string_view behind = rest_;
      const size_t times = Times();
      const absl::string_view next = rest_;
      if (times == 0) continue;
      text += once;
      for (size_t i = 1; i < times; ++i) {
        rest_ = atom.substr(0, atom.size() - behind.size());
        text += Atom();
      }
      rest_ = next;
    }
    return text;
  }

  std::string Atom() {
    if (absl::ConsumePrefix(&rest_, "(")) {
      std::string text = Alternatives();
      absl::ConsumePrefix(&rest_, ")");
      return text;
    }
    if (absl::ConsumePrefix(&rest_, "[")) return std::string(1, OneOfClass());
    const char literal = rest_.front();
    rest_.remove_prefix(1);
    return std::string(1, literal);
  }

  char OneOfClass() {
    std::string members;
    while (!rest_.empty() && !absl::ConsumePrefix(&rest_, "]")) {
      const char first = rest_.front();
      rest_.remove_prefix(1);
      char last = first;
      if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        last = rest_[1];
        rest_.remove_prefix(2);
      }
      for (char c = first; c <= last; ++c) members.push_back(c);
    }
    return members.empty() ? ' ' : members[choices_.Below(members.size())];
  }

  size_t Times() {
    if (absl::ConsumePrefix(&rest_, "?")) return choices_.Below(2);
    if (absl::ConsumePrefix(&rest_, "*")) return choices_.Below(kMostOfStar + 1);
    if (!absl::ConsumePrefix(&rest_, "{")) return 1;
    const size_t least = Number();
    const size_t most = absl::ConsumePrefix(&rest_, ",") ? Number() : least;
    absl::ConsumePrefix(&rest_, "}");
    return least + choices_.Below(most - least + 1);
  }

  size_t Number() {
    size_t number = 0;
    while (!rest_.empty() && absl::ascii_isdigit(rest_.front())) {
      number = number * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return number;
  }

  absl::string_view rest_;
  Choices& choices_;
};

}  // namespace

std::string SampleOf(absl::string_view pattern, Choices& choices) {
  absl::ConsumePrefix(&pattern, "^");
  absl::ConsumeSuffix(&pattern, "$");
  return Sampler(pattern, choices).Alternatives();
}

}  // namespace pingan::fuzz
