// The rows of one transaction: an identity map with the changes of its commands, and what of them
// is to be written.
//
// Commands come one after the other: Begin(), the rule, then Accept() or Reject(). Rows change in
// place; what they were before the running command is kept beside them until then. Lists hold what
// accepted commands left, and rows that the running command touched are looked at one by one.
#ifndef PINGAN_COMMON_DB_ROW_CACHE_H_
#define PINGAN_COMMON_DB_ROW_CACHE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/catalogue.h"
#include "common/db/command.h"
#include "common/db/list_cache.h"
#include "common/db/row_source.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/message.h"

namespace pingan::db {

using google::protobuf::Message;

// One row, or one name known to have none. Messages live in the cache's arena or are owned by it.
struct CachedRow {
  const BoundTable* table;
  std::string name;
  Segments key;       // views name
  bool read = false;  // the database was asked
  const Message* base =
      nullptr;  // as in the database; null: not there. Equals `live` until the row is dirty
  Message* live = nullptr;  // as rules see it; kept when it is deleted, null if it never was
  bool exists = false;
  bool dirty = false;  // some accepted command changed it

  // While the running command has touched it:
  bool touched = false;
  Message* before = nullptr;  // a copy of `live`
  bool existed = false;
  bool inserted = false;
  absl::string_view verb;

  // Of the last accepted command that changed it, for tables that log only the last version.
  absl::string_view last_verb;
  const Command* last = nullptr;
};

// A change to be logged.
struct ChangeRow {
  absl::string_view tenant;
  absl::string_view name;
  std::string type;
  int64_t mechanism;  // 0: none
  std::string body;
  const Command* command;
};

// A row, or a list, that a rule wants.
struct Wanted {
  const BoundTable* table;
  const BoundQuery* query;  // null for a row
  std::string name;         // of the row
  WantedList list;

  static Wanted Row(const BoundTable& table, std::string name) {
    return {&table, nullptr, std::move(name), {}};
  }
  static Wanted List(const BoundQuery& query, ListKey key, int64_t limit) {
    return {&query.table(), &query, "", {std::move(key), limit}};
  }
};

class RowCache {
 public:
  // Thrown by dry runs at the first row that is not here; `wanted()` says which.
  struct Missing {};

  RowCache(const Catalogue& catalogue, RowSource& source, absl::Time now);
  RowCache(const RowCache&) = delete;
  RowCache& operator=(const RowCache&) = delete;

  // --- the frame around rules
  // Reads rows and lists with one statement per table and query. Lists asked for several times are
  // read once, as long as all askers together need.
  void Prefetch(const std::vector<Wanted>& wanted);
  // The wanted row or list of a declaration; nothing if no row can be meant.
  std::optional<Wanted> Resolve(const Want& want) const;

  // While dry, what is not here is noted in wanted() and ends the rule by Missing.
  void SetDry(bool dry) { dry_ = dry; }
  std::vector<Wanted> TakeWanted() { return std::exchange(wanted_, {}); }

  void Begin(const Command& command);
  // What the rule did wrong, if it did: writing to another tenant, inserting a row that is there.
  const absl::Status& failure() const { return failure_; }
  // Checks what the command touched; an error (for the log) leaves it to be rejected.
  absl::Status Check() const;
  void Accept();
  void Reject();

  // --- what is to be written when all commands are done
  struct Writes {
    std::vector<const CachedRow*> inserts;
    std::vector<const CachedRow*> updates;
    std::vector<const CachedRow*> deletes;
  };
  const std::vector<std::unique_ptr<BoundTable>>& tables() const { return catalogue_.tables(); }
  Writes WritesOf(const BoundTable& table) const;
  // Change rows of all accepted commands, in order; ends with the last versions of rows that log
  // only those.
  std::vector<ChangeRow> TakeChanges();
  // For replays: the row is, or is no more, as the log says.
  void Put(const BoundTable& table, std::unique_ptr<Message> row, bool deleted);

  size_t late_reads() const { return late_reads_; }

  // --- what UnitOfWork shows to rules
  absl::Time now() const { return now_; }
  const google::protobuf::Timestamp& now_timestamp() const { return now_timestamp_; }
  const Command& command() const { return *command_; }
  const Catalogue& catalogue() const { return catalogue_; }
  const Message* Find(const BoundTable& table, absl::string_view name);
  std::vector<const Message*> List(const BoundQuery& query, absl::string_view within, int64_t limit,
                                   Values values);
  Message& Change(const Message& row, absl::string_view name, absl::string_view verb);
  Message& Insert(const BoundTable& table, std::unique_ptr<Message> row, absl::string_view verb);
  void Delete(const Message& row, absl::string_view name);

 private:
  struct Shelf {
    absl::flat_hash_map<absl::string_view, CachedRow*> rows;  // by name, viewing the row's
    std::vector<ListCache> lists;                             // by BoundQuery::number()
    std::vector<CachedRow*> dirty;
  };

  Shelf& ShelfOf(const BoundTable& table) { return shelves_[table.number()]; }
  ListCache& ListsOf(const BoundQuery& query) {
    return ShelfOf(query.table()).lists[query.number()];
  }
  // The entry of a name, made if need be; null if no row can have it.
  CachedRow* Entry(const BoundTable& table, absl::string_view name);
  // The entry of a name, read if it is not known yet.
  CachedRow* Get(const BoundTable& table, absl::string_view name);
  void LoadRows(const BoundTable& table, const std::vector<CachedRow*>& rows);
  void LoadLists(const BoundQuery& query, const std::vector<WantedList>& lists);
  std::vector<const Message*> Collect(const BoundQuery& query, const CachedList& list,
                                      int64_t limit) const;

  Message* NewMessage(const BoundTable& table) { return table.table().prototype().New(&arena_); }
  Message* Copy(const BoundTable& table, const Message& row);
  CachedRow* Touch(const BoundTable& table, CachedRow* row, absl::string_view verb);
  Message& Scratch(const Message& row);
  void KeepColumns(CachedRow& row) const;
  void Fail(absl::Status status);
  void FailAsMistake(absl::string_view what, absl::string_view name);
  void AddChange(const CachedRow& row, absl::string_view verb, const Command& command);

  const Catalogue& catalogue_;
  RowSource& source_;
  const absl::Time now_;
  const google::protobuf::Timestamp now_timestamp_;
  google::protobuf::Arena arena_;
  std::deque<CachedRow> rows_;
  std::vector<Shelf> shelves_;  // by BoundTable::number()

  bool dry_ = false;
  std::vector<Wanted> wanted_;
  const Command* command_ = nullptr;
  absl::Status failure_;
  std::vector<CachedRow*> touched_;
  std::vector<ChangeRow> changes_;
  size_t late_reads_ = 0;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_ROW_CACHE_H_
