#include "common/db/finisher.h"

#include <utility>

namespace pingan::db {

Finisher::Finisher(std::function<void()> tick, absl::Duration every)
    : tick_(std::move(tick)), every_(every), thread_([this] { Run(); }) {}

Finisher::~Finisher() { Stop(); }

void Finisher::Post(Work work) {
  absl::MutexLock lock(&mutex_);
  const bool wake = posted_.empty();
  posted_.push_back(std::move(work));
  if (wake) woken_.Signal();
}

void Finisher::SetTicking(bool ticking) {
  absl::MutexLock lock(&mutex_);
  if (ticking_ == ticking) return;
  ticking_ = ticking;
  woken_.Signal();
}

void Finisher::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    woken_.Signal();
  }
  if (thread_.joinable()) thread_.join();
}

void Finisher::Run() {
  std::vector<Work> work;
  while (true) {
    bool tick = false;
    {
      absl::MutexLock lock(&mutex_);
      while (posted_.empty() && !stopping_ && !tick) {
        if (ticking_) {
          tick = woken_.WaitWithTimeout(&mutex_, every_);
        } else {
          woken_.Wait(&mutex_);
        }
      }
      if (posted_.empty() && stopping_) return;
      work.swap(posted_);
    }
    for (Work& one : work) one();
    work.clear();
    if (tick) tick_();
  }
}

}  // namespace pingan::db
