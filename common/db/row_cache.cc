// Reading: the identity map and the lists. What changes rows is in row_cache_changes.cc.
#include "common/db/row_cache.h"

#include <algorithm>
#include <utility>

#include "common/base/timestamps.h"

namespace pingan::db {

RowCache::RowCache(const Catalogue& catalogue, RowSource& source, absl::Time now)
    : catalogue_(catalogue), source_(source), now_(now), now_timestamp_(base::ToTimestamp(now)) {
  shelves_.resize(catalogue.tables().size());
  for (const auto& table : catalogue.tables()) {
    for (const auto& query : table->queries()) ShelfOf(*table).lists.emplace_back(*query);
  }
}

void RowCache::Begin(const Command& command) {
  command_ = &command;
  failure_ = absl::OkStatus();
}

CachedRow* RowCache::Entry(const BoundTable& table, absl::string_view name) {
  Shelf& shelf = ShelfOf(table);
  if (const auto found = shelf.rows.find(name); found != shelf.rows.end()) return found->second;
  CachedRow& row = rows_.emplace_back();
  row.table = &table;
  row.name = std::string(name);
  if (!table.mapper().Split(row.name, row.key)) {
    rows_.pop_back();
    return nullptr;
  }
  shelf.rows.emplace(row.name, &row);
  return &row;
}

CachedRow* RowCache::Get(const BoundTable& table, absl::string_view name) {
  CachedRow* row = Entry(table, name);
  if (row == nullptr || row->read || row->live != nullptr) return row;
  if (dry_) {
    wanted_.push_back(Wanted::Row(table, row->name));
    throw Missing{};
  }
  ++late_reads_;
  LoadRows(table, {row});
  return row;
}

const Message* RowCache::Find(const BoundTable& table, absl::string_view name) {
  const CachedRow* row = Get(table, name);
  return row != nullptr && row->exists ? row->live : nullptr;
}

void RowCache::LoadRows(const BoundTable& table, const std::vector<CachedRow*>& rows) {
  std::vector<Segments> keys;
  keys.reserve(rows.size());
  for (const CachedRow* row : rows) keys.push_back(row->key);
  source_.LoadRows(
      table, keys, [&] { return NewMessage(table); },
      [&](Message* message) {
        CachedRow& row = *ShelfOf(table).rows.at(table.mapper().NameOf(*message));
        row.base = row.live = message;
        row.exists = true;
      });
  for (CachedRow* row : rows) row->read = true;
}

std::optional<Wanted> RowCache::Resolve(const Want& want) const {
  if (want.query == nullptr) return Wanted::Row(catalogue_.Of(*want.table), want.name);
  const BoundQuery& query = catalogue_.Of(*want.query);
  std::vector<Value> values = want.values;
  if (want.from_now) values.emplace_back(now_);
  std::optional<ListKey> key = query.KeyOf(want.name, values);
  if (!key.has_value() || want.limit <= 0) return std::nullopt;
  return Wanted::List(query, *std::move(key), want.limit);
}

void RowCache::Prefetch(const std::vector<Wanted>& wanted) {
  std::vector<std::vector<CachedRow*>> rows(shelves_.size());
  absl::flat_hash_set<const CachedRow*> seen;
  absl::flat_hash_map<const BoundQuery*, absl::flat_hash_map<ListKey, int64_t>> lists;
  for (const Wanted& want : wanted) {
    if (want.query == nullptr) {
      CachedRow* row = Entry(*want.table, want.name);
      if (row != nullptr && !row->read && row->live == nullptr && seen.insert(row).second) {
        rows[want.table->number()].push_back(row);
      }
    } else {
      int64_t& limit = lists[want.query][want.list.key];
      limit = std::min(kAll, limit + want.list.limit);
    }
  }
  for (const auto& table : catalogue_.tables()) {
    if (!rows[table->number()].empty()) LoadRows(*table, rows[table->number()]);
  }
  for (auto& [query, limits] : lists) {
    std::vector<WantedList> load;
    for (auto& [key, limit] : limits) {
      // A list that was read too short is read again, for those who have it and those who want
      // more.
      const CachedList* known = ListsOf(*query).Find(key);
      if (known != nullptr && known->whole()) continue;
      load.push_back({key, known == nullptr ? limit : std::min(kAll, known->limit() + limit)});
    }
    if (!load.empty()) LoadLists(*query, load);
  }
}

void RowCache::LoadLists(const BoundQuery& query, const std::vector<WantedList>& wanted) {
  ListCache& lists = ListsOf(query);
  for (const WantedList& want : wanted) lists.Reset(want.key, want.limit);
  std::vector<CachedList*> targets;  // only now: making lists moves others
  for (const WantedList& want : wanted) targets.push_back(lists.Find(want.key));

  struct Read {
    CachedList* list;
    CachedRow* row;
    std::string order;
  };
  std::vector<Read> reads;
  source_.LoadLists(
      query, wanted, /*ordered=*/false, [&] { return NewMessage(query.table()); },
      [&](size_t list, Message* message) {
        CachedRow& row = *Entry(query.table(), query.table().mapper().NameOf(*message));
        std::string order = query.OrderOf(*message, row.key);
        targets[list]->Read(order);
        if (!row.read && row.live == nullptr) {
          row.base = row.live = message;
          row.exists = true;
        }
        row.read = true;
        // A row inserted by the running command is not there for anyone else, whatever the database
        // shows.
        if (!row.dirty && (row.existed || !row.touched))
          reads.push_back({targets[list], &row, std::move(order)});
      });
  // The horizons are known now. Rows that accepted commands changed stand where these left them,
  // whatever the database shows; rows that only the running command touched stand where they were
  // before it.
  for (const Read& read : reads) read.list->Add(read.order, read.row);
  for (CachedRow* row : ShelfOf(query.table()).dirty) {
    if (row->touched ? !row->existed : !row->exists) continue;
    for (CachedList* list : targets)
      lists.AddTo(*list, row->touched ? *row->before : *row->live, row->key, row);
  }
}

std::vector<const Message*> RowCache::List(const BoundQuery& query, absl::string_view within,
                                           int64_t limit, Values values) {
  std::optional<ListKey> key = query.KeyOf(within, values);
  if (!key.has_value() || limit <= 0) return {};
  for (int64_t ask = limit;;) {
    if (const CachedList* list = ListsOf(query).Find(*key); list != nullptr) {
      std::vector<const Message*> rows = Collect(query, *list, limit);
      if (list->whole() || rows.size() >= static_cast<size_t>(limit)) return rows;
      // So many rows of it are gone by now that the known part is too short: read on.
      ask = std::min(kAll, std::max(limit, list->limit()) * 4);
    }
    if (dry_) {
      wanted_.push_back(Wanted::List(query, *std::move(key), limit));
      throw Missing{};
    }
    ++late_reads_;
    LoadLists(query, {{*key, ask}});
  }
}

std::vector<const Message*> RowCache::Collect(const BoundQuery& query, const CachedList& list,
                                              int64_t limit) const {
  // What the running command touched stands where it is now.
  std::vector<std::pair<std::string, const Message*>> own;
  for (const CachedRow* row : touched_) {
    if (row->table != &query.table() || !row->exists) continue;
    std::string equal;
    if (!query.EqualOf(*row->live, row->key, equal) || equal != list.key().equal) continue;
    if (!query.AboveFloor(*row->live, row->key, list.key())) continue;
    std::string order = query.OrderOf(*row->live, row->key);
    if (list.Reaches(order)) own.emplace_back(std::move(order), row->live);
  }
  std::sort(own.begin(), own.end());

  std::vector<const Message*> rows;
  const auto full = [&] { return rows.size() >= static_cast<size_t>(limit); };
  auto next = own.begin();
  for (const auto& [order, row] : list.rows()) {
    if (full()) return rows;
    if (row->touched) continue;
    for (; next != own.end() && next->first < order && !full(); ++next)
      rows.push_back(next->second);
    if (!full()) rows.push_back(row->live);
  }
  for (; next != own.end() && !full(); ++next) rows.push_back(next->second);
  return rows;
}

}  // namespace pingan::db
