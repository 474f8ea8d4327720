// Changing rows: what commands do to the cache, and what of it goes to the database.
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/db/field_access.h"
#include "common/db/row_cache.h"
#include "common/obs/log.h"

namespace pingan::db {

Message* RowCache::Copy(const BoundTable& table, const Message& row) {
  Message* copy = NewMessage(table);
  copy->CopyFrom(row);
  return copy;
}

void RowCache::Fail(absl::Status status) {
  if (failure_.ok()) failure_ = std::move(status);
}

void RowCache::FailAsMistake(absl::string_view what, absl::string_view name) {
  if (!dry_) {
    obs::LogLine(obs::Severity::kError)
        .Str("message", "a rule is wrong")
        .Str("what", what)
        .Str("method", command_->method)
        .Str("row", name)
        .Emit();
  }
  Fail(base::Refuse(errors::v1::INTERNAL));
}

// A row that goes nowhere, for a rule that failed and runs on.
Message& RowCache::Scratch(const Message& row) {
  Message* scratch = row.New(&arena_);
  scratch->CopyFrom(row);
  return *scratch;
}

CachedRow* RowCache::Touch(const BoundTable& table, CachedRow* row, absl::string_view verb) {
  if (row->key[0] != command_->tenant) {
    FailAsMistake("it writes to a tenant that is not the command's", row->name);
    return nullptr;
  }
  if (!row->touched) {
    row->touched = true;
    row->existed = row->exists;
    row->inserted = false;
    row->before = row->live == nullptr ? nullptr : Copy(table, *row->live);
    touched_.push_back(row);
  }
  if (!row->inserted) row->verb = verb;
  return row;
}

Message& RowCache::Change(const Message& row, absl::string_view name, absl::string_view verb) {
  const BoundTable* table = catalogue_.Of(row.GetDescriptor());
  CachedRow* entry = table == nullptr ? nullptr : Get(*table, name);
  if (entry == nullptr || !entry->exists) {
    FailAsMistake("it changes a row that is not there", name);
    return Scratch(row);
  }
  if (Touch(*table, entry, verb) == nullptr) return Scratch(row);
  KeepColumns(*entry);
  return *entry->live;
}

Message& RowCache::Insert(const BoundTable& table, std::unique_ptr<Message> row,
                          absl::string_view verb) {
  CachedRow* entry = Entry(table, table.mapper().NameOf(*row));
  if (entry == nullptr) {
    FailAsMistake("it inserts a row whose name does not fit its table",
                  table.mapper().NameOf(*row));
    return Scratch(*row);
  }
  if (entry->exists) {
    Fail(base::Refuse(errors::v1::ALREADY_EXISTS, {{"resource", entry->name}}));
    return Scratch(*row);
  }
  if (Touch(table, entry, verb) == nullptr) return Scratch(*row);
  if (entry->live == nullptr) {
    entry->live = row.get();
    arena_.Own(row.release());
  } else {
    entry->live->CopyFrom(*row);
  }
  entry->exists = true;
  entry->inserted = !entry->existed;
  table.mapper().SetKey(entry->key, *entry->live);
  KeepColumns(*entry);
  return *entry->live;
}

void RowCache::Delete(const Message& row, absl::string_view name) {
  const BoundTable* table = catalogue_.Of(row.GetDescriptor());
  CachedRow* entry = table == nullptr ? nullptr : Get(*table, name);
  if (entry == nullptr || !entry->exists)
    return FailAsMistake("it deletes a row that is not there", name);
  if (Touch(*table, entry, "deleted") == nullptr) return;
  entry->exists = false;
  entry->inserted = false;
}

// create_time, update_time and etag follow from what the row was; whatever a rule writes there is
// written over.
void RowCache::KeepColumns(CachedRow& row) const {
  const BoundTable& table = *row.table;
  const google::protobuf::Reflection* reflection = row.live->GetReflection();
  const Message* before = row.existed ? row.before : nullptr;
  if (const FieldDescriptor* field = table.create_time(); field != nullptr) {
    if (before == nullptr) {
      MutableTimeIn(*row.live, field).CopyFrom(now_timestamp_);
    } else if (reflection->HasField(*before, field)) {
      MutableTimeIn(*row.live, field).CopyFrom(TimeIn(*before, field));
    }
  }
  if (const FieldDescriptor* field = table.update_time(); field != nullptr) {
    MutableTimeIn(*row.live, field).CopyFrom(now_timestamp_);
  }
  if (const FieldDescriptor* field = table.etag(); field != nullptr) {
    int64_t revision = 0;
    if (before != nullptr) (void)absl::SimpleAtoi(StringIn(*before, field), &revision);
    reflection->SetString(row.live, field, absl::StrCat(revision + 1));
  }
}

absl::Status RowCache::Check() const {
  for (const CachedRow* row : touched_) {
    if (!row->exists) continue;
    if (row->table->mapper().NameOf(*row->live) != row->name) {
      return absl::FailedPreconditionError(absl::StrCat("the name of ", row->name, " was changed"));
    }
    RETURN_IF_ERROR(row->table->mapper().Check(*row->live, row->key));
  }
  return absl::OkStatus();
}

void RowCache::Accept() {
  for (CachedRow* row : touched_) {
    Shelf& shelf = ShelfOf(*row->table);
    row->touched = false;
    if (row->exists) {
      row->table->mapper().Normalise(*row->live);
      KeepColumns(*row);
    } else if (!row->existed) {
      row->live = row->before;  // inserted and deleted by one command
      continue;
    }
    const Message* before = row->existed ? row->before : nullptr;
    const Message* after = row->exists ? row->live : nullptr;
    for (ListCache& lists : shelf.lists) {
      if (!lists.empty()) lists.Move(before, after, row->key, row);
    }
    if (!row->dirty) {
      row->dirty = true;
      if (row->base != nullptr) row->base = row->before;
      shelf.dirty.push_back(row);
    }
    row->last_verb = row->verb;
    row->last = command_;
    if (row->table->table().options().logged == Logged::kEach)
      AddChange(*row, row->verb, *command_);
  }
  touched_.clear();
}

void RowCache::Reject() {
  for (CachedRow* row : touched_) {
    row->touched = false;
    row->live = row->before;
    row->exists = row->existed;
    if (!row->dirty && row->base != nullptr) row->base = row->live;
  }
  touched_.clear();
  failure_ = absl::OkStatus();
}

void RowCache::AddChange(const CachedRow& row, absl::string_view verb, const Command& command) {
  const FieldDescriptor* mechanism = row.table->mechanism();
  changes_.push_back({.tenant = row.key[0],
                      .name = row.name,
                      .type = absl::StrCat(row.table->message(), ".", verb),
                      .mechanism = mechanism == nullptr ? 0 : NumberIn(*row.live, mechanism),
                      .body = row.live->SerializeAsString(),
                      .command = &command});
}

std::vector<ChangeRow> RowCache::TakeChanges() {
  for (const auto& table : catalogue_.tables()) {
    if (table->table().options().logged != Logged::kLast) continue;
    for (const CachedRow* row : ShelfOf(*table).dirty) {
      if (row->exists || row->base != nullptr) AddChange(*row, row->last_verb, *row->last);
    }
  }
  return std::exchange(changes_, {});
}

RowCache::Writes RowCache::WritesOf(const BoundTable& table) const {
  Writes writes;
  for (const CachedRow* row : shelves_[table.number()].dirty) {
    if (row->exists) {
      (row->base == nullptr ? writes.inserts : writes.updates).push_back(row);
    } else if (row->base != nullptr) {
      writes.deletes.push_back(row);
    }
  }
  return writes;
}

void RowCache::Put(const BoundTable& table, std::unique_ptr<Message> message, bool deleted) {
  CachedRow* row = Entry(table, table.mapper().NameOf(*message));
  if (row == nullptr) return;
  row->live = message.get();
  arena_.Own(message.release());
  row->exists = !deleted;
  row->read = true;
  if (!row->dirty) ShelfOf(table).dirty.push_back(row);
  row->dirty = true;
}

}  // namespace pingan::db
