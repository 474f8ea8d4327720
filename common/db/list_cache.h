// Lists that a unit of work has read, kept as its commands change rows.
#ifndef PINGAN_COMMON_DB_LIST_CACHE_H_
#define PINGAN_COMMON_DB_LIST_CACHE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/db/catalogue.h"
#include "google/protobuf/message.h"

namespace pingan::db {

struct CachedRow;

// One list as all accepted commands left it. What was read of it from the database ends at a
// horizon: the order of the last row read, if the read was cut by its limit. Up to the horizon the
// list is exact. Beyond it nothing is known, not even of rows that are in the cache, because others
// may stand between them.
class CachedList {
 public:
  // An empty list of which `limit` rows are about to be read.
  CachedList(ListKey key, int64_t limit) : key_(std::move(key)), limit_(limit) {}

  const ListKey& key() const { return key_; }
  int64_t limit() const { return limit_; }
  // Whether the list is known to its end.
  bool whole() const { return read_ < limit_; }
  // Whether a row of this order is, or would be, in the known part.
  bool Reaches(absl::string_view order) const { return whole() || order <= horizon_; }

  // Counts a row that was read; rows come in any order.
  void Read(absl::string_view order);
  // The known rows in order. Rows beyond the horizon are never among them.
  const absl::btree_map<std::string, CachedRow*>& rows() const { return rows_; }
  // Adds a row within reach, or nothing.
  void Add(const std::string& order, CachedRow* row);
  void Remove(absl::string_view order) { rows_.erase(order); }

 private:
  ListKey key_;
  int64_t limit_;
  int64_t read_ = 0;
  std::string horizon_;
  absl::btree_map<std::string, CachedRow*> rows_;
};

// All lists of one query. Lists of equal values differ by their floors.
class ListCache {
 public:
  explicit ListCache(const BoundQuery& query) : query_(query) {}

  const BoundQuery& query() const { return query_; }
  bool empty() const { return lists_.empty(); }

  CachedList* Find(const ListKey& key);
  // Makes an empty list, in place of the one with this key if there is one.
  CachedList& Reset(const ListKey& key, int64_t limit);

  // A row that was `before` is `after`: moves it between and within lists. Null is a row that is
  // not there.
  void Move(const google::protobuf::Message* before, const google::protobuf::Message* after,
            const Segments& key, CachedRow* row);
  // Adds to one list a row that the database may show differently.
  void AddTo(CachedList& list, const google::protobuf::Message& row, const Segments& key,
             CachedRow* cached) const;

 private:
  const BoundQuery& query_;
  absl::flat_hash_map<std::string, std::vector<CachedList>> lists_;  // by the equal values
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_LIST_CACHE_H_
