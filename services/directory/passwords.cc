#include "services/directory/passwords.h"

#include <cstdlib>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "sodium.h"

namespace pingan::directory {
namespace {

// libsodium's parameters for signing in while people wait (OWASP asks for 19 MiB and 2 passes at
// least).
constexpr unsigned long long kPasses = crypto_pwhash_OPSLIMIT_INTERACTIVE;  // 2
constexpr size_t kMemory = crypto_pwhash_MEMLIMIT_INTERACTIVE;              // 64 MiB
constexpr int kAlgorithm = crypto_pwhash_ALG_ARGON2ID13;

// A random hash with those parameters, of no known password: what is checked where there is none.
constexpr char kDummyHash[] =
    "$argon2id$v=19$m=65536,t=2,p=1$X0mM5VQbWqPzWbB0wYt6Jg$"
    "0y1mYV7nqk6v0vJtC1H9cS3m8dQx5oTzB4rWnE2uKfA";

constexpr absl::Duration kRetryAfter = absl::Seconds(1);

}  // namespace

PasswordHasher::PasswordHasher(int threads, size_t max_queue) : max_queue_(max_queue) {
  if (sodium_init() < 0) std::abort();
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

PasswordHasher::~PasswordHasher() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool PasswordHasher::Enter::await_suspend(std::coroutine_handle<> waiting) {
  absl::MutexLock lock(&hasher.mutex_);
  if (hasher.queue_.size() >= hasher.max_queue_) {
    status = base::RefuseFor(kRetryAfter, errors::v1::OVERLOADED);
    return false;
  }
  hasher.queue_.push_back(waiting);
  return true;
}

void PasswordHasher::Work() {
  while (true) {
    std::coroutine_handle<> next;
    {
      absl::MutexLock lock(&mutex_);
      const auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || !queue_.empty();
      };
      mutex_.Await(absl::Condition(&has_work));
      if (queue_.empty()) return;
      next = queue_.front();
      queue_.pop_front();
    }
    next.resume();
  }
}

base::Task<absl::StatusOr<std::string>> PasswordHasher::Hash(std::string password) {
  Enter enter{*this, {}};
  CO_RETURN_IF_ERROR(co_await enter);
  co_return HashNow(password);
}

base::Task<absl::StatusOr<bool>> PasswordHasher::Verify(std::string hash, std::string password) {
  Enter enter{*this, {}};
  CO_RETURN_IF_ERROR(co_await enter);
  co_return VerifyNow(hash, password);
}

std::string PasswordHasher::HashNow(absl::string_view password) {
  char hash[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str_alg(hash, password.data(), password.size(), kPasses, kMemory, kAlgorithm) !=
      0) {
    obs::LogMessage(obs::Severity::kError, "no memory for a password's hash");
    std::abort();
  }
  return hash;
}

bool PasswordHasher::VerifyNow(const std::string& hash, absl::string_view password) {
  const std::string& checked = hash.empty() ? kDummyHash : hash;
  const bool is_right =
      crypto_pwhash_str_verify(checked.c_str(), password.data(), password.size()) == 0;
  return is_right && !hash.empty();
}

}  // namespace pingan::directory
