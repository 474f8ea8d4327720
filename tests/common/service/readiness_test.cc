#include "common/service/readiness.h"

#include <memory>

#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"

namespace pingan::service {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

class ReadinessTest : public testing::Test {
 protected:
  void Make(ReadinessOptions options) { readiness_ = std::make_unique<Readiness>(options); }
  void Listen() {
    readiness_->Start([this](bool is_ready) {
      absl::MutexLock lock(&mutex_);
      is_ready_ = is_ready;
      ++told_;
    });
  }
  // Whether it is told within patience.
  bool Hears(bool is_ready) {
    absl::MutexLock lock(&mutex_);
    const auto heard = [&] { return told_ > 0 && is_ready_ == is_ready; };
    return mutex_.AwaitWithTimeout(absl::Condition(&heard), kPatience);
  }
  bool HearsTimes(int times) {
    absl::MutexLock lock(&mutex_);
    const auto heard = [&] { return told_ >= times; };
    return mutex_.AwaitWithTimeout(absl::Condition(&heard), kPatience);
  }

  std::unique_ptr<Readiness> readiness_;
  absl::Mutex mutex_;
  bool is_ready_ = false;
  int told_ = 0;
};

TEST_F(ReadinessTest, GoesWithTheDatabaseAndItsSchema) {
  Make({.believed = absl::Hours(1), .tell_every = absl::Hours(1)});
  Listen();
  EXPECT_TRUE(Hears(false)) << "nothing has answered";
  readiness_->OnAnswer(true);
  EXPECT_TRUE(Hears(true));
  readiness_->OnAnswer(false);
  EXPECT_TRUE(Hears(false)) << "the schema does not fit";
  readiness_->OnAnswer(true);
  EXPECT_TRUE(Hears(true));
  readiness_->OnLoss();
  EXPECT_TRUE(Hears(false)) << "the database is away";
}

TEST_F(ReadinessTest, ADatabaseOfWhichNothingIsHeardIsAway) {
  Make({.believed = absl::Milliseconds(50), .tell_every = absl::Hours(1)});
  readiness_->OnAnswer(true);
  Listen();
  EXPECT_TRUE(Hears(false));
}

TEST_F(ReadinessTest, IsToldNowAndThenWithoutNews) {
  Make({.believed = absl::Hours(1), .tell_every = absl::Milliseconds(1)});
  readiness_->OnAnswer(true);
  Listen();
  EXPECT_TRUE(HearsTimes(3));
}

TEST_F(ReadinessTest, StopsWithoutHavingStarted) {
  Make({});
  readiness_->Stop();
}

}  // namespace
}  // namespace pingan::service
