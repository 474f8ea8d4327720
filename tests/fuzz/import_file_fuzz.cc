// Files of units, enterprises and listings: each row is settled or taken, and what is taken could
// have come as a request, too.
#include <map>
#include <set>
#include <string>

#include "common/rpc/validation.h"
#include "services/directory/enterprise_import.h"
#include "services/directory/unit_import.h"
#include "services/exchange/listing_import.h"
#include "tests/common/rpc/refusals.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/property.h"

namespace pingan::fuzz {
namespace {

constexpr char kTown[] = "towns/330481003";
constexpr char kParty[] = "towns/330481003/units/330481003001";

void RequireTakenAsRequest(const google::protobuf::Message& request, absl::string_view input) {
  static auto& validators = *new std::map<const google::protobuf::Descriptor*, rpc::Validator>();
  auto found = validators.find(request.GetDescriptor());
  if (found == validators.end()) {
    found =
        validators.emplace(request.GetDescriptor(), *rpc::Validator::For(request.GetDescriptor()))
            .first;
  }
  const absl::Status status = found->second.Check(request);
  Require(status.ok(),
          absl::StrCat("a row that is taken keeps the rules: ",
                       status.ok() ? "" : rpc::ViolationsOf(status).front(), "\n",
                       request.ShortDebugString()),
          input);
}

directory::v1::CreateUnitRequest RequestOf(const directory::rows::UnitRow& row) {
  directory::v1::CreateUnitRequest request;
  request.set_parent(kTown);
  request.set_unit_id(row.code());
  request.mutable_unit()->set_kind(row.kind());
  request.mutable_unit()->set_display_name(row.display_name());
  return request;
}

directory::v1::CreateEnterpriseRequest RequestOf(const directory::rows::EnterpriseRow& row) {
  directory::v1::CreateEnterpriseRequest request;
  request.set_parent(kTown);
  directory::v1::Enterprise& enterprise = *request.mutable_enterprise();
  enterprise.set_display_name(row.display_name());
  enterprise.set_uscc(row.uscc());
  enterprise.set_address(row.address());
  enterprise.set_party_branch(row.party_branch());
  enterprise.set_office_phone(row.office_phone());
  enterprise.set_above_scale(row.above_scale());
  return request;
}

exchange::v1::CreateListingRequest RequestOf(const exchange::rows::ListingRow& row) {
  exchange::v1::CreateListingRequest request;
  request.set_parent(kTown);
  *request.mutable_listing() = row.listing();
  request.mutable_listing()->set_party(kParty);
  return request;
}

template <class File>
void RequireSound(const absl::StatusOr<File>& file, absl::string_view input) {
  if (!file.ok()) return RequireRefused(file.status(), "INVALID_FIELD");
  Require(!file->chunks.empty(), "there is a chunk, so that the caller's right is checked", input);
  std::set<int> lines;
  for (const service::ReportRow& row : file->settled) {
    Require(lines.insert(row.line()).second && !row.reason().empty(),
            "a row is settled once, with a reason", input);
  }
  for (const auto& chunk : file->chunks) {
    Require(chunk.rows_size() <= service::kRowsInChunk, "a chunk is small", input);
    for (const auto& row : chunk.rows()) {
      Require(lines.insert(row.line()).second, "a row is settled or taken", input);
      RequireTakenAsRequest(RequestOf(row), input);
    }
  }
}

template <class Request>
Request Upload(absl::string_view csv) {
  Request request;
  request.set_parent(kTown);
  request.set_csv(std::string(csv));
  return request;
}

}  // namespace

void TryInput(absl::string_view input) {
  RequireSound(directory::ReadUnitFile(Upload<directory::v1::ImportUnitsRequest>(input)), input);
  RequireSound(
      directory::ReadEnterpriseFile(Upload<directory::v1::ImportEnterprisesRequest>(input)), input);
  RequireSound(exchange::ReadListingFile(Upload<exchange::v1::ImportListingsRequest>(input)),
               input);
}

}  // namespace pingan::fuzz
