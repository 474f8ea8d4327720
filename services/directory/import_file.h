// Imports from CSV: what both kinds of them have in common.
//
// A file is read and judged row by row as far as that needs nothing from the town; the rest goes
// through rules in chunks, each a command of its own, so that a town's writer is never held for
// long. A dry run takes the same way with `validate_only`: the rules decide the same and change
// nothing. A retry under the same request_id goes on where the first attempt ended, because the ids
// of the chunks follow from it.
#ifndef PINGAN_SERVICES_DIRECTORY_IMPORT_FILE_H_
#define PINGAN_SERVICES_DIRECTORY_IMPORT_FILE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "pingan/directory/v1/directory.pb.h"

namespace pingan::directory {

// Rows in one command: some 20 ms under the town's lock.
inline constexpr int kRowsInChunk = 100;

using ReportRow = v1::ImportReport::Row;

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

// The whole report: `rows` in the order of their lines, counted by outcome.
v1::ImportReport ReportOf(std::vector<ReportRow> rows, bool validate_only, std::string encoding);

// --- implementation

std::string FileHash(absl::string_view csv);

template <class Request, class Chunk, class Row>
std::vector<Chunk> ChunksOf(const Request& request, std::vector<Row> rows) {
  std::vector<Chunk> chunks;
  size_t next = 0;
  do {
    Chunk& chunk = chunks.emplace_back();
    chunk.set_parent(request.parent());
    chunk.set_request_id(ChunkRequestId(request.request_id(), chunks.size() - 1));
    chunk.set_file_hash(FileHash(request.csv()));
    chunk.set_validate_only(request.validate_only());
    for (; next < rows.size() && chunk.rows_size() < kRowsInChunk; ++next)
      *chunk.add_rows() = std::move(rows[next]);
  } while (next < rows.size());
  return chunks;
}

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_IMPORT_FILE_H_
