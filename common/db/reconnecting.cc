#include "common/db/reconnecting.h"

#include <algorithm>

#include "absl/random/random.h"
#include "common/db/sql_errors.h"
#include "common/obs/log.h"

namespace pingan::db {

Session* Reconnecting::Get() {
  if (session_ != nullptr) return session_.get();
  try {
    session_ = std::make_unique<Session>(database_, read_only_);
    if (told_) obs::LogMessage(obs::Severity::kInfo, "the database is back");
    told_ = false;
    pause_ = absl::ZeroDuration();
  } catch (const std::exception& error) {
    if (!told_) LogSqlError("connecting", error);  // once per absence
    told_ = true;
  }
  return session_.get();
}

absl::Duration Reconnecting::NextPause() {
  thread_local absl::BitGen random;
  pause_ = std::clamp(pause_ * 2, absl::Milliseconds(20), absl::Seconds(1));
  return pause_ * absl::Uniform(random, 0.5, 1.0);
}

}  // namespace pingan::db
