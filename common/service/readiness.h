// Whether this process may be asked: its database answers, and has a schema that fits.
#ifndef PINGAN_COMMON_SERVICE_READINESS_H_
#define PINGAN_COMMON_SERVICE_READINESS_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pingan::service {

struct ReadinessOptions {
  // How long an answer of the database is believed: two sweeps of the feed, less one second.
  absl::Duration believed = absl::Seconds(7);
  absl::Duration tell_every = absl::Seconds(5);
};

// Asks nobody and so waits for nobody: a database that stands still is one of which nothing is
// heard. Thread safe.
class Readiness {
 public:
  explicit Readiness(ReadinessOptions options = {}) : options_(options) {}
  ~Readiness() { Stop(); }

  // The database has answered just now; whether the schema that it has fits this binary.
  void OnAnswer(bool fits);
  // It is away.
  void OnLoss();

  // From now on `tell` is called, on a thread of its own: at once, when readiness has changed, and
  // every few seconds.
  void Start(std::function<void(bool is_ready)> tell);
  // Ends that. Idempotent.
  void Stop();

 private:
  void Run(const std::function<void(bool)>& tell);
  bool IsReady() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ReadinessOptions options_;
  absl::Mutex mutex_;
  bool fits_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time believed_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool told_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace pingan::service

#endif  // PINGAN_COMMON_SERVICE_READINESS_H_
