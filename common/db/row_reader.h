// Reads without a lock: rows by name and by declared query, batched over callers, and the
// statements of lists.
//
// Lookups that wait at one moment are answered by one statement per table or query; a row asked for
// by several is read once. What is read is committed; two lookups may see different moments. Slow
// lists run on threads of their own, so they do not hold up lookups.
//   CO_ASSIGN_OR_RETURN(const Event event, co_await reader.Find(kEvents, request.name(),
//   call.patience()));
// Errors: NOT_FOUND (Find), OVERLOADED, DEADLINE_EXCEEDED, CANCELLED, UNAVAILABLE while the
// database is away (told within the deadline), INTERNAL.
#ifndef PINGAN_COMMON_DB_ROW_READER_H_
#define PINGAN_COMMON_DB_ROW_READER_H_

#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/task.h"
#include "common/db/command.h"
#include "common/db/database.h"
#include "common/db/read_session.h"
#include "common/db/table.h"
#include "common/db/value.h"

namespace pingan::db {

struct RowReaderOptions {
  int lookup_workers = 2;  // each with its own connection
  int list_workers = 4;
  size_t max_batch = 512;                           // lookups in one round
  size_t max_queue = 8192;                          // lookups waiting
  size_t max_lists = 512;                           // lists waiting
  absl::Duration longest_wait = absl::Seconds(10);  // of a call whose patience has no end
};

// Rows by name and by query, as asked for by one caller; answered together.
struct Lookup {
  using Message = google::protobuf::Message;

  std::vector<Want> wants;
  Patience patience;
  // One list of rows per want, in order: for a row, at most one.
  std::vector<std::vector<std::unique_ptr<Message>>> found;
  absl::Status status;
  std::function<void()> done;
};

// Thread safe. Who awaits a lookup is resumed by the worker that read it, who awaits a list on a
// thread that does nothing else: neither may block there.
class RowReader {
 public:
  // `database` outlives the reader.
  explicit RowReader(const Database& database, RowReaderOptions options = {});
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // The row of this name; NOT_FOUND naming it.
  template <class Row>
  base::Task<absl::StatusOr<Row>> Find(const TableOf<Row>& table, std::string name,
                                       Patience patience = {});
  template <class Row>
  base::Task<absl::StatusOr<std::optional<Row>>> FindOrNull(const TableOf<Row>& table,
                                                            std::string name,
                                                            Patience patience = {});
  // The rows of these names, in their order; those that are not there are nullopt.
  template <class Row>
  base::Task<absl::StatusOr<std::vector<std::optional<Row>>>> FindMany(
      const TableOf<Row>& table, std::vector<std::string> names, Patience patience = {});
  // The first `limit` rows of a declared query; `within` and `values` as in UnitOfWork::List.
  template <class Row>
  base::Task<absl::StatusOr<std::vector<Row>>> List(const QueryOf<Row>& query, std::string within,
                                                    int64_t limit, std::vector<Value> values,
                                                    Patience patience = {});

  // Runs statements of a list on a connection of its own; `read` may block on `session` and on
  // nothing else.
  //   co_await reader.Read<Page>([&](db::ReadSession& session) -> absl::StatusOr<Page> { ... },
  //   patience)
  // The statements together have what is left of the deadline.
  template <class Result>
  base::Task<absl::StatusOr<Result>> Read(std::function<absl::StatusOr<Result>(ReadSession&)> read,
                                          Patience patience = {});

  // The same for threads that may block.
  template <class Result>
  absl::StatusOr<Result> ReadAndWait(std::function<absl::StatusOr<Result>(ReadSession&)> read,
                                     Patience patience = {});

  QueueLoad lookups_load() const;
  QueueLoad lists_load() const;

  // Answers what waits, ends the threads. Idempotent.
  void Stop();

  // Both take work that must live until `done` was called, which must not block.
  void StartLookup(Lookup& lookup);
  void StartRead(std::function<absl::Status(ReadSession&)> read, Patience patience,
                 std::function<void(absl::Status)> done);

 private:
  class Lookups;
  class Lists;

  std::unique_ptr<Lookups> lookups_;
  std::unique_ptr<Lists> lists_;
};

namespace row_reader_internal {

struct LookupAwaiter {
  RowReader& reader;
  Lookup& lookup;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    lookup.done = [waiting] { waiting.resume(); };
    reader.StartLookup(lookup);
  }
  void await_resume() const noexcept {}
};

struct ReadAwaiter {
  RowReader& reader;
  std::function<absl::Status(ReadSession&)> read;
  Patience patience;
  absl::Status status;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    reader.StartRead(std::move(read), std::move(patience), [this, waiting](absl::Status ended) {
      status = std::move(ended);
      waiting.resume();
    });
  }
  absl::Status await_resume() { return std::move(status); }
};

