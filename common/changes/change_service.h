// pingan.changes.v1.ChangeService: the same code in every service.
//
//   changes::ChangeService changes(adapter, feed, reader);
//   rpc::Server::Start(options, {&events, &changes.service()});
//   ...
//   changes.Stop();  // ends the streams, so that draining has nothing to wait for
//   server->Drain(linger, grace);
#ifndef PINGAN_COMMON_CHANGES_CHANGE_SERVICE_H_
#define PINGAN_COMMON_CHANGES_CHANGE_SERVICE_H_

#include <cstdint>
#include <memory>

#include "common/changes/feed.h"
#include "common/db/row_reader.h"
#include "common/rpc/service.h"

namespace pingan::changes {

struct ChangeServiceOptions {
  int64_t max_rows = 512;                 // changes taken by one statement, over all towns in it
  size_t max_tenants = 128;               // towns in one statement
  size_t max_response_bytes = 256 << 10;  // a response ends with the change that passes this
};

// A stream first gives what is stored after the follower's cursors, then what comes. It reads at
// most one statement and holds at most that statement's rows ahead of what the follower has taken;
// towns take turns.
//
// A hole in a town's numbers is lost data: it is logged as an error and counted
// (pingan_change_log_gaps_total), and the stream gives nothing more of that town. A database that
// is away ends all streams with UNAVAILABLE, also those with nothing to say: another replica may
// have what this one cannot see.
class ChangeService {
 public:
  // Before feed.Start(). All outlive this; this outlives the server it is given to, and `reader` is
  // stopped before this is destroyed.
  ChangeService(rpc::Adapter& adapter, ChangeFeed& feed, db::RowReader& reader,
                ChangeServiceOptions options = {});
  ~ChangeService();

  rpc::Service& service() { return service_; }

  // Ends all streams with UNAVAILABLE and refuses new ones. Idempotent.
  void Stop();

  class Streams;

 private:
  rpc::Service service_;
  const std::shared_ptr<Streams> streams_;
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_CHANGE_SERVICE_H_
