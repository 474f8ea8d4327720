#include "common/db/list_cache.h"

namespace pingan::db {

void CachedList::Read(absl::string_view order) {
  ++read_;
  if (order > horizon_) horizon_ = std::string(order);
}

void CachedList::Add(const std::string& order, CachedRow* row) {
  if (Reaches(order)) rows_.emplace(order, row);
}

CachedList* ListCache::Find(const ListKey& key) {
  const auto found = lists_.find(key.equal);
  if (found == lists_.end()) return nullptr;
  for (CachedList& list : found->second) {
    if (list.key().floor == key.floor) return &list;
  }
  return nullptr;
}

CachedList& ListCache::Reset(const ListKey& key, int64_t limit) {
  if (CachedList* list = Find(key); list != nullptr) return *list = CachedList(key, limit);
  return lists_[key.equal].emplace_back(key, limit);
}

void ListCache::Move(const google::protobuf::Message* before,
                     const google::protobuf::Message* after, const Segments& key, CachedRow* row) {
  std::string equal;
  if (before != nullptr && query_.EqualOf(*before, key, equal)) {
    if (const auto found = lists_.find(equal); found != lists_.end()) {
      const std::string order = query_.OrderOf(*before, key);
      for (CachedList& list : found->second) list.Remove(order);
    }
  }
  equal.clear();
  if (after != nullptr && query_.EqualOf(*after, key, equal)) {
    if (const auto found = lists_.find(equal); found != lists_.end()) {
      const std::string order = query_.OrderOf(*after, key);
      for (CachedList& list : found->second) {
        if (query_.AboveFloor(*after, key, list.key())) list.Add(order, row);
      }
    }
  }
}

void ListCache::AddTo(CachedList& list, const google::protobuf::Message& row, const Segments& key,
                      CachedRow* cached) const {
  std::string equal;
  if (query_.EqualOf(row, key, equal) && equal == list.key().equal &&
      query_.AboveFloor(row, key, list.key())) {
    list.Add(query_.OrderOf(row, key), cached);
  }
}

}  // namespace pingan::db
