// Passwords: argon2id on threads of their own, because one hash takes 64 MiB and a tenth of a
// second.
#ifndef PINGAN_SERVICES_DIRECTORY_PASSWORDS_H_
#define PINGAN_SERVICES_DIRECTORY_PASSWORDS_H_

#include <coroutine>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/base/task.h"

namespace pingan::directory {

// As many hashes at once as there are threads; so many may wait, more are refused with OVERLOADED.
// Thread safe. Awaiting callers go on on the hashing threads: what they do next must be quick.
class PasswordHasher {
 public:
  explicit PasswordHasher(int threads, size_t max_queue = 64);
  // Does what waits, then ends.
  ~PasswordHasher();
  PasswordHasher(const PasswordHasher&) = delete;
  PasswordHasher& operator=(const PasswordHasher&) = delete;

  // argon2id in its own text form, with a salt.
  base::Task<absl::StatusOr<std::string>> Hash(std::string password);
  // Whether `hash` is of `password`. An empty hash (no such user, no password) is never right and
  // takes as long.
  base::Task<absl::StatusOr<bool>> Verify(std::string hash, std::string password);

  // The work itself, on the calling thread.
  static std::string HashNow(absl::string_view password);
  static bool VerifyNow(const std::string& hash, absl::string_view password);

 private:
  // co_await Enter: the coroutine goes on on a hashing thread, or here with OVERLOADED.
  struct Enter {
    PasswordHasher& hasher;
    absl::Status status;

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting);
    absl::Status await_resume() { return std::move(status); }
  };

  void Work();

  const size_t max_queue_;
  absl::Mutex mutex_;
  std::deque<std::coroutine_handle<>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_PASSWORDS_H_
