// What a caller may act as, read from directory's own grants.
#ifndef PINGAN_SERVICES_DIRECTORY_DIRECTORY_ROLES_H_
#define PINGAN_SERVICES_DIRECTORY_DIRECTORY_ROLES_H_

#include "common/service/grants.h"
#include "services/directory/people_tables.h"

namespace pingan::directory {

using service::Roles;

// As the functions of the same name in common/service/grants.h, over directory's table.
inline Roles RolesOf(const rpc::Caller& caller, db::UnitOfWork& work) {
  return service::RolesOf(caller, work, kActiveGrantsOf);
}
inline base::Task<absl::StatusOr<Roles>> RolesOf(const rpc::Call& call, db::RowReader& reader) {
  return service::RolesOf(call, reader, kActiveGrantsOf);
}

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_DIRECTORY_ROLES_H_
