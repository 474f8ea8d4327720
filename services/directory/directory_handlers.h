// Everything the directory process serves and stores.
#ifndef PINGAN_SERVICES_DIRECTORY_DIRECTORY_HANDLERS_H_
#define PINGAN_SERVICES_DIRECTORY_DIRECTORY_HANDLERS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/table.h"
#include "common/service/main.h"
#include "common/service/runtime.h"
#include "services/directory/directory_service.h"
#include "services/directory/people_handlers.h"

namespace pingan::directory {

db::Tables AllTables();

class DirectoryHandlers final : public service::Handlers {
 public:
  // Binds every method of all three services. The runtime outlives this.
  static absl::StatusOr<std::unique_ptr<service::Handlers>> Make(service::Runtime& runtime);

  std::vector<grpc::Service*> services() override;

 private:
  explicit DirectoryHandlers(service::Runtime& runtime) : directory_(runtime) {}

  DirectoryService directory_;
  std::unique_ptr<PeopleHandlers> people_;
};

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_DIRECTORY_HANDLERS_H_
