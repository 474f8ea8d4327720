#include "common/obs/trace.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"

namespace pingan::obs {
namespace {

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kSpan[] = "00f067aa0ba902b7";
constexpr char kHeader[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceTest, ReadsTheStandardsExample) {
  const auto context = ParseTraceparent(kHeader);
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace_id(), kTrace);
  EXPECT_EQ(context->span_id(), kSpan);
  EXPECT_TRUE(context->sampled);
}

TEST(TraceTest, LaterVersionsAreReadAsFarAsVersion00Goes) {
  const std::string later = absl::StrCat("cc", kHeader + 2);
  EXPECT_TRUE(ParseTraceparent(later).has_value());
  EXPECT_TRUE(ParseTraceparent(later + "-what-comes-later").has_value());
  EXPECT_FALSE(ParseTraceparent(later + "what").has_value());
}

TEST(TraceTest, FlagsOtherThanSampledAreLetBe) {
  const struct {
    const char* flags;
    bool sampled;
  } cases[] = {{"00", false}, {"01", true}, {"02", false}, {"ff", true}, {"fe", false}};
  for (const auto& c : cases) {
    const std::string header = absl::StrCat(std::string(kHeader, 53), c.flags);
    ASSERT_TRUE(ParseTraceparent(header).has_value()) << c.flags;
    EXPECT_EQ(ParseTraceparent(header)->sampled, c.sampled) << c.flags;
  }
}

TEST(TraceTest, InvalidHeadersBeginANewTrace) {
  for (const char* header : {
           "",
           "00",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e473\"-00f067aa0ba902b7-01",
       }) {
    EXPECT_FALSE(ParseTraceparent(header).has_value()) << header;
    const TraceContext begun = BeginSpan(header);
    EXPECT_NE(begun.trace_id(), kTrace) << header;
    EXPECT_EQ(begun.parent_span_id(), "0000000000000000") << header;
  }
}

TEST(TraceTest, ValidHeaderIsContinued) {
  const TraceContext span = BeginSpan(kHeader);
  EXPECT_EQ(span.trace_id(), kTrace);
  EXPECT_EQ(span.parent_span_id(), kSpan);
  EXPECT_NE(span.span_id(), kSpan);
}

TEST(TraceTest, HeaderForAPeerIsReadAgain) {
  const TraceContext span = BeginSpan();
  const auto read = ParseTraceparent(ToTraceparent(span));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->trace_id(), span.trace_id());
  EXPECT_EQ(read->span_id(), span.span_id());
  EXPECT_EQ(ToTraceparent(*ParseTraceparent(kHeader)), kHeader);
}

TEST(TraceTest, UnsampledStaysUnsampled) {
  const std::string header = absl::StrCat(std::string(kHeader, 53), "00");
  EXPECT_EQ(ToTraceparent(*ParseTraceparent(header)), header);
  EXPECT_FALSE(ChildOf(BeginSpan(header)).sampled);
}

TEST(TraceTest, NewIdsDiffer) {
  std::set<std::string> ids;
  const TraceContext parent = BeginSpan();
  for (int i = 0; i < 10'000; ++i) ids.emplace(ChildOf(parent).span_id());
  EXPECT_EQ(ids.size(), 10'000u);
  EXPECT_NE(BeginSpan().trace_id(), BeginSpan().trace_id());
}

}  // namespace
}  // namespace pingan::obs
