#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/passwords.h"

namespace pingan::directory {
namespace {

template <class T>
T WaitFor(base::Task<T> task) {
  std::optional<T> result;
  absl::Notification done;
  base::Detach([](base::Task<T> awaited, std::optional<T>& into,
                  absl::Notification& notified) -> base::Task<void> {
    into.emplace(co_await std::move(awaited));
    notified.Notify();
  }(std::move(task), result, done));
  done.WaitForNotification();
  return *std::move(result);
}

TEST(PasswordTest, IsStoredAsArgon2idWithASaltOfItsOwn) {
  const std::string hash = PasswordHasher::HashNow("correct horse");
  EXPECT_THAT(hash, ::testing::StartsWith("$argon2id$v=19$m=65536,t=2,p=1$"));
  EXPECT_NE(hash, PasswordHasher::HashNow("correct horse"));
  EXPECT_TRUE(PasswordHasher::VerifyNow(hash, "correct horse"));
  EXPECT_FALSE(PasswordHasher::VerifyNow(hash, "correct hors"));
  EXPECT_FALSE(PasswordHasher::VerifyNow(hash, ""));
}

// Without a hash there is nothing to be right about, and it takes the same work to say so.
TEST(PasswordTest, AnUnknownUserTakesAsLongAsAWrongPassword) {
  const std::string hash = PasswordHasher::HashNow("correct horse");
  const auto fastest = [](const std::string& against) {
    absl::Duration least = absl::InfiniteDuration();
    for (int i = 0; i < 5; ++i) {
      const absl::Time start = absl::Now();
      EXPECT_FALSE(PasswordHasher::VerifyNow(against, "battery staple"));
      least = std::min(least, absl::Now() - start);
    }
    return least;
  };
  const absl::Duration known = fastest(hash);
  const absl::Duration unknown = fastest("");
  EXPECT_GT(unknown, known / 2);
  EXPECT_LT(unknown, known * 2);
}

TEST(PasswordTest, WorksOnThreadsOfItsOwn) {
  PasswordHasher hasher(1);
  const auto hash = WaitFor(hasher.Hash("correct horse"));
  ASSERT_TRUE(hash.ok());
  EXPECT_TRUE(*WaitFor(hasher.Verify(*hash, "correct horse")));
  EXPECT_FALSE(*WaitFor(hasher.Verify("", "correct horse")));
}

TEST(PasswordTest, RefusesMoreThanMayWait) {
  std::atomic<int> overloaded = 0;
  constexpr int kCalls = 12;
  absl::BlockingCounter left(kCalls);
  PasswordHasher hasher(1, 2);
  for (int i = 0; i < kCalls; ++i) {
    base::Detach([](PasswordHasher& with, std::atomic<int>& refused,
                    absl::BlockingCounter& ended) -> base::Task<void> {
      const auto right = co_await with.Verify("", "correct horse");
      if (base::ReasonOf(right.status()) == "OVERLOADED") ++refused;
      ended.DecrementCount();
    }(hasher, overloaded, left));
  }
  left.Wait();
  EXPECT_GE(overloaded, kCalls - 4);
  EXPECT_LT(overloaded, kCalls);
}

}  // namespace
}  // namespace pingan::directory
