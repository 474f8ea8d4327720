// A bounded queue of callers' work, in order of arrival, that knows how long each of them waits.
#ifndef PINGAN_COMMON_DB_PATIENT_QUEUE_H_
#define PINGAN_COMMON_DB_PATIENT_QUEUE_H_

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "common/db/command.h"

namespace pingan::db {

// What becomes of an item when a worker gathers a batch.
enum class Joining { kTake, kSkip, kStop };

// `Item` is movable and has `const Patience& patience() const`. Thread safe.
template <class Item>
class PatientQueue {
 public:
  struct Waiting {
    Item item;
    absl::Time since;
  };
  struct Ended {
    Item item;
    absl::Status status;
  };

  // Nobody waits longer than `longest_wait` for a database that is away. While one worker serves,
  // others are woken only for what has waited for `spare_after`: one batch costs less than two
  // small ones.
  PatientQueue(size_t limit, absl::Duration longest_wait,
               absl::Duration spare_after = absl::ZeroDuration())
      : limit_(limit), longest_wait_(longest_wait), spare_after_(spare_after) {}

  // Takes the item, or leaves it to the caller: OVERLOADED when `limit` items wait, or so many that
  // its turn would come only after its deadline; UNAVAILABLE after Stop().
  absl::Status Push(Item& item) {
    const absl::Time now = absl::Now();
    absl::MutexLock lock(&mutex_);
    if (stopped_) return base::Refuse(errors::v1::UNAVAILABLE);
    const absl::Duration wait = TimeToServe();
    const bool too_late = wait > absl::ZeroDuration() && item.patience().deadline < now + wait;
    if (items_.size() >= limit_ || too_late)
      return base::RefuseFor(absl::Seconds(1), errors::v1::OVERLOADED);
    items_.push_back({std::move(item), now});
    if (called_ < idle_ && !IsSeenTo()) {
      ++called_;
      arrived_.Signal();
    }
    return absl::OkStatus();
  }

  // Waits for an item to take, Stop(), or `timeout`. Whether there is one.
  bool Wait(absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    const absl::Time until = absl::Now() + timeout;
    ++idle_;
    while (!stopped_ && !IsOurs() && absl::Now() < until) {
      const bool spare = !items_.empty();
      spares_ += spare;
      arrived_.WaitWithDeadline(
          &mutex_, spare ? std::min(until, items_.front().since + spare_after_) : until);
      spares_ -= spare;
      called_ = std::max(0, called_ - 1);
    }
    --idle_;
    return stopped_ ? !items_.empty() : IsOurs();
  }

  // A worker that serves what it took, from before it takes until it has ended or put back all.
  class Serving {
   public:
    explicit Serving(PatientQueue& queue) : queue_(queue) { Add(1); }
    ~Serving() { Add(-1); }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;

   private:
    void Add(int change) {
      absl::MutexLock lock(&queue_.mutex_);
      queue_.serving_ += change;
    }
    PatientQueue& queue_;
  };

  // Takes the items that `join` takes, at most `most`, without waiting: `join` sees the first item
  // taken and the next one. Those on the way whose patience has ended go to `ended`.
  std::vector<Waiting> Take(size_t most,
                            absl::FunctionRef<Joining(const Item& first, const Item& next)> join,
                            std::vector<Ended>& ended) {
    std::vector<Waiting> taken;
    std::deque<Waiting> skipped;
    const absl::Time now = absl::Now();
    absl::MutexLock lock(&mutex_);
    while (!items_.empty() && taken.size() < most) {
      Waiting& next = items_.front();
      const Patience& patience = next.item.patience();
      Joining joining = Joining::kTake;
      if (patience.deadline <= now) {
        ended.push_back({std::move(next.item), base::Refuse(errors::v1::DEADLINE_EXCEEDED)});
      } else if (patience.abandoned && patience.abandoned()) {
        ended.push_back({std::move(next.item), base::Refuse(errors::v1::CANCELLED)});
      } else {
        if (!taken.empty()) joining = join(taken.front().item, next.item);
        if (joining == Joining::kStop) break;
        if (joining == Joining::kTake) {
          taken.push_back(std::move(next));
        } else {
          skipped.push_back(std::move(next));
        }
      }
      items_.pop_front();
    }
    items_.insert(items_.begin(), std::make_move_iterator(skipped.begin()),
                  std::make_move_iterator(skipped.end()));
    return taken;
  }

