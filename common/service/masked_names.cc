#include "common/service/masked_names.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"

namespace pingan::service {

using Stub = directory::v1::PeopleService::StubInterface::async_interface;

MaskedNames::MaskedNames(rpc::Peer& directory)
    : directory_(directory), stub_(directory::v1::PeopleService::NewStub(directory.channel())) {}

base::Task<MaskedNames::Names> MaskedNames::Of(const rpc::Call& call, std::string within,
                                               std::vector<std::string> people) const {
  directory::v1::BatchGetMaskedNamesRequest request;
  request.set_parent(absl::StrCat("towns/", base::TownOf(within)));
  for (std::string& person : people) {
    if (!person.empty()) request.add_people(std::move(person));
  }
  if (request.people().empty()) co_return Names();
  absl::StatusOr<directory::v1::BatchGetMaskedNamesResponse> response = co_await rpc::Ask<Stub>(
      directory_, stub_->async(), &Stub::BatchGetMaskedNames, call, request);
  if (!response.ok()) co_return Names();
  co_return std::move(*response->mutable_masked_names());
}

}  // namespace pingan::service
