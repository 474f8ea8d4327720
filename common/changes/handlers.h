// What a follower does with the changes of each row message.
#ifndef PINGAN_COMMON_CHANGES_HANDLERS_H_
#define PINGAN_COMMON_CHANGES_HANDLERS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/db/command.h"
#include "common/db/table.h"
#include "common/db/unit_of_work.h"
#include "google/protobuf/message.h"
#include "pingan/changes/v1/changes.pb.h"

namespace pingan::changes {

template <class Row>
using Handler = std::function<absl::Status(const v1::Change&, const Row&, db::UnitOfWork&)>;
template <class Row>
using Wants = std::function<void(const v1::Change&, const Row&, std::vector<db::Want>&)>;

// `pingan.event.v1.Event.held` is the row message pingan.event.v1.Event and the verb held.
absl::string_view RowOf(absl::string_view type);
bool IsDeletion(absl::string_view type);

// Brings the row of the same name in `table` to what it is after the change: inserts, changes or
// deletes it. Of its columns only create_time, update_time and etag are the unit of work's and not
// the source's.
template <class Row>
absl::Status ApplyMirror(const db::TableOf<Row>& table, const v1::Change& change, const Row& row,
                         db::UnitOfWork& work) {
  const Row* stored = work.FindOrNull(table, row.name());
  if (!IsDeletion(change.type())) {
    (stored == nullptr ? work.Insert(table, row, "mirrored") : work.Change(*stored, "mirrored")) =
        row;
  } else if (stored != nullptr) {
    work.Delete(*stored);
  }
  return absl::OkStatus();
}

// Filled before the follower starts, then only read.
class Handlers {
 public:
  using Message = google::protobuf::Message;

  struct Entry {
    const Message* prototype;
    Handler<Message> apply;
    Wants<Message> wants;  // may be empty
  };

  // A second handler for the same message ends the process: it is a mistake of the program.
  template <class Row>
  void Add(Handler<Row> handler, Wants<Row> wants) {
    Entry entry{&Row::default_instance(), nullptr, nullptr};
    entry.apply = [handler = std::move(handler)](const v1::Change& change, const Message& row,
                                                 db::UnitOfWork& work) {
      return handler(change, static_cast<const Row&>(row), work);
    };
    if (wants != nullptr) {
      entry.wants = [wants = std::move(wants)](const v1::Change& change, const Message& row,
                                               std::vector<db::Want>& out) {
        wants(change, static_cast<const Row&>(row), out);
      };
    }
    Put(std::move(entry));
  }

  template <class Row>
  void AddMirror(const db::TableOf<Row>& table) {
    Add<Row>([&table](const v1::Change& change, const Row& row,
                      db::UnitOfWork& work) { return ApplyMirror(table, change, row, work); },
             [&table](const v1::Change&, const Row& row, std::vector<db::Want>& out) {
               out.push_back(db::Want::ForRow(table, row.name()));
             });
  }

  // Null when nobody wants this row.
  const Entry* Find(absl::string_view row) const;
  // Full names of the messages, for a WatchRequest.
  std::vector<std::string> Rows() const;

 private:
  void Put(Entry entry);

  absl::flat_hash_map<std::string, Entry> entries_;
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_HANDLERS_H_
