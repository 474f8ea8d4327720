#include "common/changes/change_service.h"

#include <memory>

#include "common/changes/watch_stream.h"
#include "pingan/changes/v1/changes.grpc.pb.h"

namespace pingan::changes {

ChangeService::ChangeService(rpc::Adapter& adapter, ChangeFeed& feed, db::RowReader& reader,
                             ChangeServiceOptions options)
    : service_("pingan.changes.v1.ChangeService", adapter),
      streams_(std::make_shared<Streams>(feed, reader, options)) {
  service_.Stream<v1::WatchRequest, v1::WatchResponse>(
      "Watch", [this](const rpc::Call&, const v1::WatchRequest& request) {
        return streams_->Open(request);
      });
  feed.WhenLost([weak = std::weak_ptr<Streams>(streams_)] {
    if (const auto streams = weak.lock()) streams->EndAll();
  });
}

ChangeService::~ChangeService() = default;

void ChangeService::Stop() { streams_->Stop(); }

}  // namespace pingan::changes
