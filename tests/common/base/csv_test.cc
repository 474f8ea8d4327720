#include "common/base/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "google/rpc/error_details.pb.h"

namespace pingan::base {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr CsvColumn kColumns[] = {
    {"unit_code", "村社代码"},
    {"name", "名称"},
    {"leader", "负责人", /*required=*/false},
};

CsvSheet Read(absl::string_view bytes, const CsvLimits& limits = {}) {
  absl::StatusOr<CsvSheet> sheet = ReadCsv("content", bytes, kColumns, limits);
  EXPECT_TRUE(sheet.ok()) << sheet.status();
  return sheet.ok() ? *std::move(sheet) : CsvSheet();
}

// What a refused file's user is told.
std::string Told(absl::string_view bytes, const CsvLimits& limits = {}) {
  const absl::Status status = ReadCsv("content", bytes, kColumns, limits).status();
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD") << bytes;
  google::rpc::BadRequest bad;
  const google::rpc::Status sent = ToRpcStatus(status);
  for (const auto& detail : sent.details()) detail.UnpackTo(&bad);
  if (bad.field_violations_size() != 1) return "";
  EXPECT_EQ(bad.field_violations(0).field(), "content");
  return bad.field_violations(0).description();
}

TEST(ReadCsvTest, FindsColumnsByChineseOrEnglishNameInAnyOrder) {
  for (const char* header :
       {"名称,村社代码", "name,unit_code", "Name , UNIT_CODE", "　名称,\"村社代码\""}) {
    const CsvSheet sheet = Read(absl::StrCat(header, "\n隆兴社区,330481003005\n"));
    ASSERT_EQ(sheet.rows.size(), 1u) << header;
    EXPECT_THAT(sheet.rows[0].cells, ElementsAre("330481003005", "隆兴社区", ""));
  }
}

TEST(ReadCsvTest, ColumnsAreCalledAsTheFileCallsThem) {
  EXPECT_THAT(Read("名称 ,UNIT_CODE\n").columns, ElementsAre("UNIT_CODE", "名称", ""));
}

TEST(ReadCsvTest, ReadsGb18030AndTabbedUtf16) {
  using namespace std::string_literals;
  const CsvSheet gb = Read(
      "\xB4\xE5\xC9\xE7\xB4\xFA\xC2\xEB,\xC3\xFB\xB3\xC6\r\n330481003005,"
      "\xC2\xA1\xD0\xCB\xC9\xE7\xC7\xF8\r\n");
  EXPECT_EQ(gb.encoding, "GB18030");
  EXPECT_THAT(gb.rows.at(0).cells, ElementsAre("330481003005", "隆兴社区", ""));
  std::string utf16 = "\xFF\xFE"s;
  for (char c : std::string("unit_code\tname\r\n1\ta,b\r\n")) utf16 += {c, '\0'};
  EXPECT_THAT(Read(utf16).rows.at(0).cells, ElementsAre("1", "a,b", ""));
}

TEST(ReadCsvTest, QuotedCellsHoldSeparatorsQuotesAndLineEnds) {
  const CsvSheet sheet = Read("unit_code,name\n1,\"a,\"\"b\"\"\r\nc\"\n2,x\"y\n3,\"\"\n");
  ASSERT_EQ(sheet.rows.size(), 3u);
  EXPECT_EQ(sheet.rows[0].cells[1], "a,\"b\"\r\nc");
  EXPECT_EQ(sheet.rows[1].cells[1], "x\"y");
  EXPECT_EQ(sheet.rows[2].cells[1], "");
}

TEST(ReadCsvTest, RowsAndLinesAreThoseAPersonSees) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string text = "\nunit_code,name\n1,\"two\nlines\"\n , \n2,b\n\n3,c";
    for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += end.size())
      text.replace(at, 1, end);
    const CsvSheet sheet = Read(text);
    ASSERT_EQ(sheet.rows.size(), 3u);
    EXPECT_EQ(sheet.rows[0].row, 1);
    EXPECT_EQ(sheet.rows[0].line, 3);
    EXPECT_EQ(sheet.rows[1].row, 2);
    EXPECT_EQ(sheet.rows[1].line, 6);
    EXPECT_EQ(sheet.rows[2].row, 3);
    EXPECT_EQ(sheet.rows[2].line, 8);
  }
}

TEST(ReadCsvTest, BadRowDoesNotLoseTheGoodOnes) {
  const CsvSheet sheet = Read("unit_code,name\n1,a,b\n2,\"b\"c\n3,d\n4,e,,\n5\n");
  ASSERT_EQ(sheet.rows.size(), 5u);
  EXPECT_THAT(sheet.rows[0].problem_zh, HasSubstr("这一行有3格，比表头的2列多"));
  EXPECT_THAT(sheet.rows[1].problem_zh, HasSubstr("引号之后还有文字"));
  for (size_t good : {2, 3, 4}) EXPECT_EQ(sheet.rows[good].problem_zh, "");
  EXPECT_THAT(sheet.rows[4].cells, ElementsAre("5", "", ""));
}

