#include "common/service/readiness.h"

#include <algorithm>
#include <utility>

#include "common/base/steady.h"

namespace pingan::service {

void Readiness::OnAnswer(bool fits) {
  absl::MutexLock lock(&mutex_);
  fits_ = fits;
  believed_until_ = base::SteadyNow() + options_.believed;
}

void Readiness::OnLoss() {
  absl::MutexLock lock(&mutex_);
  believed_until_ = absl::InfinitePast();
}

void Readiness::Start(std::function<void(bool is_ready)> tell) {
  thread_ = std::thread([this, tell = std::move(tell)] { Run(tell); });
}

void Readiness::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool Readiness::IsReady() const { return fits_ && base::SteadyNow() < believed_until_; }

void Readiness::Run(const std::function<void(bool)>& tell) {
  const auto is_news = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || IsReady() != told_;
  };
  for (;;) {
    bool is_ready;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      is_ready = told_ = IsReady();
    }
    tell(is_ready);
    absl::MutexLock lock(&mutex_);
    const absl::Duration doubt = believed_until_ - base::SteadyNow();
    mutex_.AwaitWithTimeout(absl::Condition(&is_news),
                            told_ ? std::min(doubt, options_.tell_every) : options_.tell_every);
  }
}

}  // namespace pingan::service
