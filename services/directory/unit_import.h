// Taking villages and communities from the statutory list as it is published: a file of the whole
// city, of which a town takes its own rows.
#ifndef PINGAN_SERVICES_DIRECTORY_UNIT_IMPORT_H_
#define PINGAN_SERVICES_DIRECTORY_UNIT_IMPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/command.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/service/import_file.h"
#include "pingan/directory/v1/directory.pb.h"
#include "services/directory/import_rows.pb.h"

namespace pingan::directory {

// What an official name says: 隆兴社区居委会 is the community 隆兴社区, 荷叶村委会 the village
// 荷叶村. Nothing when the name ends in neither.
struct NamedUnit {
  v1::UnitKind kind;
  std::string display_name;
};
std::optional<NamedUnit> ReadOfficialName(absl::string_view name);

// INVALID_FIELD on `csv` when it is no such file at all. Rows of other towns and repetitions are
// skipped.
absl::StatusOr<service::ImportFile<rows::UnitChunk>> ReadUnitFile(
    const v1::ImportUnitsRequest& request);

// A new code is a new unit, a known one takes the name of the file. A merged unit is skipped: its
// code is history.
absl::StatusOr<service::ImportReport> DecideImportUnits(const rows::UnitChunk& chunk,
                                                        const rpc::Caller& caller,
                                                        db::UnitOfWork& work);
std::vector<db::Want> WantsOfImportUnits(const rows::UnitChunk& chunk, const rpc::Caller& caller);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_UNIT_IMPORT_H_
