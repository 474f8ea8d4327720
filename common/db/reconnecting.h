// A worker's session, made again when it is lost.
#ifndef PINGAN_COMMON_DB_RECONNECTING_H_
#define PINGAN_COMMON_DB_RECONNECTING_H_

#include <memory>

#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/session.h"

namespace pingan::db {

// Used by one thread.
class Reconnecting {
 public:
  Reconnecting(const Database& database, bool read_only)
      : database_(database), read_only_(read_only) {}

  // The session, connected now if there is none; null while the database is away.
  Session* Get();
  void Drop() { session_.reset(); }
  // How long to wait before the next Get() after one that failed: doubles from 20 ms to 1 s, and a
  // random part of it.
  absl::Duration NextPause();

 private:
  const Database& database_;
  const bool read_only_;
  std::unique_ptr<Session> session_;
  absl::Duration pause_ = absl::ZeroDuration();
  bool told_ = false;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_RECONNECTING_H_
