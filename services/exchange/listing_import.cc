#include "services/exchange/listing_import.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/base/calendar.h"
#include "common/base/csv.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/timestamps.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/exchange/categories.h"
#include "services/exchange/exchange_errors.h"
#include "services/exchange/exchange_tables.h"
#include "services/exchange/fit.h"
#include "services/exchange/ledger.h"
#include "services/exchange/listing_rules.h"
#include "services/exchange/visibility.h"

namespace pingan::exchange {
namespace {

using rows::ListingRow;
using v1::Listing;

enum Cell {
  kDirection,
  kCategory,
  kMechanism,
  kTitle,
  kDescription,
  kQuantity,
  kMeasure,
  kStartDate,
  kEndDate,
  kReleaseTime
};
constexpr base::CsvColumn kColumns[] = {
    {"direction", "类型"},           {"category", "类别"},
    {"mechanism", "机制"},           {"title", "名称"},
    {"description", "说明", false},  {"quantity", "数量"},
    {"measure", "计量单位"},         {"start_date", "开始日期", false},
    {"end_date", "结束日期", false}, {"release_time", "公开时间", false}};

// The limits of the fields' rules in exchange.proto.
constexpr size_t kShortestTitle = 2;
constexpr size_t kLongestTitle = 100;
constexpr size_t kLongestDescription = 4000;
constexpr int64_t kMostQuantity = 1'000'000'000;

// A time in Haining, as tables write it: 2026-12-01 or 2026/12/1, with or without 08:30.
std::optional<absl::Time> ReadTime(absl::string_view cell) {
  const std::string text = absl::StrReplaceAll(cell, {{"/", "-"}});
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"}) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(format, text, base::Shanghai(), &time, &error) &&
        base::IsWithinYears(time) && base::IsWithinYears(base::DayOf(time))) {
      return time;
    }
  }
  return std::nullopt;
}

// What is wrong with a row: a cell, and why.
struct Problem {
  Cell cell;
  std::string reason;
};

template <class Enum>
std::string OneOf() {
  return absl::StrCat("只能是：", AllWords<Enum>());
}

// --- one row; each part says what is wrong with its cells

std::optional<Problem> ReadKind(const base::CsvRow& csv, Listing& listing) {
  const auto direction = base::ValueOfWord<v1::Direction>(csv.cells[kDirection]);
  if (!direction.has_value()) return Problem{kDirection, OneOf<v1::Direction>()};
  const auto category = base::ValueOfWord<v1::Category>(csv.cells[kCategory]);
  if (!category.has_value()) return Problem{kCategory, OneOf<v1::Category>()};
  const auto mechanism = base::ValueOfWord<event::v1::Mechanism>(csv.cells[kMechanism]);
  if (!mechanism.has_value()) return Problem{kMechanism, OneOf<event::v1::Mechanism>()};
  const auto measure = base::ValueOfWord<v1::Measure>(csv.cells[kMeasure]);
  if (!measure.has_value()) return Problem{kMeasure, OneOf<v1::Measure>()};
  if (!HasMeasure(*category, *measure))
    return Problem{kMeasure, absl::StrCat("类别“", base::WordOf(*category), "”不能用这种计量单位")};
  listing.set_direction(*direction);
  listing.set_category(*category);
  listing.set_mechanism(*mechanism);
  listing.set_measure(*measure);
  return std::nullopt;
}

std::optional<Problem> ReadTexts(const base::CsvRow& csv, Listing& listing) {
  const std::string& title = csv.cells[kTitle];
  const std::string& description = csv.cells[kDescription];
  const size_t length = base::CountCodePoints(title);
  if (length < kShortestTitle || length > kLongestTitle)
    return Problem{kTitle, "名称须为 2 到 100 个字"};
  if (!base::IsPlainText(title)) return Problem{kTitle, "含有换行或其他控制字符"};
  if (base::CountCodePoints(description) > kLongestDescription)
    return Problem{kDescription, "最多 4000 个字"};
  if (!base::IsMultilineText(description)) return Problem{kDescription, "含有控制字符"};
  listing.set_title(title);
  listing.set_description(description);
  return std::nullopt;
}

std::optional<Problem> ReadQuantity(const base::CsvRow& csv, Listing& listing) {
  int64_t quantity = 0;
  if (!absl::SimpleAtoi(csv.cells[kQuantity], &quantity) || quantity < 1 ||
      quantity > kMostQuantity) {
    return Problem{kQuantity, "数量须为 1 到 1000000000 的整数"};
  }
  listing.set_quantity(quantity);
  return std::nullopt;
}

std::optional<Problem> ReadTimes(const base::CsvRow& csv, Listing& listing) {
  for (const Cell cell : {kStartDate, kEndDate, kReleaseTime}) {
    if (csv.cells[cell].empty()) continue;
    const std::optional<absl::Time> time = ReadTime(csv.cells[cell]);
    if (!time.has_value()) return Problem{cell, "请按 2026-12-01 的格式填写"};
    const google::type::Date day = base::ToDate(base::DayOf(*time));
    if (cell == kStartDate) *listing.mutable_start_date() = day;
    if (cell == kEndDate) *listing.mutable_end_date() = day;
    if (cell == kReleaseTime) *listing.mutable_release_time() = base::ToTimestamp(*time);
  }
  if (!CheckWindow(listing).ok()) return Problem{kEndDate, "结束日期不能早于开始日期"};
  return std::nullopt;
}

