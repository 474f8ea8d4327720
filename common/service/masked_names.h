// Masked names for answers that show people: 王** for 王小明. Only directory knows names.
#ifndef PINGAN_COMMON_SERVICE_MASKED_NAMES_H_
#define PINGAN_COMMON_SERVICE_MASKED_NAMES_H_

#include <memory>
#include <string>
#include <vector>

#include "common/base/task.h"
#include "common/rpc/caller.h"
#include "common/rpc/peer.h"
#include "google/protobuf/map.h"
#include "pingan/directory/v1/people.grpc.pb.h"

namespace pingan::service {

class MaskedNames {
 public:
  using Names = google::protobuf::Map<std::string, std::string>;

  // `directory` outlives it.
  explicit MaskedNames(rpc::Peer& directory);

  // By person, all of the town of `within`; who is unknown or erased is left out. Without directory
  // there are no names: people are shown without.
  base::Task<Names> Of(const rpc::Call& call, std::string within,
                       std::vector<std::string> people) const;

 private:
  rpc::Peer& directory_;
  std::unique_ptr<directory::v1::PeopleService::Stub> stub_;
};

}  // namespace pingan::service

#endif  // PINGAN_COMMON_SERVICE_MASKED_NAMES_H_
