// EventService: which method is which rule or list, and the handlers that do more than one thing.
#ifndef PINGAN_SERVICES_EVENT_EVENT_SERVICE_H_
#define PINGAN_SERVICES_EVENT_EVENT_SERVICE_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/service/commands.h"
#include "common/service/main.h"
#include "common/service/runtime.h"
#include "google/api/httpbody.pb.h"
#include "pingan/event/v1/event.pb.h"
#include "pingan/volunteer/v1/volunteer.grpc.pb.h"
#include "services/event/bare_echo.h"

namespace pingan::event {

class EventService final : public service::Handlers {
 public:
  // Binds every method of the API and follows directory. The runtime outlives the service.
  static absl::StatusOr<std::unique_ptr<service::Handlers>> Make(service::Runtime& runtime);

  std::vector<grpc::Service*> services() override;

 private:
  template <class T>
  using Answer = base::Task<absl::StatusOr<T>>;

  explicit EventService(service::Runtime& runtime);
  void BindWrites();
  void BindReads();

  // An event that the caller may read, or NOT_FOUND.
  Answer<v1::Event> FindReadable(const rpc::Call& call, std::string name);
  Answer<v1::Event> GetEvent(const rpc::Call& call, const v1::GetEventRequest& request);
  Answer<v1::ListEventsResponse> ListEvents(const rpc::Call& call,
                                            const v1::ListEventsRequest& request);
  Answer<v1::ListCorrectionsResponse> ListCorrections(const rpc::Call& call,
                                                      const v1::ListCorrectionsRequest& request);
  Answer<v1::CoBuildingDay> GetCoBuildingDay(const rpc::Call& call,
                                             const v1::GetCoBuildingDayRequest& request);
  Answer<v1::Event> HoldEvent(const rpc::Call& call, const v1::HoldEventRequest& request);
  Answer<v1::EventSummary> SummarizeEvents(const rpc::Call& call,
                                           const v1::SummarizeEventsRequest& request);
  Answer<v1::CountHeldEventsResponse> CountHeldEvents(const rpc::Call& call,
                                                      const v1::CountHeldEventsRequest& request);
  Answer<v1::ListHeldEventsResponse> ListHeldEvents(const rpc::Call& call,
                                                    const v1::ListHeldEventsRequest& request);
  Answer<google::api::HttpBody> ExportHeldEvents(const rpc::Call& call,
                                                 const v1::ExportHeldEventsRequest& request);

  service::Runtime& runtime_;
  BareEcho bare_echo_;
  db::RowReader& reader_;
  rpc::Peer& volunteer_peer_;
  std::unique_ptr<volunteer::v1::VolunteerService::Stub> volunteer_;
  rpc::Service methods_;
  service::Commands commands_;
};

}  // namespace pingan::event

#endif  // PINGAN_SERVICES_EVENT_EVENT_SERVICE_H_
