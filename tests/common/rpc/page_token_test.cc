#include "common/rpc/page_token.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/dynamic_proto.h"
#include "tests/common/rpc/refusals.h"

namespace pingan::rpc {
namespace {

using ::google::protobuf::Message;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PageTokenTest : public ::testing::Test {
 protected:
  std::unique_ptr<Message> List(const std::string& text = "parent: 'towns/330481003' kinds: 1",
                                const std::string& type = "ListRequest") {
    return types_.New(type, text);
  }
  static std::unique_ptr<Message> With(std::unique_ptr<Message> request, const std::string& token) {
    request->GetReflection()->SetString(
        request.get(), request->GetDescriptor()->FindFieldByName("page_token"), token);
    return request;
  }
  std::string Reason(const Message& request) { return base::ReasonOf(ReadPage(request).status()); }

  DynamicProto types_{R"(
    message ListRequest { string parent = 1; int32 page_size = 2; string page_token = 3; repeated int32 kinds = 4;
                          map<string, string> labels = 5; }
    message OtherRequest { string parent = 1; int32 page_size = 2; string page_token = 3; repeated int32 kinds = 4; })"};
};

TEST_F(PageTokenTest, SizesAreDefaultedAndCapped) {
  EXPECT_EQ(ReadPage(*List())->size, 50);
  EXPECT_EQ(ReadPage(*List("page_size: 7"))->size, 7);
  EXPECT_EQ(ReadPage(*List("page_size: 200"))->size, 200);
  EXPECT_EQ(ReadPage(*List("page_size: 2147483647"))->size, 200);
  EXPECT_EQ(ReadPage(*List(""), 10, 20)->size, 10);
  EXPECT_EQ(ReadPage(*List("page_size: 21"), 10, 20)->size, 20);
  EXPECT_THAT(ViolationsOf(ReadPage(*List("page_size: -1")).status()),
              ElementsAre("page_size: 须不小于 0"));
}

TEST_F(PageTokenTest, FirstPageHasNoKeysAndTheLastNoToken) {
  EXPECT_THAT(ReadPage(*List())->keys, IsEmpty());
  EXPECT_EQ(NextPageToken(*List(), {}), "");
}

TEST_F(PageTokenTest, KeyThatItsColumnWouldNotTakeIsNone) {
  constexpr char kId[] = "01890a5d-ac96-774b-bcce-b302099a8057";
  constexpr char kMoment[] = "2026-05-01 08:00:00.000000+00";
  const struct {
    absl::string_view first, key;
    bool is_taken;
  } cases[] = {
      {kFirstId, kId, true},
      {kLastId, "x", false},
      {kFirstDay, "2026-02-28", true},
      {kLastDay, "2026-02-30", false},
      {kFirstMoment, kMoment, true},
      {kLastMoment, kFirstMoment, true},
      {kLastMoment, "2026-05-01 08:00:61.000000+00", false},
      {kLastMoment, "infinite-future", false},
      {kLastMoment, "2026-05-01", false},
      {"0", "-9223372036854775808", true},
      {"0", "9223372036854775808", false},
      {"0", kId, false},
      {"", "anything", true},
  };
  for (const auto& c : cases) {
    const Page page{10, {"before", std::string(c.key)}};
    EXPECT_EQ(page.KeyOr(1, c.first), c.is_taken ? c.key : c.first) << c.key;
  }
  EXPECT_EQ((Page{10, {}}.KeyOr(0, kFirstId)), kFirstId);
}

TEST_F(PageTokenTest, KeysComeBackWhateverThePageSize) {
  const std::vector<std::string> keys = {"2026-05-01T00:00:00Z", "", "平安", std::string(256, 'x')};
  const std::string token = NextPageToken(*List(), keys);
  EXPECT_EQ(ReadPage(*With(List(), token))->keys, keys);
  EXPECT_EQ(ReadPage(*With(List("parent: 'towns/330481003' kinds: 1 page_size: 9"), token))->keys,
            keys);
  // And from the second page to the third.
  EXPECT_EQ(ReadPage(*With(List(), NextPageToken(*With(List(), token), {"b"})))->keys,
            std::vector<std::string>{"b"});
}

TEST_F(PageTokenTest, TokenOfAnotherFilterOrMethodIsRefused) {
  const std::string token = NextPageToken(*List(), {"a"});
  EXPECT_EQ(Reason(*With(List("parent: 'towns/330481004' kinds: 1"), token)), "INVALID_PAGE_TOKEN");
  EXPECT_EQ(Reason(*With(List("parent: 'towns/330481003' kinds: 1 kinds: 2"), token)),
            "INVALID_PAGE_TOKEN");
  EXPECT_EQ(Reason(*With(List("parent: 'towns/330481003'"), token)), "INVALID_PAGE_TOKEN");
  EXPECT_EQ(Reason(*With(List("parent: 'towns/330481003' kinds: 1", "OtherRequest"), token)),
            "INVALID_PAGE_TOKEN");
}

TEST_F(PageTokenTest, OrderOfMapEntriesDoesNotMatter) {
  const std::string token =
      NextPageToken(*List("labels { key: 'a' value: '1' } labels { key: 'b' value: '2' }"), {"k"});
  EXPECT_EQ(
      Reason(*With(List("labels { key: 'b' value: '2' } labels { key: 'a' value: '1' }"), token)),
      "");
}

TEST_F(PageTokenTest, AnyChangedBitIsRefused) {
  std::string bytes;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(NextPageToken(*List(), {"2026-05-01", "abc"}), &bytes));
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string bent = bytes;
    bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(Reason(*With(List(), absl::WebSafeBase64Escape(bent))), "INVALID_PAGE_TOKEN") << bit;
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(Reason(*With(List(), absl::WebSafeBase64Escape(bytes.substr(0, size)))),
              size == 0 ? "" : "INVALID_PAGE_TOKEN");
  }
}

TEST_F(PageTokenTest, ShapelessTokensAreRefused) {
  const std::string token = NextPageToken(*List(), {"a"});
  for (const std::string& shapeless :
       std::vector<std::string>{"x", "0", "-1", token + "=", token + "A", " " + token,
                                "' OR 1=1 --", std::string(1'000'000, 'A'), "平安"}) {
    EXPECT_EQ(Reason(*With(List(), shapeless)), "INVALID_PAGE_TOKEN") << shapeless.substr(0, 20);
  }
}

}  // namespace
}  // namespace pingan::rpc