  // Tells how long a batch took that had as many items as a batch may have: what waits longer than
  // one batch is judged by it.
  void ServedFull(size_t items, absl::Duration took) {
    constexpr double kWeightOfLast = 0.2;
    absl::MutexLock lock(&mutex_);
    full_items_ = items;
    full_took_ = full_took_ == absl::ZeroDuration()
                     ? took
                     : full_took_ * (1 - kWeightOfLast) + took * kWeightOfLast;
  }

  // Takes the first items as long as `wanted` says so, however long they waited.
  std::vector<Waiting> TakeFront(absl::FunctionRef<bool(const Item&)> wanted) {
    std::vector<Waiting> taken;
    absl::MutexLock lock(&mutex_);
    while (!items_.empty() && wanted(items_.front().item)) {
      taken.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    return taken;
  }

  // Puts items back before all others, in their order, whatever the limit.
  void PutBack(std::vector<Waiting> items) {
    absl::MutexLock lock(&mutex_);
    items_.insert(items_.begin(), std::make_move_iterator(items.begin()),
                  std::make_move_iterator(items.end()));
  }

  // Takes those who are to be told now that the database is away: a little before their deadline,
  // so that the answer still reaches them; who has given up; all of them after Stop().
  std::vector<Waiting> TakeEnding() {
    constexpr absl::Duration kTimeToAnswer = absl::Milliseconds(100);
    std::vector<Waiting> ending;
    std::deque<Waiting> staying;
    const absl::Time now = absl::Now();
    absl::MutexLock lock(&mutex_);
    for (Waiting& waiting : items_) {
      const Patience& patience = waiting.item.patience();
      const absl::Time end =
          std::min(patience.deadline - kTimeToAnswer, waiting.since + longest_wait_);
      if (stopped_ || end <= now || (patience.abandoned && patience.abandoned())) {
        ending.push_back(std::move(waiting));
      } else {
        staying.push_back(std::move(waiting));
      }
    }
    items_ = std::move(staying);
    return ending;
  }

  QueueLoad load() const {
    absl::MutexLock lock(&mutex_);
    return {.waiting = items_.size(), .limit = limit_};
  }

  // Waits `duration`, or less when stopped.
  void Pause(absl::Duration duration) {
    absl::MutexLock lock(&mutex_);
    const absl::Time until = absl::Now() + duration;
    while (!stopped_ && !paused_.WaitWithDeadline(&mutex_, until)) {
    }
  }

  // Refuses what comes from now on.
  void Stop() {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    arrived_.SignalAll();
    paused_.SignalAll();
  }
  bool stopped() const {
    absl::MutexLock lock(&mutex_);
    return stopped_;
  }

 private:
  // What stands before a new item, its own batch and the one under way; zero when it would be in
  // the next batch.
  absl::Duration TimeToServe() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (full_items_ == 0 || items_.size() < full_items_) return absl::ZeroDuration();
    constexpr double kCaution = 1.25;  // batches differ, and an answer takes a while, too
    return full_took_ * kCaution *
           (static_cast<double>(items_.size()) / static_cast<double>(full_items_) + 2);
  }

  // Whether a worker takes what waits as soon as it can, and a spare one looks after it.
  bool IsSeenTo() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (spare_after_ == absl::ZeroDuration()) return false;
    return called_ > 0 || (serving_ > 0 && spares_ > 0);
  }
  // Whether a worker that is idle should take what waits.
  bool IsOurs() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (items_.empty()) return false;
    return serving_ == 0 || items_.front().since + spare_after_ <= absl::Now();
  }

  const size_t limit_;
  const absl::Duration longest_wait_;
  const absl::Duration spare_after_;
  mutable absl::Mutex mutex_;
  absl::CondVar arrived_;
  absl::CondVar paused_;
  std::deque<Waiting> items_ ABSL_GUARDED_BY(mutex_);
  size_t full_items_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration full_took_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
  int idle_ ABSL_GUARDED_BY(mutex_) = 0;    // workers in Wait()
  int called_ ABSL_GUARDED_BY(mutex_) = 0;  // of these, who were woken and have not looked yet
  int spares_ ABSL_GUARDED_BY(mutex_) = 0;  // of these, who look after what a busy one may leave
  int serving_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_PATIENT_QUEUE_H_
