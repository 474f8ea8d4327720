#include "services/directory/enterprise_import.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "common/base/csv.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/uscc.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/directory/directory_tables.h"
#include "services/directory/enterprise_rules.h"
#include "services/directory/placement_rules.h"
#include "services/directory/town_rules.h"
#include "services/directory/unit_import.h"

namespace pingan::directory {
namespace {

using rows::EnterpriseRow;
using v1::Enterprise;
using v1::Unit;

enum Cell { kName, kUscc, kAddress, kAboveScale, kUnit, kPartyBranch, kOfficePhone };
constexpr base::CsvColumn kColumns[] = {{"name", "名称"},
                                        {"uscc", "统一社会信用代码"},
                                        {"address", "地址", false},
                                        {"above_scale", "规上", false},
                                        {"unit", "村社", false},
                                        {"party_branch", "党组织", false},
                                        {"office_phone", "办公电话", false}};

constexpr absl::string_view kYes[] = {"是", "规上", "√", "1", "y", "yes", "true"};
constexpr absl::string_view kNo[] = {"否", "规下", "×", "0", "n", "no", "false"};

// The lengths and characters of the fields' rules in directory.proto.
constexpr size_t kShortestName = 2;
struct TextRule {
  Cell cell;
  size_t longest;
};
constexpr TextRule kTexts[] = {
    {kName, 100}, {kAddress, 200}, {kPartyBranch, 100}, {kOfficePhone, 20}};
constexpr char kPhoneCharacters[] = "0123456789 +-";

// Judges one row: a row for the rule, or what is said of it.
class EnterpriseReader {
 public:
  explicit EnterpriseReader(const base::CsvSheet& sheet) : sheet_(sheet) {}

  std::optional<service::ReportRow> Read(const base::CsvRow& csv, EnterpriseRow& row) {
    if (!csv.problem_zh.empty()) return service::RowRejected(csv.line, "", csv.problem_zh);
    if (std::optional<service::ReportRow> bad = CheckTexts(csv); bad.has_value()) return bad;
    const std::string& uscc = csv.cells[kUscc];
    if (const std::string problem = base::UsccProblem(uscc); !problem.empty())
      return Rejected(csv, kUscc, problem);
    const auto [first, is_new] = lines_.emplace(uscc, csv.line);
    if (!is_new)
      return service::RowSkipped(csv.line,
                                 absl::StrCat("统一社会信用代码与第", first->second, "行重复"));
    if (!ReadAboveScale(csv.cells[kAboveScale], row))
      return Rejected(csv, kAboveScale, "请填“是”或“否”");
    row.set_line(csv.line);
    row.set_display_name(csv.cells[kName]);
    row.set_uscc(uscc);
    row.set_address(csv.cells[kAddress]);
    row.set_unit(csv.cells[kUnit]);
    row.set_party_branch(csv.cells[kPartyBranch]);
    row.set_office_phone(csv.cells[kOfficePhone]);
    return std::nullopt;
  }

 private:
  service::ReportRow Rejected(const base::CsvRow& csv, Cell cell, absl::string_view reason) const {
    return service::RowRejected(csv.line, sheet_.columns[cell], reason);
  }

  std::optional<service::ReportRow> CheckTexts(const base::CsvRow& csv) const {
    if (base::CountCodePoints(csv.cells[kName]) < kShortestName)
      return Rejected(csv, kName, "企业名称至少 2 个字");
    for (const TextRule& rule : kTexts) {
      const std::string& text = csv.cells[rule.cell];
      if (base::CountCodePoints(text) > rule.longest) {
        return Rejected(csv, rule.cell, absl::StrCat("最多 ", rule.longest, " 个字"));
      }
      if (!base::IsPlainText(text)) return Rejected(csv, rule.cell, "含有换行或其他控制字符");
    }
    if (csv.cells[kOfficePhone].find_first_not_of(kPhoneCharacters) != std::string::npos) {
      return Rejected(csv, kOfficePhone, "电话只能含数字、空格、+ 和 -");
    }
    return std::nullopt;
  }

