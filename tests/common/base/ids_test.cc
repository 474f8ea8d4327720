#include "common/base/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace pingan::base {
namespace {

constexpr char kEvent[] = "towns/330481003/events/018f3c1e-0000-7000-8000-000000000001";

TEST(NewIdTest, HoldsMillisecondsVersionAndVariant) {
  // The example of RFC 9562, appendix A.6: 2022-02-22T19:22:22.00Z.
  const std::string id = NewId(absl::FromUnixMillis(0x017F22E279B0));
  EXPECT_EQ(id.substr(0, 18), "017f22e2-79b0-7000");
  EXPECT_THAT(std::string("89ab"), ::testing::HasSubstr(id.substr(19, 1)));
  EXPECT_TRUE(IsUuid(id));
}

TEST(NewIdTest, SortsAsTimeDoesDownToTheMicrosecond) {
  const absl::Time start = absl::FromUnixMicros(1'800'000'000'000'500);
  std::string last;
  for (int i = 0; i < 3000; ++i) {
    const std::string id = NewId(start + absl::Microseconds(i));
    EXPECT_LT(last, id);
    last = id;
  }
}

TEST(NewIdTest, DiffersWithinOneMicrosecondAndOverThreads) {
  constexpr int kThreads = 4;
  constexpr int kIds = 10'000;
  std::vector<std::vector<std::string>> made(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < kIds; ++i) mine.push_back(NewId(absl::FromUnixSeconds(1'800'000'000)));
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), size_t{kThreads} * kIds);
}

TEST(IsUuidTest, TakesCanonicalLowerCaseOnly) {
  const struct {
    const char* text;
    bool is;
  } cases[] = {
      {"018f3c1e-0000-7000-8000-00000000000a", true},
      {"00000000-0000-0000-0000-000000000000", true},
      {"018F3C1E-0000-7000-8000-00000000000A", false},
      {"018f3c1e00007000800000000000000a", false},
      {"018f3c1e-0000-7000-8000-00000000000", false},
      {"018f3c1e-0000-7000-8000-00000000000ab", false},
      {"018f3c1e-0000-7000-8000_00000000000a", false},
      {"018f3c1e-0000-7000-8000-00000000000g", false},
      {"{18f3c1e-0000-7000-8000-00000000000}", false},
      {"", false},
      {"018f3c1e-0000-70-0-8000-00000000000a", false},
  };
  for (const auto& c : cases) EXPECT_EQ(IsUuid(c.text), c.is) << c.text;
}

TEST(CodesTest, TownsAndUnitsAreToldByTheirCharacters) {
  const struct {
    const char* text;
    bool town;
    bool unit;
  } cases[] = {
      {"330481003", true, false},     {"000000000", true, false},
      {"330481003005", false, true},  {"330481101X01", false, true},
      {"330481101x01", false, false}, {"330481101XX1", false, false},
      {"33048110100X", false, false}, {"33048100", false, false},
      {"33048100a", false, false},    {"", false, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IsTownCode(c.text), c.town) << c.text;
    EXPECT_EQ(IsUnitCode(c.text), c.unit) << c.text;
  }
}

TEST(ResourceNameTest, SegmentsAreFoundByTheirCollection) {
  const struct {
    const char* name;
    const char* collection;
    const char* segment;
  } cases[] = {
      {kEvent, "towns", "330481003"},
      {kEvent, "events", "018f3c1e-0000-7000-8000-000000000001"},
      {"towns/1/units/2/grids/3", "units", "2"},
      {"towns/1/units/2", "unit", ""},
      {"towns/1/units", "units", ""},
      {"towns/1/units/", "units", ""},
      {"", "towns", ""},
  };
  for (const auto& c : cases)
    EXPECT_EQ(Segment(c.name, c.collection), c.segment) << c.name << " " << c.collection;
}

TEST(ResourceNameTest, TownIsThatOfTheWholeName) {
  EXPECT_EQ(TownOf(kEvent), "330481003");
  EXPECT_EQ(TownOf("towns/330481003"), "330481003");
  EXPECT_EQ(TownOf("accounts/1/towns/2"), "");
  EXPECT_EQ(TownOf("town"), "");
}

TEST(ResourceNameTest, LastSegmentIsTheId) {
  EXPECT_EQ(LastSegment(kEvent), "018f3c1e-0000-7000-8000-000000000001");
  EXPECT_EQ(LastSegment("330481003005"), "330481003005");
  EXPECT_EQ(LastSegment("towns/"), "");
}

}  // namespace
}  // namespace pingan::base
