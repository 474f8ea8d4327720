#include "common/base/csv.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/encoding.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace pingan::base {
namespace {

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";
constexpr size_t kAbsent = static_cast<size_t>(-1);

// --- formula guard

bool BeginsFormula(absl::string_view cell) {
  if (cell.empty()) return false;
  if (absl::string_view("=+-@\t\r\n").find(cell[0]) != cell.npos) return true;
  for (absl::string_view full_width : {"\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"}) {
    if (absl::StartsWith(cell, full_width)) return true;
  }
  return false;
}

bool IsNegativeNumber(absl::string_view cell) {
  if (!absl::ConsumePrefix(&cell, "-") || cell.empty() || !absl::ascii_isdigit(cell[0]))
    return false;
  return cell.find_first_not_of("0123456789.") == cell.npos &&
         std::count(cell.begin(), cell.end(), '.') <= 1;
}

// Whether `cell`, without the apostrophes before it, begins a formula.
bool NeedsGuard(absl::string_view cell) {
  const bool bare = !absl::StartsWith(cell, "'");
  while (absl::ConsumePrefix(&cell, "'")) {
  }
  return BeginsFormula(cell) && !(bare && IsNegativeNumber(cell));
}

std::string WithoutGuard(absl::string_view cell) {
  if (absl::StartsWith(cell, "'") && NeedsGuard(cell)) cell.remove_prefix(1);
  return std::string(TrimSpace(cell));
}

// --- records: rows of cells, nothing known of their meaning

struct Record {
  int line;
  // Of those beyond what a reader keeps only the first that is not blank.
  std::vector<std::string> cells;
  std::string problem_zh;
  size_t columns = 0;  // how many cells there were
};

class RecordReader {
 public:
  RecordReader(absl::string_view text, char separator, size_t most_cells)
      : rest_(text), separator_(separator), most_cells_(most_cells) {}

  bool done() const { return rest_.empty(); }
  // The line on which a quoted cell began that never ended; 0 when there is none.
  int unclosed_line() const { return unclosed_line_; }

  Record Next() {
    Record record{line_, {}, ""};
    do {
      std::string cell = Cell(record);
      const bool is_kept = ++record.columns <= most_cells_ ||
                           (record.cells.size() == most_cells_ && !TrimSpace(cell).empty());
      if (is_kept) record.cells.push_back(std::move(cell));
    } while (Take(separator_));
    if (!TakeLineEnd()) rest_ = {};  // an unclosed quote took all
    return record;
  }

 private:
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool TakeLineEnd() {
    if (!absl::ConsumePrefix(&rest_, "\r\n") && !Take('\n') && !Take('\r')) return rest_.empty();
    ++line_;
    return true;
  }

  std::string Bare() {
    const char stops[] = {separator_, '\r', '\n'};
    const absl::string_view text =
        rest_.substr(0, rest_.find_first_of(absl::string_view(stops, sizeof(stops))));
    rest_.remove_prefix(text.size());
    return std::string(text);
  }

  std::string Cell(Record& record) {
    if (!Take('"')) return Bare();
    const int began = line_;
    std::string cell;
    while (true) {
      const size_t quote = rest_.find('"');
      const absl::string_view text = rest_.substr(0, quote);
      cell.append(text.data(), text.size());
      line_ += CountLineEnds(text);
      if (quote == rest_.npos) {
        unclosed_line_ = began;
        rest_ = {};
        return cell;
      }
      rest_.remove_prefix(quote + 1);
      if (!Take('"')) break;
      cell.push_back('"');
    }
    const std::string after = Bare();
    if (!TrimSpace(after).empty()) record.problem_zh = "引号之后还有文字，请检查引号是否成对";
    return cell + after;
  }

  absl::string_view rest_;
  const char separator_;
  const size_t most_cells_;
  int line_ = 1;
  int unclosed_line_ = 0;
};

bool IsBlank(const Record& record) {
  return std::all_of(record.cells.begin(), record.cells.end(),
                     [](const std::string& cell) { return TrimSpace(cell).empty(); });
}

// Tabs when the first line has them and no comma.
char SeparatorOf(absl::string_view text) {
  const absl::string_view header = text.substr(0, text.find_first_of("\r\n"));
  return header.find('\t') != header.npos && header.find(',') == header.npos ? '\t' : ',';
}

// --- header

// For each wanted column the place of its cell, or kAbsent.
using Places = std::vector<size_t>;

bool Matches(const CsvColumn& column, absl::string_view header) {
  return header == column.zh || absl::EqualsIgnoreCase(header, column.name);
}

absl::StatusOr<Places> PlacesOf(absl::string_view field, absl::Span<const CsvColumn> columns,
                                const Record& header, std::vector<std::string>& ignored) {
  Places places(columns.size(), kAbsent);
  for (size_t at = 0; at < header.cells.size(); ++at) {
    const absl::string_view name = TrimSpace(header.cells[at]);
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [name](const auto& c) { return Matches(c, name); });
    if (column == columns.end()) {
      if (!name.empty()) ignored.emplace_back(name);
      continue;
    }
    size_t& place = places[column - columns.begin()];
    if (place != kAbsent)
      return RefuseField(field, absl::StrCat("表头中“", column->zh, "”列出现了两次"));
    place = at;
  }
  std::vector<std::string> missing;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (places[i] == kAbsent && columns[i].required) {
      missing.push_back(absl::StrCat("“", columns[i].zh, "”（", columns[i].name, "）"));
    }
  }
  if (!missing.empty())
    return RefuseField(field, absl::StrCat("表头缺少列：", absl::StrJoin(missing, "、")));
  return places;
}

