// VolunteerService: which method is which rule or list, and the handlers that do more than one
// thing.
#ifndef PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_SERVICE_H_
#define PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/service/commands.h"
#include "common/service/main.h"
#include "common/service/masked_names.h"
#include "common/service/runtime.h"
#include "pingan/directory/v1/people.grpc.pb.h"
#include "pingan/event/v1/event.grpc.pb.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::volunteer {

class VolunteerService final : public service::Handlers {
 public:
  // Binds every method of the API, follows event and directory. The runtime outlives the service.
  static absl::StatusOr<std::unique_ptr<service::Handlers>> Make(service::Runtime& runtime);

  std::vector<grpc::Service*> services() override { return {&methods_}; }

 private:
  template <class T>
  using Answer = base::Task<absl::StatusOr<T>>;

  explicit VolunteerService(service::Runtime& runtime);
  void BindWrites();
  void BindReads();
  void Follow(service::Runtime& runtime);

  Answer<v1::SignUp> CreateSignUp(const rpc::Call& call, const v1::CreateSignUpRequest& request);
  Answer<v1::FreezeRosterResponse> FreezeRoster(const rpc::Call& call,
                                                const v1::FreezeRosterRequest& request);
  Answer<v1::Roster> GetRoster(const rpc::Call& call, const v1::GetRosterRequest& request);
  Answer<v1::SignUp> GetSignUp(const rpc::Call& call, const v1::GetSignUpRequest& request);
  Answer<v1::ListSignUpsResponse> ListSignUps(const rpc::Call& call,
                                              const v1::ListSignUpsRequest& request);
  Answer<v1::ListMySignUpsResponse> ListMySignUps(const rpc::Call& call,
                                                  const v1::ListMySignUpsRequest& request);
  Answer<v1::Team> GetTeam(const rpc::Call& call, const v1::GetTeamRequest& request);
  Answer<v1::ListTeamsResponse> ListTeams(const rpc::Call& call,
                                          const v1::ListTeamsRequest& request);
  Answer<v1::ListMembersResponse> ListMembers(const rpc::Call& call,
                                              const v1::ListMembersRequest& request);

  // The roster, which event is asked for once when it is not known here yet.
  Answer<v1::Roster> FindOrLearnRoster(const rpc::Call& call, std::string name);
  Answer<v1::Roster> LearnRoster(const rpc::Call& call, std::string name);
  Answer<v1::SignUp> Completed(const rpc::Call& call, v1::SignUp sign_up);
  db::RowReader& reader_;
  rpc::Peer& event_peer_;
  service::MaskedNames masked_names_;
  std::unique_ptr<event::v1::EventService::Stub> event_;
  rpc::Service methods_;
  service::Commands commands_;
};

}  // namespace pingan::volunteer

#endif  // PINGAN_SERVICES_VOLUNTEER_VOLUNTEER_SERVICE_H_
