// A thread that finishes what workers have done: resumes callers and frees memory, so that workers
// turn to their next batch at once. (Finishing answers on the writer's own thread cost 20 to 50 %
// of its throughput. Lookups are finished by their worker: there the larger batches win.)
#ifndef PINGAN_COMMON_DB_FINISHER_H_
#define PINGAN_COMMON_DB_FINISHER_H_

#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pingan::db {

// Thread safe.
class Finisher {
 public:
  using Work = absl::AnyInvocable<void()>;

  // While ticking, `tick` runs every `every` on the thread.
  explicit Finisher(std::function<void()> tick = {}, absl::Duration every = absl::Milliseconds(20));
  ~Finisher();

  // Runs `work` on the thread, in order of posting.
  void Post(Work work);
  void SetTicking(bool ticking);
  // Runs what was posted and ends the thread. Idempotent; nothing may be posted afterwards.
  void Stop();

 private:
  void Run();

  const std::function<void()> tick_;
  const absl::Duration every_;
  absl::Mutex mutex_;
  absl::CondVar woken_;
  std::vector<Work> posted_ ABSL_GUARDED_BY(mutex_);
  bool ticking_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_FINISHER_H_
