// PeopleService: people and their roles. Handlers seal names and phones before a rule, and open
// them after.
#ifndef PINGAN_SERVICES_DIRECTORY_PEOPLE_SERVICE_H_
#define PINGAN_SERVICES_DIRECTORY_PEOPLE_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/service.h"
#include "common/rpc/token.h"
#include "common/service/commands.h"
#include "common/service/runtime.h"
#include "pingan/directory/v1/people.grpc.pb.h"
#include "services/directory/account_writer.h"
#include "services/directory/keyed_hashes.h"
#include "services/directory/personal_data.h"

namespace pingan::directory {

class PeopleService {
 public:
  // Binds every method. All that is referred to outlives the service.
  static absl::StatusOr<std::unique_ptr<PeopleService>> Make(service::Runtime& runtime,
                                                             const PersonalData& personal,
                                                             const KeyedHashes& hashes,
                                                             rpc::TokenSigner& signer);

  grpc::Service& service() { return methods_; }

 private:
  template <class T>
  using Answer = base::Task<absl::StatusOr<T>>;

  PeopleService(service::Runtime& runtime, const PersonalData& personal, const KeyedHashes& hashes,
                rpc::TokenSigner& signer);
  void Bind();

  Answer<v1::RegisterResponse> Register(const rpc::Call& call, const v1::RegisterRequest& request);
  Answer<v1::Person> CreatePerson(const rpc::Call& call, const v1::CreatePersonRequest& request);
  Answer<v1::Person> GetPerson(const rpc::Call& call, const v1::GetPersonRequest& request);
  Answer<v1::ListPeopleResponse> ListPeople(const rpc::Call& call,
                                            const v1::ListPeopleRequest& request);
  Answer<v1::Person> UpdatePerson(const rpc::Call& call, const v1::UpdatePersonRequest& request);
  Answer<v1::RevealPhoneResponse> RevealPhone(const rpc::Call& call,
                                              const v1::RevealPhoneRequest& request);
  Answer<v1::Person> ErasePerson(const rpc::Call& call, const v1::ErasePersonRequest& request);
  Answer<v1::BatchGetMaskedNamesResponse> BatchGetMaskedNames(
      const rpc::Call& call, const v1::BatchGetMaskedNamesRequest& request);
  Answer<v1::ListGrantsResponse> ListGrants(const rpc::Call& call,
                                            const v1::ListGrantsRequest& request);

  // The person of the town whom the account's phone belongs to, or a new one.
  Answer<v1::Person> RegisterPerson(const rpc::Call& call, const v1::RegisterRequest& request,
                                    std::string phone);
  // Seals for the one who has the phone and no login yet, or for a new person.
  Answer<SealedPerson> SealForPhone(const rpc::Call& call, std::string town, PersonalFacts facts);
  // The person with what the caller may see of name and phone.
  Answer<v1::Person> Shown(const rpc::Call& call, v1::Person person, Sight sight);
  // Ends the person's sessions, and forgets a login that is nobody's from now on.
  base::Task<absl::Status> EndMembership(const rpc::Call& call, std::string account,
                                         std::string person);

  service::Runtime& runtime_;
  db::RowReader& reader_;
  const PersonalData& personal_;
  const KeyedHashes& hashes_;
  rpc::TokenSigner& signer_;
  rpc::Service methods_;
  service::Commands commands_;
  AccountWriter accounts_;
};

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_PEOPLE_SERVICE_H_
