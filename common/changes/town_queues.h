// The towns a replica follows: what was received and is still to take effect, and the commands that
// are under way.
#ifndef PINGAN_COMMON_CHANGES_TOWN_QUEUES_H_
#define PINGAN_COMMON_CHANGES_TOWN_QUEUES_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/changes/apply_changes.h"
#include "common/changes/backoff.h"
#include "common/changes/bucket.h"
#include "common/changes/cursor_board.h"
#include "common/changes/follower.h"
#include "common/changes/handlers.h"
#include "common/db/town_writer.h"
#include "common/obs/metrics.h"

namespace pingan::changes {

// For one thread: commands' answers are brought back to it by `post`.
//
// A town whose changes are refused keeps one of them, to try again, and drops what else comes. When
// it is taken at last, the log must be asked again from the stored cursor: `ask_again` is called.
// So a town that stands still costs no memory and holds up nobody.
class TownQueues {
 public:
  struct Hooks {
    std::function<void(std::function<void()>)> post;  // thread safe
    std::function<void()> ask_again;                  // something was dropped or is missing
    std::function<bool()> abandoned;  // thread safe: commands not begun may be dropped
  };

  TownQueues(const FollowerOptions& options, const Handlers& handlers, db::TownWriter& writer,
             base::Clock& clock, CursorBoard& board, Hooks hooks);

  // Begins nothing until Reset(). Only while idle(): what is forgotten then must not be under way.
  void Rest() { resting_ = true; }
  // Forgets everything but towns in trouble that are in `buckets`. The board holds the stored
  // cursors.
  void Reset(const Buckets& buckets);
  void Receive(v1::TenantChanges changes);

  // Starts the commands that are due at `now` (real time).
  void Advance(absl::Time now);
  // When Advance() has something to do by itself.
  absl::Time next() const {
    return resting_ || retries_.empty() ? absl::InfiniteFuture() : retries_.begin()->first;
  }
  // Stores cursors that only passed unwanted changes, and measures how late we are: to be called
  // from time to time while unsettled().
  void Tick();
  bool unsettled() const { return unsettled_; }

  bool idle() const { return running_ == 0 && ready_.empty(); }
  size_t running() const { return running_; }
  // Changes received and not applied, of towns without trouble.
  size_t waiting() const { return waiting_; }

 private:
  struct Town {
    std::string tenant;
    int64_t from = 0;  // the stored cursor, as far as we know
    int64_t up_to =
        0;  // the log is known up to here; `changes` are all wanted ones in (from, up_to]
    std::deque<Received> changes;
    std::unique_ptr<ApplyChanges> command;  // under way
    bool ready = false;                     // in ready_
    size_t limit;                           // changes in the next command
    std::optional<Backoff> trouble;
    bool dropped = false;  // something that came later than `up_to`
    bool halted = false;   // nothing is done until the log is asked again
  };

  void Take(Town& town, v1::TenantChanges& changes);
  void MakeReady(Town& town);
  void Run(Town& town);
  void OnAnswer(Town& town, const absl::Status& status);
  void OnApplied(Town& town);
  void OnRefused(Town& town, const absl::Status& status);
  void OnLost(Town& town);
  void Halt(Town& town);
  void EnterTrouble(Town& town, const absl::Status& status);
  void LeaveTrouble(Town& town);
  void ForgetChanges(Town& town);

  const FollowerOptions& options_;
  const Handlers& handlers_;
  db::TownWriter& writer_;
  base::Clock& clock_;
  CursorBoard& board_;
  const Hooks hooks_;
  const std::string actor_;

  std::unordered_map<std::string, Town> towns_;  // entries stay where they are
  std::deque<Town*> ready_;
  std::multimap<absl::Time, Town*> retries_;
  size_t running_ = 0;
  size_t waiting_ = 0;
  bool resting_ = false;
  bool unsettled_ = false;  // a town has more than is stored, as far as the last tick knew

  obs::Counter& applied_metric_;
  obs::Gauge& waiting_metric_;
  obs::Gauge& stopped_metric_;
  obs::Gauge& lag_metric_;
  obs::Histogram& delay_metric_;
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_TOWN_QUEUES_H_