  // False when the cell is neither yes nor no; an empty one is neither said.
  static bool ReadAboveScale(absl::string_view cell, EnterpriseRow& row) {
    if (cell.empty()) return true;
    const std::string word = absl::AsciiStrToLower(cell);
    const bool yes = std::find(std::begin(kYes), std::end(kYes), word) != std::end(kYes);
    const bool no = std::find(std::begin(kNo), std::end(kNo), word) != std::end(kNo);
    if (yes || no) row.set_above_scale(yes);
    return yes || no;
  }

  const base::CsvSheet& sheet_;
  std::map<std::string, int> lines_;  // by code, the first line of it
};

// --- against the town

bool IsUnitId(absl::string_view text) { return base::IsUnitCode(text.substr(0, text.find('-'))); }

std::string UnitNameOf(absl::string_view parent, absl::string_view unit_id) {
  return absl::StrCat(parent, "/units/", unit_id);
}

// How a unit may be called in the table: as the file says, or in short where the file has the
// official name.
std::string EverydayName(absl::string_view called) {
  const std::optional<NamedUnit> named = ReadOfficialName(called);
  return named.has_value() ? named->display_name : std::string(called);
}

std::vector<const Unit*> LiveUnitsCalled(absl::string_view called, db::UnitOfWork& work) {
  std::vector<const Unit*> units =
      work.List(kUnitsCalled, work.tenant(), db::kAll, EverydayName(called));
  std::erase_if(units, [](const Unit* unit) { return !unit->successor().empty(); });
  return units;
}

// The unit a row names, or in `problem` why there is none to be placed in.
const Unit* UnitIn(const EnterpriseRow& row, absl::string_view parent, db::UnitOfWork& work,
                   std::string& problem) {
  if (IsUnitId(row.unit())) {
    const Unit* unit = work.FindOrNull(kUnits, UnitNameOf(parent, row.unit()));
    if (unit == nullptr) problem = absl::StrCat("本镇街没有代码为“", row.unit(), "”的村社");
    if (unit != nullptr && !unit->successor().empty())
      problem = absl::StrCat("“", unit->display_name(), "”已撤并");
    return unit;
  }
  const std::vector<const Unit*> units = LiveUnitsCalled(row.unit(), work);
  if (units.empty()) problem = absl::StrCat("本镇街没有名为“", row.unit(), "”的村社");
  if (units.size() > 1)
    problem = absl::StrCat("本镇街有", units.size(), "个“", row.unit(), "”，请填写代码");
  return units.empty() ? nullptr : units[0];
}

// The filled cells over what is there.
void Fill(const EnterpriseRow& row, Enterprise& enterprise) {
  enterprise.set_display_name(row.display_name());
  enterprise.set_uscc(row.uscc());
  if (row.has_above_scale()) enterprise.set_above_scale(row.above_scale());
  if (!row.address().empty()) enterprise.set_address(row.address());
  if (!row.party_branch().empty()) enterprise.set_party_branch(row.party_branch());
  if (!row.office_phone().empty()) enterprise.set_office_phone(row.office_phone());
}

// Whether the newest placement begins later than today: then a list made today cannot say where the
// enterprise goes.
bool IsToMove(const Enterprise& enterprise, const google::type::Date& today, db::UnitOfWork& work) {
  const auto newest = work.List(kPlacementsOf, work.tenant(), 1, enterprise.name());
  return !newest.empty() && base::CompareDates(newest[0]->start_date(), today) > 0;
}

service::ReportRow ImportEnterprise(const EnterpriseRow& row, const rows::EnterpriseChunk& chunk,
                                    db::UnitOfWork& work) {
  std::string problem;
  const Unit* unit = row.unit().empty() ? nullptr : UnitIn(row, chunk.parent(), work, problem);
  if (!problem.empty()) return service::RowRejected(row.line(), chunk.unit_column(), problem);

  const Enterprise* found = HolderOf(row.uscc(), work);
  if (found == nullptr) {
    Enterprise enterprise;
    Fill(row, enterprise);
    if (unit != nullptr) enterprise.set_unit(unit->name());
    if (chunk.validate_only()) return service::RowCreated(row.line(), "");
    return service::RowCreated(
        row.line(), RegisterEnterprise(chunk.parent(), std::move(enterprise), work).name());
  }

  const google::type::Date today = base::ToDate(base::DayOf(work.now()));
  Enterprise filled = *found;
  Fill(row, filled);
  const bool differs = !google::protobuf::util::MessageDifferencer::Equals(filled, *found);
  const bool moves = unit != nullptr && unit->name() != UnitToday(found->name(), work);
  if (!differs && !moves) return service::RowUnchanged(row.line(), found->name());
  if (moves && IsToMove(*found, today, work)) {
    return service::RowRejected(row.line(), chunk.unit_column(),
                                "该企业已安排日后迁入其他村社，不能再从今天迁入");
  }
  if (chunk.validate_only()) return service::RowUpdated(row.line(), found->name());
  if (moves) AddPlacement(*found, unit->name(), today, work);
  if (differs) Fill(row, work.Change(*found, "updated"));
  return service::RowUpdated(row.line(), found->name());
}

}  // namespace

absl::StatusOr<service::ImportFile<rows::EnterpriseChunk>> ReadEnterpriseFile(
    const v1::ImportEnterprisesRequest& request) {
  ASSIGN_OR_RETURN(const base::CsvSheet sheet, base::ReadCsv("csv", request.csv(), kColumns));
  service::ImportFile<rows::EnterpriseChunk> file{
      .encoding = sheet.encoding, .settled = {}, .chunks = {}};
  EnterpriseReader reader(sheet);
  std::vector<EnterpriseRow> rows;
  for (const base::CsvRow& csv : sheet.rows) {
    EnterpriseRow row;
    if (std::optional<service::ReportRow> settled = reader.Read(csv, row); settled.has_value()) {
      file.settled.push_back(*std::move(settled));
    } else {
      rows.push_back(std::move(row));
    }
  }
  file.chunks = service::ChunksOf<v1::ImportEnterprisesRequest, rows::EnterpriseChunk>(
      request, std::move(rows));
  for (rows::EnterpriseChunk& chunk : file.chunks) chunk.set_unit_column(sheet.columns[kUnit]);
  return file;
}

absl::StatusOr<service::ImportReport> DecideImportEnterprises(const rows::EnterpriseChunk& chunk,
                                                              const rpc::Caller& caller,
                                                              db::UnitOfWork& work) {
  RETURN_IF_ERROR(MayRunTown(chunk.parent(), caller, work));
  service::ImportReport report;
  for (const EnterpriseRow& row : chunk.rows())
    *report.add_rows() = ImportEnterprise(row, chunk, work);
  return report;
}

std::vector<db::Want> WantsOfImportEnterprises(const rows::EnterpriseChunk& chunk,
                                               const rpc::Caller&) {
  std::vector<db::Want> wants = {db::Want::ForRow(kTowns, chunk.parent())};
  for (const EnterpriseRow& row : chunk.rows()) {
    wants.push_back(db::Want::ForList(kEnterprisesByUscc, chunk.parent(), 1, row.uscc()));
    if (row.unit().empty()) continue;
    if (IsUnitId(row.unit())) {
      wants.push_back(db::Want::ForRow(kUnits, UnitNameOf(chunk.parent(), row.unit())));
    } else {
      wants.push_back(
          db::Want::ForList(kUnitsCalled, chunk.parent(), db::kAll, EverydayName(row.unit())));
    }
  }
  return wants;
}

}  // namespace pingan::directory