// --- rows

CsvRow RowOf(Record record, const Places& places, size_t header_cells) {
  CsvRow row;
  row.line = record.line;
  row.problem_zh = std::move(record.problem_zh);
  for (size_t place : places) {
    row.cells.push_back(place < record.cells.size() ? WithoutGuard(record.cells[place]) : "");
  }
  for (size_t at = header_cells; at < record.cells.size() && row.problem_zh.empty(); ++at) {
    if (!TrimSpace(record.cells[at]).empty()) {
      row.problem_zh = absl::StrCat("这一行有", record.cells.size(), "格，比表头的", header_cells,
                                    "列多，内容中的逗号须放在引号内");
    }
  }
  return row;
}

// The next row that is not blank; a record without cells at the end of the text.
absl::StatusOr<Record> NextRecord(absl::string_view field, RecordReader& reader,
                                  const CsvLimits& limits) {
  while (!reader.done()) {
    Record record = reader.Next();
    if (reader.unclosed_line() != 0) {
      return RefuseField(field, absl::StrCat("第", reader.unclosed_line(), "行的引号没有结束"));
    }
    if (IsBlank(record)) continue;
    if (record.columns > limits.max_columns) {
      return RefuseField(field, absl::StrCat("第", record.line, "行有", record.columns, "列，最多",
                                             limits.max_columns, "列"));
    }
    return record;
  }
  return Record{0, {}, ""};
}

}  // namespace

absl::StatusOr<CsvSheet> ReadCsv(absl::string_view field, absl::string_view bytes,
                                 absl::Span<const CsvColumn> columns, const CsvLimits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return RefuseField(field, absl::StrCat("文件超过", limits.max_bytes / 1024, " KB"));
  }
  const DecodedText text = DecodeText(bytes);
  if (!text.problem_zh.empty()) return RefuseField(field, text.problem_zh);
  RecordReader reader(text.utf8, SeparatorOf(text.utf8), limits.max_columns);
  ASSIGN_OR_RETURN(const Record header, NextRecord(field, reader, limits));
  if (header.cells.empty()) return RefuseField(field, "文件没有内容，第一行应为表头");
  CsvSheet sheet;
  sheet.encoding = text.encoding;
  ASSIGN_OR_RETURN(const Places places, PlacesOf(field, columns, header, sheet.ignored_columns));
  for (const size_t place : places) {
    sheet.columns.push_back(place == kAbsent ? "" : std::string(TrimSpace(header.cells[place])));
  }
  while (true) {
    ASSIGN_OR_RETURN(Record record, NextRecord(field, reader, limits));
    if (record.cells.empty()) return sheet;
    if (sheet.rows.size() == limits.max_rows) {
      return RefuseField(field, absl::StrCat("文件超过", limits.max_rows, "行，请分成几个文件"));
    }
    sheet.rows.push_back(RowOf(std::move(record), places, header.cells.size()));
    sheet.rows.back().row = static_cast<int>(sheet.rows.size());
  }
}

CsvWriter::CsvWriter() : text_(kByteOrderMark) {}

void CsvWriter::Row(absl::Span<const absl::string_view> cells) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text_.push_back(',');
    Cell(cells[i]);
  }
  text_.append("\r\n");
}

void CsvWriter::Row(absl::Span<const std::string> cells) {
  Row(std::vector<absl::string_view>(cells.begin(), cells.end()));
}

void CsvWriter::Cell(absl::string_view cell) {
  const bool guard = NeedsGuard(cell);
  if (cell.find_first_of(",\"\r\n\t") == cell.npos) {
    absl::StrAppend(&text_, guard ? "'" : "", cell);
    return;
  }
  absl::StrAppend(&text_, "\"", guard ? "'" : "");
  for (char c : cell) {
    if (c == '"') text_.push_back('"');
    text_.push_back(c);
  }
  text_.push_back('"');
}

std::string CsvWriter::Take() && { return std::move(text_); }

}  // namespace pingan::base
