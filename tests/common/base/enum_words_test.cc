#include "common/base/enum_words.h"

#include "gtest/gtest.h"
#include "pingan/event/v1/event.pb.h"

namespace pingan::base {
namespace {

using event::v1::Mechanism;

TEST(EnumWordsTest, ValuesHaveAWordAndAName) {
  EXPECT_EQ(WordOf(event::v1::PATROL), "治安联巡");
  EXPECT_EQ(IdentifierOf(event::v1::PATROL), "PATROL");
  EXPECT_EQ(WordOf(event::v1::MECHANISM_UNSPECIFIED), "");
  EXPECT_EQ(WordOf(static_cast<Mechanism>(99)), "");
  EXPECT_EQ(IdentifierOf(static_cast<Mechanism>(99)), "");
}

TEST(EnumWordsTest, WordsAreFoundAgain) {
  EXPECT_EQ(ValueOfWord<Mechanism>("治安联巡"), event::v1::PATROL);
  EXPECT_EQ(ValueOfWord<Mechanism>("治安"), std::nullopt);
  EXPECT_EQ(ValueOfWord<Mechanism>(""), std::nullopt);
}

}  // namespace
}  // namespace pingan::base
