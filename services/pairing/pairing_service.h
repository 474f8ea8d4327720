// PairingService over gRPC: which method is which rule or list.
#ifndef PINGAN_SERVICES_PAIRING_PAIRING_SERVICE_H_
#define PINGAN_SERVICES_PAIRING_PAIRING_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "common/base/task.h"
#include "common/db/row_reader.h"
#include "common/rpc/service.h"
#include "common/service/commands.h"
#include "common/service/grants.h"
#include "common/service/main.h"
#include "common/service/masked_names.h"
#include "common/service/runtime.h"
#include "pingan/pairing/v1/pairing.grpc.pb.h"

namespace pingan::pairing {

class PairingService final : public service::Handlers {
 public:
  static absl::StatusOr<std::unique_ptr<service::Handlers>> Make(service::Runtime& runtime);

  std::vector<grpc::Service*> services() override { return {&methods_}; }

 private:
  template <class T>
  using Answer = base::Task<absl::StatusOr<T>>;

  explicit PairingService(service::Runtime& runtime);
  void BindWrites();
  void BindReads();
  static void Follow(service::Runtime& runtime);

  Answer<v1::Pairing> GetPairing(const rpc::Call& call, const v1::GetPairingRequest& request);
  Answer<v1::ListPairingsResponse> ListPairings(const rpc::Call& call,
                                                const v1::ListPairingsRequest& request);
  Answer<v1::ListTransitionsResponse> ListTransitions(const rpc::Call& call,
                                                      const v1::ListTransitionsRequest& request);
  Answer<v1::Commitment> GetCommitment(const rpc::Call& call,
                                       const v1::GetCommitmentRequest& request);
  Answer<v1::ListCommitmentsResponse> ListCommitments(const rpc::Call& call,
                                                      const v1::ListCommitmentsRequest& request);
  Answer<v1::ListDeedsResponse> ListDeeds(const rpc::Call& call,
                                          const v1::ListDeedsRequest& request);
  Answer<v1::CountCommitmentsResponse> CountCommitments(const rpc::Call& call,
                                                        const v1::CountCommitmentsRequest& request);

  google::type::Date Today();
  // OK for those inside the pairing; FORBIDDEN for whoever may read it and no more, else NOT_FOUND.
  base::Task<absl::Status> MustBeInside(const rpc::Call& call, std::string pairing);
  // A commitment for those inside its pairing, or NOT_FOUND.
  Answer<v1::Commitment> FindCommitment(const rpc::Call& call, std::string name);
  base::Task<void> FillNames(const rpc::Call& call, std::vector<v1::Pairing*> pairings);

  base::Clock& clock_;
  db::RowReader& reader_;
  service::MaskedNames masked_names_;
  rpc::Service methods_;
  service::Commands commands_;
};

}  // namespace pingan::pairing

#endif  // PINGAN_SERVICES_PAIRING_PAIRING_SERVICE_H_
