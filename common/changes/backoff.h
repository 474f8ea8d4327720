// Pauses between attempts.
#ifndef PINGAN_COMMON_CHANGES_BACKOFF_H_
#define PINGAN_COMMON_CHANGES_BACKOFF_H_

#include <algorithm>

#include "absl/random/random.h"
#include "absl/time/time.h"

namespace pingan::changes {

// Doubles from `first` to `longest`; each pause is between half of it and all of it, so that what
// failed together is not tried again together. For one thread.
class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration longest)
      : first_(first), longest_(longest), next_(first) {}

  absl::Duration Next() {
    const absl::Duration pause = next_;
    next_ = std::min(next_ * 2, longest_);
    return pause * absl::Uniform(random_, 0.5, 1.0);
  }
  void Reset() { next_ = first_; }

 private:
  absl::Duration first_;
  absl::Duration longest_;
  absl::Duration next_;
  absl::InsecureBitGen random_;
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_BACKOFF_H_
