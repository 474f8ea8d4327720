// Sheets of any encoding, and that what is written is what is read again.
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "common/base/csv.h"
#include "common/base/encoding.h"
#include "common/base/text.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/property.h"

namespace pingan::fuzz {
namespace {

constexpr base::CsvColumn kColumns[] = {
    {"code", "代码"}, {"name", "名称", false}, {"at", "@", false}};
constexpr base::CsvLimits kLimits = {.max_bytes = 4096, .max_columns = 5, .max_rows = 50};

void RequireSound(const base::CsvSheet& sheet, absl::string_view input) {
  Require(sheet.columns.size() == std::size(kColumns) && !sheet.columns[0].empty(),
          "each column is there, or said to be absent", input);
  Require(sheet.rows.size() <= kLimits.max_rows, "the limit of rows holds", input);
  int line = 1;
  for (size_t i = 0; i < sheet.rows.size(); ++i) {
    const base::CsvRow& row = sheet.rows[i];
    Require(row.row == static_cast<int>(i) + 1 && row.line > line, "rows are counted", input);
    line = row.line;
    Require(row.cells.size() == std::size(kColumns), "a row has all cells", input);
    for (const std::string& cell : row.cells) {
      Require(base::IsUtf8(cell) && cell.find('\0') == std::string::npos, "a cell is text", input);
      Require(base::TrimSpace(cell) == cell, "a cell is trimmed", input);
    }
  }
}

// The rows that a sheet can show: the others are blank again.
std::vector<std::vector<std::string>> Shown(const base::CsvSheet& sheet) {
  std::vector<std::vector<std::string>> shown;
  for (const base::CsvRow& row : sheet.rows) {
    if (!absl::c_all_of(row.cells, [](const std::string& cell) { return cell.empty(); }))
      shown.push_back(row.cells);
  }
  return shown;
}

void RequireReadsAgain(const base::CsvSheet& sheet, absl::string_view input) {
  const std::vector<std::vector<std::string>> rows = Shown(sheet);
  base::CsvWriter writer;
  writer.Row(std::vector<std::string>{"code", "name", "at"});
  for (const std::vector<std::string>& row : rows) writer.Row(row);
  const auto again = base::ReadCsv("csv", std::move(writer).Take(), kColumns);
  Require(again.ok() && Shown(*again) == rows, "what is written is read again", input);
  for (const base::CsvRow& row : again->rows)
    Require(row.problem_zh.empty(), "what is written has no problem", input);
}

}  // namespace

void TryInput(absl::string_view input) {
  const base::DecodedText text = base::DecodeText(input);
  Require(base::IsUtf8(text.utf8), "what was decoded is UTF-8", input);
  Require(base::IsUtf8(text.problem_zh), "a problem is UTF-8", input);

  const absl::StatusOr<base::CsvSheet> sheet = base::ReadCsv("csv", input, kColumns, kLimits);
  if (!sheet.ok()) return RequireRefused(sheet.status(), "INVALID_FIELD");
  RequireSound(*sheet, input);
  RequireReadsAgain(*sheet, input);
}

}  // namespace pingan::fuzz
