// CSV in and out, as spreadsheets in China write and read it.
//
// In: RFC 4180 with LF, CRLF or CR, in UTF-8, GB18030 (and so GBK and GB2312), or UTF-16 with a
// byte order mark; cells separated by commas, or by tabs when the header has tabs and no comma
// (Excel's "Unicode text"). Without a mark, bytes that are valid UTF-8 are UTF-8, others GB18030; a
// UTF-8 file with a few broken bytes is reported, not read as GB18030. Out: UTF-8 with a mark and
// CRLF, so that Excel opens it right.
//
// Cells that a spreadsheet would take for a formula (beginning with = + - @, their full-width
// forms, tab, CR or LF) are written with an apostrophe before them; numbers such as -5 are left
// alone. A cell that is already an apostrophe before such a cell gets one more, and reading takes
// one away: what is written is what is read again.
#ifndef PINGAN_COMMON_BASE_CSV_H_
#define PINGAN_COMMON_BASE_CSV_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace pingan::base {

// A column that is looked for in the header row by either name; spaces around a name and the case
// of English letters do not matter.
struct CsvColumn {
  absl::string_view name;  // "unit_code"
  absl::string_view zh;    // "村社代码"
  bool required = true;
};

struct CsvLimits {
  size_t max_bytes = 8 << 20;
  size_t max_columns = 64;
  size_t max_rows = 100'000;  // data rows, without the header
};

struct CsvRow {
  int row = 0;   // 1 is the first row after the header; blank rows are not counted
  int line = 0;  // line of the file on which it begins, from 1, as an editor shows it
  std::vector<std::string> cells;  // one per CsvColumn, in that order, trimmed; "" when absent
  std::string problem_zh;          // why this row cannot be used; "" when it can
};

struct CsvSheet {
  std::string encoding;  // "UTF-8", "GB18030", "UTF-16LE" or "UTF-16BE"
  // What the file calls each CsvColumn, in their order; "" for one it does not have.
  std::vector<std::string> columns;
  std::vector<CsvRow> rows;                  // blank rows are left out
  std::vector<std::string> ignored_columns;  // headers that no CsvColumn asked for
};

// Reads a whole sheet. A bad row (more cells than the header, text after a closing quote) is a row
// with `problem_zh`, so that good rows are not lost. The whole file is refused with INVALID_FIELD
// on `field`, naming the line where it can, when it exceeds a limit, cannot be decoded, holds a
// NUL, ends inside a quoted cell, has no header row, or the header lacks a required column or has
// one twice.
absl::StatusOr<CsvSheet> ReadCsv(absl::string_view field, absl::string_view bytes,
                                 absl::Span<const CsvColumn> columns, const CsvLimits& limits = {});

// Writes a sheet row by row. Cells are UTF-8. Not thread safe.
class CsvWriter {
 public:
  CsvWriter();

  void Row(absl::Span<const absl::string_view> cells);
  void Row(absl::Span<const std::string> cells);

  // The text so far; the writer is then done.
  std::string Take() &&;

 private:
  void Cell(absl::string_view cell);

  std::string text_;
};

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_CSV_H_
