#include "common/changes/follower.h"

#include "common/changes/follow_loop.h"

namespace pingan::changes {

Follower::Follower(FollowerOptions options, LeaseKeeper& leases, rpc::Peer& source,
                   db::TownWriter& writer, db::RowReader& reader, base::Clock& clock)
    : loop_(std::make_unique<FollowLoop>(std::move(options), handlers_, leases, source, writer,
                                         reader, clock)) {}

Follower::~Follower() { Stop(); }

void Follower::Start() { loop_->Start(); }

void Follower::Stop() { loop_->Stop(); }

int64_t Follower::Cursor(absl::string_view tenant) const { return loop_->board().Get(tenant); }

bool Follower::WaitUntil(absl::string_view tenant, int64_t seq, absl::Time deadline) const {
  return loop_->board().WaitUntil(tenant, seq, deadline);
}

}  // namespace pingan::changes
