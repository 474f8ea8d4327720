// Following another service's change log: at least once on the wire, exactly once in effect.
//
//   changes::LeaseKeeper leases(*database, clock, {.holder = pod});
//   changes::Follower follower({.source = "event", .service = "volunteer"}, leases, event, writer,
//                              reader, clock);
//   follower.On<event::v1::Event>(
//       [](const changes::v1::Change& change, const event::v1::Event& event,
//          db::UnitOfWork& work) -> absl::Status { ... });
//   follower.Mirror(kUnits);
//   follower.Start();
//
// The changes of a town are applied in order of seq, as commands of that town (many changes in one,
// many towns at once). A command moves the town's row in `cursors` in the same transaction as the
// effects. So whatever breaks, and however many replicas follow, every change takes effect once;
// leases (leases.h) only keep replicas from doing the same work.
//
// What a handler refuses stops its town alone: it is logged as an error, counted in
// pingan_follow_stopped_tenants, and tried again, less and less often, until the handler takes it;
// changes before it are applied. Nothing is skipped. A source that is away is asked again and
// again; the service works meanwhile with what it has.
#ifndef PINGAN_COMMON_CHANGES_FOLLOWER_H_
#define PINGAN_COMMON_CHANGES_FOLLOWER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/changes/handlers.h"
#include "common/changes/leases.h"
#include "common/db/command.h"
#include "common/db/row_reader.h"
#include "common/db/table.h"
#include "common/db/town_writer.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/peer.h"
#include "pingan/changes/v1/changes.pb.h"
#include "pingan/changes/v1/rows.pb.h"

namespace pingan::changes {

// To be among the tables of every service that follows another.
inline const db::TableOf<v1::StoredCursor> kCursors(
    {.name = "cursors",
     .resource = "tenants/{tenant}/cursors/{source}",
     .logged = db::Logged::kEphemeral});

struct FollowerOptions {
  std::string source;   // the followed service: "event"
  std::string service;  // this one: "volunteer". Its commands have the actor `services/volunteer`.
  size_t max_batch = 100;     // changes in one command
  size_t max_commands = 256;  // commands under way
  size_t max_waiting = 8192;  // changes received and not applied; beyond it the source must wait
  absl::Duration first_retry = absl::Milliseconds(100);  // doubles up to:
  absl::Duration longest_retry = absl::Seconds(10);
  // Cursors that moved over unwanted changes only are stored this often.
  absl::Duration store_idle_cursors_every = absl::Seconds(1);
};

class FollowLoop;

class Follower {
 public:
  // All that is referred to outlives the follower. `writer` and `reader` may be stopped only after
  // it.
  Follower(FollowerOptions options, LeaseKeeper& leases, rpc::Peer& source, db::TownWriter& writer,
           db::RowReader& reader, base::Clock& clock);
  // Stops.
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // What to do with a change of such a row: a rule like any other (db::UnitOfWork says what that
  // means). A deleted row comes as it was last, with the type `<row>.deleted`. `wants` may name the
  // rows the handler will ask for; when all handlers of a batch do, it is not run dry first. One
  // handler per message; before Start().
  template <class Row>
  void On(Handler<Row> handler, Wants<Row> wants = nullptr) {
    handlers_.Add<Row>(std::move(handler), std::move(wants));
  }

  // Keeps `table` equal to the source's table of the same rows: On() with ApplyMirror().
  template <class Row>
  void Mirror(const db::TableOf<Row>& table) {
    handlers_.AddMirror(table);
  }

  void Start();
  // Lets commands under way end, gives leases back. Idempotent.
  void Stop();

  // How far this replica knows the tenant to be followed; 0 before the first change.
  int64_t Cursor(absl::string_view tenant) const;
  // Whether Cursor(tenant) reached `seq` by `deadline` (real time).
  bool WaitUntil(absl::string_view tenant, int64_t seq, absl::Time deadline) const;

 private:
  Handlers handlers_;
  const std::unique_ptr<FollowLoop> loop_;
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_FOLLOWER_H_
