// One transaction: the frame that every write goes through.
//
//   1. lock the heads of the tenants (and make those that are new)
//   2. look up the requests: replays are answered, a request id with another body is refused
//   3. fetch what the rules want: declared wants, then what dry runs stop at
//   4. run the rules in order of arrival; a refusal undoes only itself
//   5. write rows, change rows, requests, heads; commit
#ifndef PINGAN_COMMON_DB_BATCH_H_
#define PINGAN_COMMON_DB_BATCH_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/db/catalogue.h"
#include "common/db/command.h"
#include "common/db/row_cache.h"
#include "common/db/session.h"
#include "common/db/sql_rows.h"
#include "common/db/town_writer.h"

namespace pingan::db {

// A change row that the transaction would leave behind: its id says whether a commit whose answer
// was lost took place.
struct CommitMark {
  std::string tenant;
  int64_t seq = 0;
  std::string change_id;  // empty: the transaction leaves no change row
};

// Used once, by one thread. Throws what Session throws; then the caller rolls back, and nothing
// happened unless `committing()`.
class Batch {
 public:
  // Commands stay in order; all are alive while the batch is.
  Batch(Session& session, const Catalogue& catalogue, absl::Time now,
        std::vector<Command*> commands);

  // Runs the transaction; `statuses()` are what the commands are to be answered when it returns.
  // Changes nothing in the database when no command was accepted.
  void Run();

  const std::vector<absl::Status>& statuses() const { return statuses_; }
  // The tenants whose log grew.
  std::vector<Committed> committed() const;
  // Whether COMMIT was sent, so that an error leaves open whether it took place.
  bool committing() const { return committing_; }
  const CommitMark& mark() const { return mark_; }
  // Fills what the batch knows of a report.
  void Report(BatchReport& report) const;

  // Whether a transaction whose COMMIT was sent took place. Waits for it to end if it is still
  // running.
  static bool TookPlace(Session& session, const CommitMark& mark);

 private:
  // A tenant in this transaction.
  struct Head {
    int64_t seq = -1;
    int64_t before = -1;
    bool made = false;      // by this transaction
    bool accepted = false;  // some command of it
  };
  using Heads = std::map<std::string, Head>;
  struct Seen {
    std::string hash;
    std::string answer;
  };

  static void BeginAndLockHeads(Session& session, Heads& heads);
  void LookUpRequests();
  void FetchWanted();
  void RunDry(std::vector<size_t> open);
  absl::Status Decide(Command& command, bool again);
  void DecideAll();
  absl::Status Replay(Command& command, const Seen& seen);
  void WriteRows();
  void WriteChangesAndRequests();
  void WriteHeadsAndCommit();

  Session& session_;
  SqlRows source_;
  RowCache rows_;
  UnitOfWork work_;
  const absl::Time now_;
  const std::vector<Command*> commands_;
  std::vector<absl::Status> statuses_;
  std::vector<std::string> request_keys_;  // "" for commands without a request id
  Heads heads_;
  absl::flat_hash_map<std::string, Seen> seen_;
  ArrayParameters requests_;
  CommitMark mark_;
  bool committing_ = false;
  bool any_accepted_ = false;
  size_t changes_ = 0;
  size_t refused_ = 0;
  size_t replayed_ = 0;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_BATCH_H_
