// Imports from CSV: what both kinds of them have in common.
//
// A file is read and judged row by row as far as that needs nothing from the town; the rest goes
// through rules in chunks, each a command of its own, so that a town's writer is never held for
// long. A dry run takes the same way with `validate_only`: the rules decide the same and change
// nothing. A retry under the same request_id goes on where the first attempt ended, because the ids
// of the chunks follow from it.
#ifndef PINGAN_COMMON_SERVICE_IMPORT_FILE_H_
#define PINGAN_COMMON_SERVICE_IMPORT_FILE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/task.h"
#include "common/service/commands.h"
#include "pingan/imports/v1/imports.pb.h"

namespace pingan::service {

// Rows in one command: some 20 ms under the town's lock.
inline constexpr int kRowsInChunk = 100;

using imports::v1::ImportReport;
using ReportRow = ImportReport::Row;

ReportRow RowCreated(int line, absl::string_view name);
ReportRow RowUpdated(int line, absl::string_view name);
ReportRow RowUnchanged(int line, absl::string_view name);
// `reason` is in Chinese, for whoever keeps the file.
ReportRow RowSkipped(int line, absl::string_view reason);
ReportRow RowRejected(int line, absl::string_view column, absl::string_view reason);

// A file as far as it could be judged alone.
template <class Chunk>
struct ImportFile {
  std::string encoding;
  std::vector<ReportRow> settled;  // rows that need no look at the town
  std::vector<Chunk> chunks;       // at least one, so that the caller's right is always checked
};

// Cuts rows into chunks that say whose they are.
template <class Request, class Chunk, class Row>
std::vector<Chunk> ChunksOf(const Request& request, std::vector<Row> rows);

// The id of the command for a chunk: the import's own for the first, else made of it; "" when the
// import has none.
std::string ChunkRequestId(absl::string_view request_id, size_t chunk);

// Runs the chunks of a file one after the other and joins what is said of their rows:
//   co_return co_await service::RunImport(commands_, call, std::move(file), DecideImportUnits)
// `commands` and `call` must outlive the task.
template <class Chunk>
base::Task<absl::StatusOr<ImportReport>> RunImport(
    Commands& commands, const rpc::Call& call, ImportFile<Chunk> file,
    Rule<Chunk, ImportReport> rule, decltype(MethodOptions<Chunk>::wants) wants = nullptr);

// The whole report: `rows` in the order of their lines, counted by outcome.
ImportReport ReportOf(std::vector<ReportRow> rows, bool validate_only, std::string encoding);

// --- implementation

template <class Chunk>
base::Task<absl::StatusOr<ImportReport>> RunImport(Commands& commands, const rpc::Call& call,
                                                   ImportFile<Chunk> file,
                                                   Rule<Chunk, ImportReport> rule,
                                                   decltype(MethodOptions<Chunk>::wants) wants) {
  MethodOptions<Chunk> options;
  options.wants = wants;
  std::vector<ReportRow> rows = std::move(file.settled);
  for (const Chunk& chunk : file.chunks) {
    std::string town(base::TownOf(chunk.parent()));
    CO_ASSIGN_OR_RETURN(
        const ImportReport report,
        (co_await commands.Run<Chunk, ImportReport>(call, std::move(town), chunk, rule, options)));
    rows.insert(rows.end(), report.rows().begin(), report.rows().end());
  }
  co_return ReportOf(std::move(rows), file.chunks.front().validate_only(),
                     std::move(file.encoding));
}

std::string FileHash(absl::string_view csv);

template <class Request, class Chunk, class Row>
std::vector<Chunk> ChunksOf(const Request& request, std::vector<Row> rows) {
  std::vector<Chunk> chunks;
  const std::string file_hash = FileHash(request.csv());
  size_t next = 0;
  do {
    Chunk& chunk = chunks.emplace_back();
    chunk.set_parent(request.parent());
    chunk.set_request_id(ChunkRequestId(request.request_id(), chunks.size() - 1));
    chunk.set_file_hash(file_hash);
    chunk.set_validate_only(request.validate_only());
    for (; next < rows.size() && chunk.rows_size() < kRowsInChunk; ++next)
      *chunk.add_rows() = std::move(rows[next]);
  } while (next < rows.size());
  return chunks;
}

}  // namespace pingan::service

#endif  // PINGAN_COMMON_SERVICE_IMPORT_FILE_H_