std::optional<Problem> ReadCells(const base::CsvRow& csv, Listing& listing) {
  for (const auto read : {ReadKind, ReadTexts, ReadQuantity, ReadTimes}) {
    if (std::optional<Problem> problem = read(csv, listing); problem.has_value()) return problem;
  }
  return std::nullopt;
}

// --- against the town

// The filled cells over what is there.
void Fill(const Listing& row, Listing& listing) {
  listing.MergeFrom(row);
  // Whole: merging keeps the parts of a time that are 0.
  if (row.has_release_time()) *listing.mutable_release_time() = row.release_time();
  Recount(listing);
}

service::ReportRow ImportListing(const ListingRow& row, const rows::ListingChunk& chunk,
                                 db::UnitOfWork& work) {
  const Listing* draft = nullptr;
  bool is_published = false;
  for (const Listing* called : work.List(kListingsCalled, work.tenant(), db::kAll, chunk.party(),
                                         row.listing().direction(), row.listing().title())) {
    if (called->state() == v1::DRAFT && draft == nullptr) draft = called;
    if (called->state() == v1::PUBLISHED) is_published = true;
  }
  if (draft == nullptr && is_published)
    return service::RowSkipped(row.line(), "同名的清单已发布，请在清单中修改");
  if (draft == nullptr) {
    if (chunk.validate_only()) return service::RowCreated(row.line(), "");
    Listing listing = row.listing();
    listing.set_party(chunk.party());
    return service::RowCreated(row.line(),
                               AddDraft(chunk.parent(), std::move(listing), work).name());
  }

  Listing filled = *draft;
  Fill(row.listing(), filled);
  if (!CheckWindow(filled).ok())
    return service::RowRejected(row.line(), "", "与草稿已有的日期合在一起，结束日期早于开始日期");
  if (google::protobuf::util::MessageDifferencer::Equals(filled, *draft))
    return service::RowUnchanged(row.line(), draft->name());
  if (!chunk.validate_only()) Fill(row.listing(), work.Change(*draft, "updated"));
  return service::RowUpdated(row.line(), draft->name());
}

}  // namespace

absl::StatusOr<service::ImportFile<rows::ListingChunk>> ReadListingFile(
    const v1::ImportListingsRequest& request) {
  ASSIGN_OR_RETURN(const base::CsvSheet sheet, base::ReadCsv("csv", request.csv(), kColumns));
  service::ImportFile<rows::ListingChunk> file{
      .encoding = sheet.encoding, .settled = {}, .chunks = {}};
  std::vector<ListingRow> rows;
  std::map<std::pair<int, std::string>, int> lines;  // by direction and title, the first line
  for (const base::CsvRow& csv : sheet.rows) {
    ListingRow row;
    row.set_line(csv.line);
    if (!csv.problem_zh.empty()) {
      file.settled.push_back(service::RowRejected(csv.line, "", csv.problem_zh));
      continue;
    }
    if (const auto problem = ReadCells(csv, *row.mutable_listing()); problem.has_value()) {
      file.settled.push_back(
          service::RowRejected(csv.line, sheet.columns[problem->cell], problem->reason));
      continue;
    }
    const auto [first, is_new] =
        lines.emplace(std::make_pair(row.listing().direction(), row.listing().title()), csv.line);
    if (is_new) {
      rows.push_back(std::move(row));
    } else {
      file.settled.push_back(
          service::RowSkipped(csv.line, absl::StrCat("类型和名称与第", first->second, "行重复")));
    }
  }
  file.chunks =
      service::ChunksOf<v1::ImportListingsRequest, rows::ListingChunk>(request, std::move(rows));
  for (rows::ListingChunk& chunk : file.chunks) chunk.set_party(request.party());
  return file;
}

absl::StatusOr<service::ImportReport> DecideImportListings(const rows::ListingChunk& chunk,
                                                           const rpc::Caller& caller,
                                                           db::UnitOfWork& work) {
  RETURN_IF_ERROR(CheckParty(chunk.party(), work));
  if (!service::RolesOf(caller, work).ActsFor(chunk.party())) return NotParty();
  service::ImportReport report;
  for (const ListingRow& row : chunk.rows()) *report.add_rows() = ImportListing(row, chunk, work);
  return report;
}

std::vector<db::Want> WantsOfImportListings(const rows::ListingChunk& chunk, const rpc::Caller&) {
  std::vector<db::Want> wants = {WantOfParty(chunk.party())};
  for (const ListingRow& row : chunk.rows()) {
    wants.push_back(db::Want::ForList(kListingsCalled, chunk.parent(), db::kAll, chunk.party(),
                                      row.listing().direction(), row.listing().title()));
  }
  return wants;
}

}  // namespace pingan::exchange
