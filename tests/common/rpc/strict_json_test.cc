#include "common/rpc/strict_json.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace pingan::rpc {
namespace {

TEST(DecodeBase64Url, GivesTheBytesThatWereEncoded) {
  EXPECT_EQ(DecodeBase64Url(""), "");
  EXPECT_EQ(DecodeBase64Url("5bmz5a6J"), "平安");
  EXPECT_EQ(DecodeBase64Url("_-8"), "\xff\xef");
}

// A second spelling would make two tokens of one.
TEST(DecodeBase64Url, TakesOneSpellingOnly) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::string text : {"AAAA", "AAA", "AA"}) {
      for (char& place : text) {
        const char kept = std::exchange(place, static_cast<char>(byte));
        const std::optional<std::string> bytes = DecodeBase64Url(text);
        EXPECT_TRUE(!bytes.has_value() || absl::WebSafeBase64Escape(*bytes) == text)
            << absl::CHexEscape(text);
        place = kept;
      }
    }
  }
  EXPECT_EQ(DecodeBase64Url("A"), std::nullopt);
  EXPECT_EQ(DecodeBase64Url("AA=="), std::nullopt);
}

}  // namespace
}  // namespace pingan::rpc
