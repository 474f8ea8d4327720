#include "services/directory/directory_handlers.h"

#include "common/base/status_macros.h"
#include "services/directory/account_tables.h"
#include "services/directory/directory_tables.h"
#include "services/directory/people_tables.h"

namespace pingan::directory {

db::Tables AllTables() {
  db::Tables tables = DirectoryTables();
  for (const db::Tables& more : {PeopleTables(), AccountTables()}) {
    tables.insert(tables.end(), more.begin(), more.end());
  }
  return tables;
}

absl::StatusOr<std::unique_ptr<service::Handlers>> DirectoryHandlers::Make(
    service::Runtime& runtime) {
  std::unique_ptr<DirectoryHandlers> handlers(new DirectoryHandlers(runtime));
  RETURN_IF_ERROR(handlers->directory_.Bind());
  ASSIGN_OR_RETURN(handlers->people_, PeopleHandlers::Make(runtime, PeopleOptionsFromFlags()));
  return handlers;
}

std::vector<grpc::Service*> DirectoryHandlers::services() {
  std::vector<grpc::Service*> services = people_->services();
  services.push_back(&directory_.methods());
  return services;
}

}  // namespace pingan::directory