TEST(ReadCsvTest, ColumnsNobodyAskedForAreNamedAndIgnored) {
  const CsvSheet sheet = Read("序号,unit_code,备注,name,\n1,2,3,4,5\n");
  EXPECT_THAT(sheet.ignored_columns, ElementsAre("序号", "备注"));
  EXPECT_THAT(sheet.rows.at(0).cells, ElementsAre("2", "4", ""));
}

TEST(ReadCsvTest, HeaderWithoutRowsIsAnEmptySheet) {
  EXPECT_THAT(Read("unit_code,name").rows, IsEmpty());
}

TEST(ReadCsvTest, RefusesAFileItCannotRead) {
  using namespace std::string_literals;
  const struct {
    std::string bytes;
    const char* told;
  } cases[] = {
      {"", "文件没有内容"},
      {" \n,\n", "文件没有内容"},
      {"unit_code\n1\n", "表头缺少列：“名称”（name）"},
      {"x\n1\n", "表头缺少列：“村社代码”（unit_code）、“名称”（name）"},
      {"unit_code,name,名称\n", "“名称”列出现了两次"},
      {"unit_code,name\n1,a\n2,\"b\nc\n", "第3行的引号没有结束"},
      {"unit_code,name\n村村村,\xFF\n", "第2行有无法识别的字符"},
      {"unit_code,name\n1,\0\n"s, "第2行含有空字符"},
  };
  for (const auto& c : cases) EXPECT_THAT(Told(c.bytes), HasSubstr(c.told)) << c.bytes;
}

TEST(ReadCsvTest, HoldsItsLimits) {
  const absl::string_view text = "unit_code,name\n1,a\n2,b\n";
  EXPECT_EQ(Read(text, {.max_bytes = text.size(), .max_columns = 2, .max_rows = 2}).rows.size(),
            2u);
  EXPECT_THAT(Told(text, {.max_bytes = text.size() - 1}), HasSubstr("文件超过"));
  EXPECT_THAT(Told(text, {.max_columns = 1}), HasSubstr("第1行有2列，最多1列"));
  // Columns beyond the limit count where something is in them.
  EXPECT_EQ(Read(absl::StrCat(text, ",,,\n"), {.max_columns = 2}).rows.size(), 2u);
  EXPECT_THAT(Told(absl::StrCat(text, ",,,x\n"), {.max_columns = 2}),
              HasSubstr("行有4列，最多2列"));
  EXPECT_THAT(Told(text, {.max_rows = 1}), HasSubstr("文件超过1行"));
}

TEST(CsvWriterTest, WritesWhatExcelOpens) {
  CsvWriter writer;
  writer.Row(std::vector<absl::string_view>{"村社代码", "名称"});
  writer.Row(std::vector<std::string>{"330481003005", "a,\"b\"\nc"});
  writer.Row(std::vector<std::string>{"", ""});
  EXPECT_EQ(std::move(writer).Take(),
            "\xEF\xBB\xBF村社代码,名称\r\n330481003005,\"a,\"\"b\"\"\nc\"\r\n,\r\n");
}

TEST(CsvWriterTest, FormulasAreDisarmedAndNumbersLeftAlone) {
  const struct {
    const char* cell;
    const char* written;
  } cases[] = {
      {"=1+1", "'=1+1"},
      {"+8613812341234", "'+8613812341234"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"},
      {"\t=1", "\"'\t=1\""},
      {"\r=1", "\"'\r=1\""},
      {"＝1+1", "'＝1+1"},
      {"'=1", "''=1"},
      {"=\"a\"", "\"'=\"\"a\"\"\""},
      {"-5", "-5"},
      {"-5.25", "-5.25"},
      {"-", "'-"},
      {"-5-5", "'-5-5"},
      {"a=b", "a=b"},
      {"'a", "'a"},
      {"10%", "10%"},
  };
  for (const auto& c : cases) {
    CsvWriter writer;
    writer.Row(std::vector<absl::string_view>{c.cell});
    EXPECT_EQ(std::move(writer).Take(), absl::StrCat("\xEF\xBB\xBF", c.written, "\r\n"));
  }
}

TEST(CsvWriterTest, WhatIsWrittenIsReadAgain) {
  const std::vector<std::string> cells = {"=1",  "'=1",    "''=1", "'", "-5", "'-5",
                                          "+86", "a\r\nb", "\"",   ",", "'a", "＠x"};
  CsvWriter writer;
  writer.Row(std::vector<absl::string_view>{"unit_code", "name"});
  for (const std::string& cell : cells) writer.Row(std::vector<std::string>{"1", cell});
  const CsvSheet sheet = Read(std::move(writer).Take());
  ASSERT_EQ(sheet.rows.size(), cells.size());
  for (size_t i = 0; i < cells.size(); ++i) EXPECT_EQ(sheet.rows[i].cells[1], cells[i]);
}

}  // namespace
}  // namespace pingan::base
