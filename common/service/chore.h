// What time itself brings about: a step that is run in every town where something has come due.
//
// Towns are shared among replicas by the leases that followers use, too. A step is a command of the
// town's writer like any other: logged, alone in its town, and harmless when two replicas run it.
#ifndef PINGAN_COMMON_SERVICE_CHORE_H_
#define PINGAN_COMMON_SERVICE_CHORE_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/changes/leases.h"
#include "common/db/row_reader.h"
#include "common/db/town_writer.h"
#include "common/db/unit_of_work.h"

namespace pingan::service {

struct ChoreOptions {
  std::string name;  // "release_listings": what leases and the change log call it
  // SQL of the towns that have something due at $1: one column of texts, without repetition.
  std::string due_towns;
  // Does some of what is due at work.now() in work.tenant(), within a few milliseconds; whether
  // there is more.
  std::function<absl::StatusOr<bool>(db::UnitOfWork& work)> step;
  absl::Duration every = absl::Seconds(15);
};

class Chore {
 public:
  // All outlive it. `service` is who acts ("services/exchange").
  Chore(ChoreOptions options, std::string service, changes::LeaseKeeper& leases,
        db::TownWriter& writer, db::RowReader& reader, base::Clock& clock);
  ~Chore() { Stop(); }

  void Start();
  void Stop();

  // Does all that is due now in the towns of these buckets, on the calling thread. Goes on with
  // other towns when one fails; the first failure.
  absl::Status Run(changes::Buckets buckets);

 private:
  void Loop();
  std::string work() const { return "chore/" + options_.name; }  // as leases have it
  absl::Status RunIn(const std::string& town);

  const ChoreOptions options_;
  const std::string service_;
  changes::LeaseKeeper& leases_;
  db::TownWriter& writer_;
  db::RowReader& reader_;
  base::Clock& clock_;
  absl::Mutex mutex_;
  changes::Buckets buckets_ ABSL_GUARDED_BY(mutex_);
  absl::Notification stopping_;
  std::thread thread_;
};

}  // namespace pingan::service

#endif  // PINGAN_COMMON_SERVICE_CHORE_H_
