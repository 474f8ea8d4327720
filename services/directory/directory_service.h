// DirectoryService: which method is which rule or list, and the handlers that do more than one
// thing.
#ifndef PINGAN_SERVICES_DIRECTORY_DIRECTORY_SERVICE_H_
#define PINGAN_SERVICES_DIRECTORY_DIRECTORY_SERVICE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/service/commands.h"
#include "common/service/import_file.h"
#include "common/service/runtime.h"
#include "pingan/directory/v1/directory.pb.h"

namespace pingan::directory {

class DirectoryService {
 public:
  // The runtime outlives the service.
  explicit DirectoryService(service::Runtime& runtime);

  // Binds every method of the API.
  absl::Status Bind();
  grpc::Service& methods() { return methods_; }

 private:
  template <class T>
  using Answer = base::Task<absl::StatusOr<T>>;

  void BindWrites();
  void BindReads();

  Answer<v1::Town> CreateTown(const rpc::Call& call, const v1::CreateTownRequest& request);
  Answer<v1::Town> GetTown(const rpc::Call& call, const v1::GetTownRequest& request);
  Answer<v1::ListTownsResponse> ListTowns(const rpc::Call& call,
                                          const v1::ListTownsRequest& request);

  Answer<v1::Unit> GetUnit(const rpc::Call& call, const v1::GetUnitRequest& request);
  Answer<v1::ListUnitsResponse> ListUnits(const rpc::Call& call,
                                          const v1::ListUnitsRequest& request);
  Answer<service::ImportReport> ImportUnits(const rpc::Call& call,
                                            const v1::ImportUnitsRequest& request);

  Answer<v1::Enterprise> GetEnterprise(const rpc::Call& call,
                                       const v1::GetEnterpriseRequest& request);
  Answer<v1::ListEnterprisesResponse> ListEnterprises(const rpc::Call& call,
                                                      const v1::ListEnterprisesRequest& request);
  Answer<v1::ListPlacementsResponse> ListPlacements(const rpc::Call& call,
                                                    const v1::ListPlacementsRequest& request);
  Answer<service::ImportReport> ImportEnterprises(const rpc::Call& call,
                                                  const v1::ImportEnterprisesRequest& request);

  Answer<v1::ListDutiesResponse> ListDuties(const rpc::Call& call,
                                            const v1::ListDutiesRequest& request);
  Answer<v1::LocateDutyResponse> LocateDuty(const rpc::Call& call,
                                            const v1::LocateDutyRequest& request);

  google::type::Date Today();
  // Where an enterprise is today; "" while it is nowhere.
  Answer<std::string> UnitToday(const rpc::Call& call, const std::string& enterprise);
  // Where the climb of LocateDuty begins: a live unit, or the town.
  Answer<std::string> PlaceOf(const rpc::Call& call, const v1::LocateDutyRequest& request);
  // Whether the caller may import into a town, asked before their file is read; the rules ask
  // again.
  base::Task<absl::Status> MayImport(const rpc::Call& call, const std::string& town);
  base::Clock& clock_;
  db::RowReader& reader_;
  rpc::Service methods_;
  service::Commands commands_;
};

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_DIRECTORY_SERVICE_H_
