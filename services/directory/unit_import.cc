#include "services/directory/unit_import.h"

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/csv.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "services/directory/directory_roles.h"
#include "services/directory/directory_tables.h"
#include "services/directory/town_rules.h"

namespace pingan::directory {
namespace {

using rows::UnitRow;
using v1::Unit;

enum Cell { kCode, kName, kStreetCode, kStreetName };
constexpr base::CsvColumn kColumns[] = {{"code", "代码"},
                                        {"name", "名称"},
                                        {"streetCode", "街道代码", false},
                                        {"streetName", "街道名称", false}};

constexpr size_t kTownDigits = 9;
constexpr size_t kShortestName = 2;
constexpr size_t kLongestName = 40;

struct Ending {
  absl::string_view official;
  absl::string_view everyday;
  v1::UnitKind kind;
};
// The first that fits counts. A community whose name lacks 社区 keeps its official name: nobody
// else gave it another.
constexpr Ending kEndings[] = {
    {"社区居民委员会", "社区", v1::COMMUNITY},
    {"社区居委会", "社区", v1::COMMUNITY},
    {"居民委员会", "居民委员会", v1::COMMUNITY},
    {"居委会", "居委会", v1::COMMUNITY},
    {"社区", "社区", v1::COMMUNITY},
    {"村村民委员会", "村", v1::VILLAGE},
    {"村民委员会", "村", v1::VILLAGE},
    {"村村委会", "村", v1::VILLAGE},
    {"村委会", "村", v1::VILLAGE},
    {"村", "村", v1::VILLAGE},
};

bool IsStatutoryCode(absl::string_view code) {
  return base::IsUnitCode(code) && !absl::StrContains(code, 'X');
}

std::string NameOf(absl::string_view parent, absl::string_view code) {
  return absl::StrCat(parent, "/units/", code);
}

// Judges one row: a row for the rule, or what is said of it.
class UnitReader {
 public:
  UnitReader(const base::CsvSheet& sheet, absl::string_view parent)
      : sheet_(sheet), town_(base::TownOf(parent)) {}

  std::optional<service::ReportRow> Read(const base::CsvRow& csv, UnitRow& row) {
    if (!csv.problem_zh.empty()) return service::RowRejected(csv.line, "", csv.problem_zh);
    const std::string& code = csv.cells[kCode];
    if (!IsStatutoryCode(code)) return Rejected(csv, kCode, "村社代码应为 12 位数字");
    const absl::string_view town = absl::string_view(code).substr(0, kTownDigits);
    const std::string& street = csv.cells[kStreetCode];
    if (!street.empty() && street != town) {
      return Rejected(csv, kStreetCode, "街道代码与村社代码的前九位不一致");
    }
    if (town != town_)
      return service::RowSkipped(csv.line,
                                 absl::StrCat("不属于本镇街：", csv.cells[kStreetName], town));
    const auto [first, is_new] = lines_.emplace(code, csv.line);
    if (!is_new)
      return service::RowSkipped(csv.line, absl::StrCat("与第", first->second, "行重复"));
    const std::optional<NamedUnit> named = ReadOfficialName(csv.cells[kName]);
    if (!named.has_value()) return Rejected(csv, kName, "从名称看不出是村还是社区");
    const size_t length = base::CountCodePoints(named->display_name);
    if (length < kShortestName || length > kLongestName ||
        !base::IsPlainText(named->display_name)) {
      return Rejected(csv, kName,
                      absl::StrCat("名称应为 ", kShortestName, " 至 ", kLongestName, " 个字"));
    }
    row.set_line(csv.line);
    row.set_code(code);
    row.set_kind(named->kind);
    row.set_display_name(named->display_name);
    return std::nullopt;
  }

 private:
  service::ReportRow Rejected(const base::CsvRow& csv, Cell cell, absl::string_view reason) const {
    return service::RowRejected(csv.line, sheet_.columns[cell], reason);
  }

  const base::CsvSheet& sheet_;
  const std::string town_;
  std::map<std::string, int> lines_;  // by code, the first line of it
};

service::ReportRow ImportUnit(const UnitRow& row, const rows::UnitChunk& chunk,
                              db::UnitOfWork& work) {
  const std::string name = NameOf(chunk.parent(), row.code());
  const Unit* found = work.FindOrNull(kUnits, name);
  if (found == nullptr) {
    Unit unit;
    unit.set_name(name);
    unit.set_kind(row.kind());
    unit.set_display_name(row.display_name());
    if (!chunk.validate_only()) work.Insert(kUnits, std::move(unit), "created");
    return service::RowCreated(row.line(), name);
  }
  if (!found->successor().empty()) return service::RowSkipped(row.line(), "该村社已撤并");
  if (found->kind() != row.kind())
    return service::RowRejected(row.line(), chunk.name_column(),
                                "与已登记的类别（村或社区）不同，类别不能更改");
  if (found->display_name() == row.display_name()) return service::RowUnchanged(row.line(), name);
  if (!chunk.validate_only()) work.Change(*found, "updated").set_display_name(row.display_name());
  return service::RowUpdated(row.line(), name);
}

}  // namespace

std::optional<NamedUnit> ReadOfficialName(absl::string_view name) {
  for (const Ending& ending : kEndings) {
    if (absl::ConsumeSuffix(&name, ending.official)) {
      return NamedUnit{ending.kind, absl::StrCat(name, ending.everyday)};
    }
  }
  return std::nullopt;
}

absl::StatusOr<service::ImportFile<rows::UnitChunk>> ReadUnitFile(
    const v1::ImportUnitsRequest& request) {
  ASSIGN_OR_RETURN(const base::CsvSheet sheet, base::ReadCsv("csv", request.csv(), kColumns));
  service::ImportFile<rows::UnitChunk> file{
      .encoding = sheet.encoding, .settled = {}, .chunks = {}};
  UnitReader reader(sheet, request.parent());
  std::vector<UnitRow> rows;
  for (const base::CsvRow& csv : sheet.rows) {
    UnitRow row;
    if (std::optional<service::ReportRow> settled = reader.Read(csv, row); settled.has_value()) {
      file.settled.push_back(*std::move(settled));
    } else {
      rows.push_back(std::move(row));
    }
  }
  file.chunks =
      service::ChunksOf<v1::ImportUnitsRequest, rows::UnitChunk>(request, std::move(rows));
  for (rows::UnitChunk& chunk : file.chunks) chunk.set_name_column(sheet.columns[kName]);
  return file;
}

absl::StatusOr<service::ImportReport> DecideImportUnits(const rows::UnitChunk& chunk,
                                                        const rpc::Caller& caller,
                                                        db::UnitOfWork& work) {
  RETURN_IF_ERROR(MayRunTown(chunk.parent(), caller, work));
  service::ImportReport report;
  for (const UnitRow& row : chunk.rows()) *report.add_rows() = ImportUnit(row, chunk, work);
  return report;
}

std::vector<db::Want> WantsOfImportUnits(const rows::UnitChunk& chunk, const rpc::Caller&) {
  std::vector<db::Want> wants = {db::Want::ForRow(kTowns, chunk.parent())};
  for (const UnitRow& row : chunk.rows())
    wants.push_back(db::Want::ForRow(kUnits, NameOf(chunk.parent(), row.code())));
  return wants;
}

}  // namespace pingan::directory
