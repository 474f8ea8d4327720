// Taking enterprises from a town's own list.
#ifndef PINGAN_SERVICES_DIRECTORY_ENTERPRISE_IMPORT_H_
#define PINGAN_SERVICES_DIRECTORY_ENTERPRISE_IMPORT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "common/db/command.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/service/import_file.h"
#include "pingan/directory/v1/directory.pb.h"
#include "services/directory/import_rows.pb.h"

namespace pingan::directory {

// INVALID_FIELD on `csv` when it is no such file at all. Rejected are rows whose cells no
// enterprise could have, skipped are repetitions of a code.
absl::StatusOr<service::ImportFile<rows::EnterpriseChunk>> ReadEnterpriseFile(
    const v1::ImportEnterprisesRequest& request);

// The code tells enterprises apart. A new one is registered and placed from today on; of a known
// one the filled cells replace what is there, empty ones leave it, and another unit is a move from
// today on. Units are given by code or name.
absl::StatusOr<service::ImportReport> DecideImportEnterprises(const rows::EnterpriseChunk& chunk,
                                                              const rpc::Caller& caller,
                                                              db::UnitOfWork& work);
std::vector<db::Want> WantsOfImportEnterprises(const rows::EnterpriseChunk& chunk,
                                               const rpc::Caller& caller);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_ENTERPRISE_IMPORT_H_