// Calls `start` and waits on the calling thread until it, or something it started, has called
// `done`.
void WaitFor(absl::FunctionRef<void(std::function<void()> done)> start);

// Moves a found row out of its message.
template <class Row>
Row Take(std::unique_ptr<google::protobuf::Message>& row) {
  return std::move(static_cast<Row&>(*row));
}

}  // namespace row_reader_internal

template <class Row>
base::Task<absl::StatusOr<std::optional<Row>>> RowReader::FindOrNull(const TableOf<Row>& table,
                                                                     std::string name,
                                                                     Patience patience) {
  Lookup lookup{
      .wants = {}, .patience = std::move(patience), .found = {}, .status = {}, .done = {}};
  lookup.wants.push_back(Want::ForRow(table, name));
  co_await row_reader_internal::LookupAwaiter{*this, lookup};
  if (!lookup.status.ok()) co_return lookup.status;
  if (lookup.found[0].empty()) co_return std::optional<Row>();
  co_return std::optional<Row>(row_reader_internal::Take<Row>(lookup.found[0][0]));
}

template <class Row>
base::Task<absl::StatusOr<Row>> RowReader::Find(const TableOf<Row>& table, std::string name,
                                                Patience patience) {
  Lookup lookup{
      .wants = {}, .patience = std::move(patience), .found = {}, .status = {}, .done = {}};
  lookup.wants.push_back(Want::ForRow(table, name));
  co_await row_reader_internal::LookupAwaiter{*this, lookup};
  if (!lookup.status.ok()) co_return lookup.status;
  if (lookup.found[0].empty()) co_return RowNotFound(name);
  co_return row_reader_internal::Take<Row>(lookup.found[0][0]);
}

template <class Row>
base::Task<absl::StatusOr<std::vector<std::optional<Row>>>> RowReader::FindMany(
    const TableOf<Row>& table, std::vector<std::string> names, Patience patience) {
  Lookup lookup{
      .wants = {}, .patience = std::move(patience), .found = {}, .status = {}, .done = {}};
  for (const std::string& name : names) lookup.wants.push_back(Want::ForRow(table, name));
  co_await row_reader_internal::LookupAwaiter{*this, lookup};
  if (!lookup.status.ok()) co_return lookup.status;
  std::vector<std::optional<Row>> rows(names.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!lookup.found[i].empty()) rows[i] = row_reader_internal::Take<Row>(lookup.found[i][0]);
  }
  co_return rows;
}

template <class Row>
base::Task<absl::StatusOr<std::vector<Row>>> RowReader::List(const QueryOf<Row>& query,
                                                             std::string within, int64_t limit,
                                                             std::vector<Value> values,
                                                             Patience patience) {
  Lookup lookup{
      .wants = {}, .patience = std::move(patience), .found = {}, .status = {}, .done = {}};
  lookup.wants.push_back({.table = &query.table(),
                          .query = &query,
                          .name = std::move(within),
                          .limit = limit,
                          .values = std::move(values)});
  co_await row_reader_internal::LookupAwaiter{*this, lookup};
  if (!lookup.status.ok()) co_return lookup.status;
  std::vector<Row> rows;
  rows.reserve(lookup.found[0].size());
  for (auto& row : lookup.found[0]) rows.push_back(row_reader_internal::Take<Row>(row));
  co_return rows;
}

template <class Result>
base::Task<absl::StatusOr<Result>> RowReader::Read(
    std::function<absl::StatusOr<Result>(ReadSession&)> read, Patience patience) {
  absl::StatusOr<Result> result = absl::UnknownError("not run");
  row_reader_internal::ReadAwaiter awaiter{*this,
                                           [&](ReadSession& session) {
                                             result = read(session);
                                             return result.status();
                                           },
                                           std::move(patience),
                                           {}};
  absl::Status status = co_await awaiter;
  if (!status.ok()) co_return status;
  co_return result;
}

template <class Result>
absl::StatusOr<Result> RowReader::ReadAndWait(
    std::function<absl::StatusOr<Result>(ReadSession&)> read, Patience patience) {
  absl::StatusOr<Result> result = absl::UnknownError("not run");
  absl::Status status;
  row_reader_internal::WaitFor([&](std::function<void()> done) {
    StartRead(
        [&](ReadSession& session) {
          result = read(session);
          return result.status();
        },
        std::move(patience),
        [&, done](absl::Status ended) {
          status = std::move(ended);
          done();
        });
  });
  if (!status.ok()) return status;
  return result;
}

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_ROW_READER_H_
