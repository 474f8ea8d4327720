#include "common/base/mask.h"

#include <gtest/gtest.h>

namespace pingan::base {
namespace {

TEST(MaskTest, PhonesShowThreeAndFourDigits) {
  const struct {
    const char* phone;
    const char* masked;
  } cases[] = {
      {"13812341234", "138****1234"}, {"+86 138-1234-1234", "138****1234"},
      {"0573-87000000", "****"},      {"", "****"},
      {"1381234123", "****"},
  };
  for (const auto& c : cases) EXPECT_EQ(MaskPhone(c.phone), c.masked) << c.phone;
}

TEST(MaskTest, NamesShowTheirFirstCharacter) {
  const struct {
    const char* name;
    const char* masked;
  } cases[] = {
      {"王小明", "王**"},   {"王明", "王*"},         {"王", "*"},
      {"欧阳小明", "欧**"}, {"买买提·艾力", "买**"}, {"Smith", "S**"},
      {"𠮷野", "𠮷*"},      {"　王明 ", "王*"},      {"", ""},
      {"\xFF\xFE", "**"},
  };
  for (const auto& c : cases) EXPECT_EQ(MaskName(c.name), c.masked) << c.name;
}

TEST(NormalizePhoneTest, TakesTheFormsPeopleType) {
  for (const char* text :
       {"13812341234", "+8613812341234", "+86 138 1234 1234", "86-13812341234", "008613812341234",
        "138-1234-1234", "１３８１２３４１２３４", "＋8613812341234", " 13812341234　"}) {
    EXPECT_EQ(NormalizePhone(text), "13812341234") << text;
  }
}

TEST(NormalizePhoneTest, RefusesWhatIsNoMainlandMobile) {
  for (const char* text : {"", "1381234123", "138123412345", "12812341234", "23812341234",
                           "+85213812341234", "+85291234567", "057387000000", "1381234123a",
                           "138+12341234", "++8613812341234", "８", "\xEF\xBC", "+13812341234"}) {
    EXPECT_EQ(NormalizePhone(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace pingan::base
