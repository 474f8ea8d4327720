// Taking a party's listings from its own list.
#ifndef PINGAN_SERVICES_EXCHANGE_LISTING_IMPORT_H_
#define PINGAN_SERVICES_EXCHANGE_LISTING_IMPORT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "common/db/command.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/service/import_file.h"
#include "pingan/exchange/v1/exchange.pb.h"
#include "services/exchange/import_rows.pb.h"

namespace pingan::exchange {

// INVALID_FIELD on `csv` when it is no such file at all. Rejected are rows whose cells no listing
// could have, skipped are repetitions of a direction and title.
absl::StatusOr<service::ImportFile<rows::ListingChunk>> ReadListingFile(
    const v1::ImportListingsRequest& request);

// Direction and title tell a party's listings apart. A new one becomes a draft; of a draft the
// filled cells replace what is there and empty ones leave it; a published one is left alone.
// Withdrawn and closed ones are past: the row makes a new draft.
absl::StatusOr<service::ImportReport> DecideImportListings(const rows::ListingChunk& chunk,
                                                           const rpc::Caller& caller,
                                                           db::UnitOfWork& work);
std::vector<db::Want> WantsOfImportListings(const rows::ListingChunk& chunk,
                                            const rpc::Caller& caller);

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_LISTING_IMPORT_H_
