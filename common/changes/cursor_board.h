// How far each town is followed, for everyone to read.
#ifndef PINGAN_COMMON_CHANGES_CURSOR_BOARD_H_
#define PINGAN_COMMON_CHANGES_CURSOR_BOARD_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pingan::changes {

// Thread safe.
class CursorBoard {
 public:
  using Cursors = absl::flat_hash_map<std::string, int64_t>;

  void Replace(Cursors cursors) {
    absl::MutexLock lock(&mutex_);
    cursors_ = std::move(cursors);
  }
  void Set(const std::string& tenant, int64_t seq) {
    absl::MutexLock lock(&mutex_);
    cursors_[tenant] = seq;
  }
  template <class Visitor>
  void ForEach(Visitor visit) const {
    absl::MutexLock lock(&mutex_);
    for (const auto& [tenant, seq] : cursors_) visit(tenant, seq);
  }
  int64_t Get(absl::string_view tenant) const {
    absl::MutexLock lock(&mutex_);
    return Find(tenant);
  }
  bool WaitUntil(absl::string_view tenant, int64_t seq, absl::Time deadline) const {
    absl::MutexLock lock(&mutex_);
    const auto reached = [&]()
                             ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return Find(tenant) >= seq; };
    return mutex_.AwaitWithDeadline(absl::Condition(&reached), deadline);
  }

 private:
  int64_t Find(absl::string_view tenant) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = cursors_.find(tenant);
    return found == cursors_.end() ? 0 : found->second;
  }

  mutable absl::Mutex mutex_;
  Cursors cursors_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_CURSOR_BOARD_H_
