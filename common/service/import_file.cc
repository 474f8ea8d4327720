#include "common/service/import_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/hash.h"

namespace pingan::service {
namespace {

ReportRow RowOf(int line, imports::v1::ImportOutcome outcome, absl::string_view name) {
  ReportRow row;
  row.set_line(line);
  row.set_outcome(outcome);
  row.set_name(std::string(name));
  return row;
}

void Count(imports::v1::ImportOutcome outcome, ImportReport& report) {
  switch (outcome) {
    case imports::v1::CREATED:
      return report.set_created(report.created() + 1);
    case imports::v1::UPDATED:
      return report.set_updated(report.updated() + 1);
    case imports::v1::UNCHANGED:
      return report.set_unchanged(report.unchanged() + 1);
    case imports::v1::SKIPPED:
      return report.set_skipped(report.skipped() + 1);
    default:
      return report.set_rejected(report.rejected() + 1);
  }
}

}  // namespace

ReportRow RowCreated(int line, absl::string_view name) {
  return RowOf(line, imports::v1::CREATED, name);
}
ReportRow RowUpdated(int line, absl::string_view name) {
  return RowOf(line, imports::v1::UPDATED, name);
}
ReportRow RowUnchanged(int line, absl::string_view name) {
  return RowOf(line, imports::v1::UNCHANGED, name);
}

ReportRow RowSkipped(int line, absl::string_view reason) {
  ReportRow row = RowOf(line, imports::v1::SKIPPED, "");
  row.set_reason(std::string(reason));
  return row;
}

ReportRow RowRejected(int line, absl::string_view column, absl::string_view reason) {
  ReportRow row = RowOf(line, imports::v1::REJECTED, "");
  row.set_column(std::string(column));
  row.set_reason(std::string(reason));
  return row;
}

std::string FileHash(absl::string_view csv) { return base::Sha256(csv); }

std::string ChunkRequestId(absl::string_view request_id, size_t chunk) {
  if (request_id.empty() || chunk == 0) return std::string(request_id);
  std::string bytes = base::Sha256(absl::StrCat(request_id, "/", chunk)).substr(0, 16);
  // Version 8 and the variant of RFC 9562: a UUID by a rule of one's own.
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x80);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = base::Hex(bytes);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

ImportReport ReportOf(std::vector<ReportRow> rows, bool validate_only, std::string encoding) {
  std::sort(rows.begin(), rows.end(),
            [](const ReportRow& a, const ReportRow& b) { return a.line() < b.line(); });
  ImportReport report;
  report.set_validate_only(validate_only);
  report.set_encoding(std::move(encoding));
  for (ReportRow& row : rows) {
    Count(row.outcome(), report);
    *report.add_rows() = std::move(row);
  }
  return report;
}

}  // namespace pingan::service
