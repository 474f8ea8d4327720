#include "services/directory/people_service.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/mask.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "common/rpc/page_token.h"
#include "services/directory/account_rules.h"
#include "services/directory/account_tables.h"
#include "services/directory/directory_errors.h"
#include "services/directory/directory_roles.h"
#include "services/directory/grant_rules.h"
#include "services/directory/people_errors.h"
#include "services/directory/people_lists.h"
#include "services/directory/people_rules.h"
#include "services/directory/people_tables.h"

namespace pingan::directory {
namespace {

using service::PatienceOf;

// Two who register with one phone at one moment are told apart by the second attempt.
constexpr int kSealingAttempts = 3;

// Officials of the town and workers of its villages.
bool ListsPeopleOf(const Roles& roles, absl::string_view town) {
  return roles.ReadsAsOfficialOf(town) ||
         absl::c_any_of(roles.grants(), [&](const v1::Grant& grant) {
           return grant.role() == v1::VILLAGE_WORKER &&
                  base::TownOf(grant.scope()) == base::TownOf(town);
         });
}

std::string UpdatedPerson(const v1::UpdatePersonRequest& request, const rpc::Caller& caller) {
  return request.person().name() == caller.person ? std::string() : request.person().name();
}

}  // namespace

PeopleService::PeopleService(service::Runtime& runtime, const PersonalData& personal,
                             const KeyedHashes& hashes, rpc::TokenSigner& signer)
    : runtime_(runtime),
      reader_(runtime.reader()),
      personal_(personal),
      hashes_(hashes),
      signer_(signer),
      methods_("pingan.directory.v1.PeopleService", runtime.adapter()),
      commands_(methods_, runtime.writer()),
      accounts_(runtime.writer()) {}

absl::StatusOr<std::unique_ptr<PeopleService>> PeopleService::Make(service::Runtime& runtime,
                                                                   const PersonalData& personal,
                                                                   const KeyedHashes& hashes,
                                                                   rpc::TokenSigner& signer) {
  std::unique_ptr<PeopleService> service(new PeopleService(runtime, personal, hashes, signer));
  service->Bind();
  RETURN_IF_ERROR(service->methods_.Complete());
  return service;
}

void PeopleService::Bind() {
  methods_.Handle("Register", this, &PeopleService::Register);
  methods_.Handle("CreatePerson", this, &PeopleService::CreatePerson);
  methods_.Handle("GetPerson", this, &PeopleService::GetPerson);
  methods_.Handle("ListPeople", this, &PeopleService::ListPeople);
  methods_.Handle("UpdatePerson", this, &PeopleService::UpdatePerson);
  methods_.Handle("RevealPhone", this, &PeopleService::RevealPhone);
  methods_.Handle("ErasePerson", this, &PeopleService::ErasePerson);
  methods_.Handle("BatchGetMaskedNames", this, &PeopleService::BatchGetMaskedNames);
  commands_.Bind("CreateGrant", DecideCreateGrant);
  methods_.Handle("ListGrants", this, &PeopleService::ListGrants);
  commands_.Bind("RevokeGrant", DecideRevokeGrant);
}

PeopleService::Answer<v1::RegisterResponse> PeopleService::Register(
    const rpc::Call& call, const v1::RegisterRequest& request) {
  const std::string account_name = absl::StrCat("accounts/", call.caller.account);
  CO_ASSIGN_OR_RETURN(const auto account,
                      co_await reader_.FindOrNull(kAccounts, account_name, PatienceOf(call)));
  if (!account.has_value()) co_return SessionEnded();
  CO_ASSIGN_OR_RETURN(const std::string phone, personal_.OpenAccount(*account));
  absl::StatusOr<v1::Person> person = co_await RegisterPerson(call, request, phone);

  std::string name = person.ok() ? person->name() : std::string();
  if (base::ReasonOf(person.status()) == errors::v1::Reason_Name(errors::v1::ALREADY_REGISTERED)) {
    // Perhaps by a call that ended before the account heard of it.
    std::vector<db::Value> own = {call.caller.account};
    CO_ASSIGN_OR_RETURN(const auto keys,
                        co_await reader_.List(kPersonKeyOfAccount, request.parent(), 1,
                                              std::move(own), PatienceOf(call)));
    if (!keys.empty()) name = PersonNameOf(keys.front().name());
  }
  if (!name.empty()) {
    CO_RETURN_IF_ERROR(co_await accounts_.Run(
        call, call.caller.account,
        [&name](db::UnitOfWork& work) { return DecideAddMembership(name, work); }));
  }
  if (!person.ok()) co_return person.status();

  v1::RegisterResponse response;
  CO_ASSIGN_OR_RETURN(*response.mutable_person(),
                      co_await Shown(call, *std::move(person), Sight::kFull));
  const absl::Time now = runtime_.clock().Now();
  response.set_access_token(
      signer_.Sign(call.caller.account, name, now, rpc::kMaxUserTokenLifetime));
  *response.mutable_expire_time() = base::ToTimestamp(now + rpc::kMaxUserTokenLifetime);
  co_return response;
}

PeopleService::Answer<v1::Person> PeopleService::RegisterPerson(const rpc::Call& call,
                                                                const v1::RegisterRequest& request,
                                                                std::string phone) {
  const std::string town(base::TownOf(request.parent()));
  const PersonalFacts facts = {.display_name = request.person().display_name(),
                               .phone = std::move(phone)};
  for (int attempt = 0; attempt < kSealingAttempts; ++attempt) {
    CO_ASSIGN_OR_RETURN(const SealedPerson sealed, co_await SealForPhone(call, town, facts));
    absl::StatusOr<v1::Person> person = co_await commands_.Run<v1::RegisterRequest, v1::Person>(
        call, town, request,
        [&sealed](const v1::RegisterRequest& asked, const rpc::Caller& caller,
                  db::UnitOfWork& work) { return DecideRegister(asked, sealed, caller, work); });
    if (!IsSealedForAnother(person.status())) co_return person;
  }
  co_return base::Refuse(errors::v1::UNAVAILABLE);
}

PeopleService::Answer<SealedPerson> PeopleService::SealForPhone(const rpc::Call& call,
                                                                std::string town,
                                                                PersonalFacts facts) {
  std::vector<db::Value> phone = {hashes_.PhoneIndex(town, facts.phone)};
  CO_ASSIGN_OR_RETURN(const auto keys, co_await reader_.List(kPersonKeyOfPhone, town, 1,
                                                             std::move(phone), PatienceOf(call)));
  if (!keys.empty()) co_return personal_.SealAgain(keys.front(), facts);
  co_return personal_.Seal(
      absl::StrCat("towns/", town, "/people/", base::NewId(runtime_.clock().Now())), facts);
}

PeopleService::Answer<v1::Person> PeopleService::Shown(const rpc::Call& call, v1::Person person,
                                                       Sight sight) {
  std::vector<std::string> names = {person.name()};
  CO_ASSIGN_OR_RETURN(const auto facts,
                      co_await personal_.Read(reader_, std::move(names), PatienceOf(call)));
  Show(sight, facts.front(), person);
  co_return person;
}

PeopleService::Answer<v1::Person> PeopleService::CreatePerson(
    const rpc::Call& call, const v1::CreatePersonRequest& request) {
  const std::string town(base::TownOf(request.parent()));
  const SealedPerson sealed = personal_.Seal(
      absl::StrCat(request.parent(), "/people/", base::NewId(runtime_.clock().Now())),
      {.display_name = request.person().display_name(), .phone = request.person().phone()});
  CO_ASSIGN_OR_RETURN(v1::Person person,
                      (co_await commands_.Run<v1::CreatePersonRequest, v1::Person>(
                          call, town, request,
                          [&sealed](const v1::CreatePersonRequest& asked, const rpc::Caller& caller,
                                    db::UnitOfWork& work) {
                            return DecideCreatePerson(asked, sealed, caller, work);
                          })));
  co_return co_await Shown(call, std::move(person), Sight::kMasked);
}

PeopleService::Answer<v1::Person> PeopleService::GetPerson(const rpc::Call& call,
                                                           const v1::GetPersonRequest& request) {
  CO_ASSIGN_OR_RETURN(v1::Person person,
                      co_await reader_.Find(kPeople, request.name(), PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  CO_ASSIGN_OR_RETURN(const Sight sight, SightOf(person, call.caller, roles));
  co_return co_await Shown(call, std::move(person), sight);
}

PeopleService::Answer<v1::ListPeopleResponse> PeopleService::ListPeople(
    const rpc::Call& call, const v1::ListPeopleRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  if (!ListsPeopleOf(roles, request.parent())) co_return Forbidden();
  const std::string phone_index =
      request.phone().empty() ? ""
                              : hashes_.PhoneIndex(base::TownOf(request.parent()), request.phone());
  CO_ASSIGN_OR_RETURN(v1::ListPeopleResponse response,
                      co_await reader_.Read<v1::ListPeopleResponse>(
                          [&](db::ReadSession& session) {
                            return ReadPeople(request, page, phone_index, roles, session);
                          },
                          PatienceOf(call)));
  std::vector<std::string> names;
  for (const v1::Person& person : response.people()) names.push_back(person.name());
  CO_ASSIGN_OR_RETURN(const auto facts,
                      co_await personal_.Read(reader_, std::move(names), PatienceOf(call)));
  for (int i = 0; i < response.people_size(); ++i) {
    v1::Person& person = *response.mutable_people(i);
    Show(person.name() == call.caller.person ? Sight::kFull : Sight::kMasked, facts[i], person);
  }
  co_return response;
}

PeopleService::Answer<v1::Person> PeopleService::UpdatePerson(
    const rpc::Call& call, const v1::UpdatePersonRequest& request) {
  const std::string name = request.person().name();
  CO_ASSIGN_OR_RETURN(const auto key, co_await reader_.FindOrNull(kPersonKeys, PersonKeyName(name),
                                                                  PatienceOf(call)));
  SealedPerson sealed;
  if (key.has_value()) {
    CO_ASSIGN_OR_RETURN(sealed,
                        personal_.SealAgain(*key, {.display_name = request.person().display_name(),
                                                   .phone = request.person().phone()}));
  }
  absl::StatusOr<v1::Person> person = co_await commands_.Run<v1::UpdatePersonRequest, v1::Person>(
      call, std::string(base::TownOf(name)), request,
      [&sealed](const v1::UpdatePersonRequest& asked, const rpc::Caller& caller,
                db::UnitOfWork& work) { return DecideUpdatePerson(asked, sealed, caller, work); },
      {.wants = nullptr, .principal = UpdatedPerson});
  // The key goes only when the person is erased, here between its reading and the command.
  if (IsSealedForAnother(person.status())) co_return PersonErased();
  if (!person.ok()) co_return person.status();
  const Sight sight = name == call.caller.person ? Sight::kFull : Sight::kMasked;
  co_return co_await Shown(call, *std::move(person), sight);
}

PeopleService::Answer<v1::RevealPhoneResponse> PeopleService::RevealPhone(
    const rpc::Call& call, const v1::RevealPhoneRequest& request) {
  CO_ASSIGN_OR_RETURN(
      const rows::PhoneReveal reveal,
      (co_await commands_.Run<v1::RevealPhoneRequest, rows::PhoneReveal>(
          call, std::string(base::TownOf(request.name())), request, DecideRevealPhone)));
  std::vector<std::string> names = {reveal.person()};
  CO_ASSIGN_OR_RETURN(const auto facts,
                      co_await personal_.Read(reader_, std::move(names), PatienceOf(call)));
  if (facts.front().phone.empty()) co_return PersonErased();
  v1::RevealPhoneResponse response;
  response.set_phone(facts.front().phone);
  co_return response;
}

base::Task<absl::Status> PeopleService::EndMembership(const rpc::Call& call, std::string account,
                                                      std::string person) {
  CO_ASSIGN_OR_RETURN(
      const auto row,
      co_await reader_.FindOrNull(kAccounts, absl::StrCat("accounts/", account), PatienceOf(call)));
  std::vector<std::string> names = {person};
  CO_ASSIGN_OR_RETURN(const auto facts,
                      co_await personal_.Read(reader_, std::move(names), PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(const bool was_last,
                      co_await accounts_.Ask<bool>(call, account, [&person](db::UnitOfWork& work) {
                        return DecideEndMembership(person, work);
                      }));
  // An account that is gone was ended by a call that came no further: then the phone tells the
  // login.
  const std::string& phone = facts.front().phone;
  const std::string login = row.has_value() ? row->login()
                            : phone.empty() ? std::string()
                                            : hashes_.LoginOf(phone);
  if (!was_last || login.empty()) co_return absl::OkStatus();
  co_return co_await accounts_.Run(
      call, login, [&account](db::UnitOfWork& work) { return DecideForgetLogin(account, work); });
}

// The account's side first, and the person's key, which alone leads to it, last: a call that ends
// half way leaves a person who signs in and registers again, or is erased by the next call. The
// other way round sessions or the login of an erased person could stay, and nothing would tell
// whose they were.
PeopleService::Answer<v1::Person> PeopleService::ErasePerson(
    const rpc::Call& call, const v1::ErasePersonRequest& request) {
  CO_ASSIGN_OR_RETURN(const v1::Person found,
                      co_await reader_.Find(kPeople, request.name(), PatienceOf(call)));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  CO_RETURN_IF_ERROR(MayErase(found, call.caller, roles));
  CO_ASSIGN_OR_RETURN(
      const auto key,
      co_await reader_.FindOrNull(kPersonKeys, PersonKeyName(request.name()), PatienceOf(call)));
  if (key.has_value() && !key->account().empty()) {
    CO_RETURN_IF_ERROR(co_await EndMembership(call, key->account(), request.name()));
  }
  co_return co_await commands_.Run<v1::ErasePersonRequest, v1::Person>(
      call, std::string(base::TownOf(request.name())), request, DecideErasePerson);
}

PeopleService::Answer<v1::BatchGetMaskedNamesResponse> PeopleService::BatchGetMaskedNames(
    const rpc::Call& call, const v1::BatchGetMaskedNamesRequest& request) {
  std::vector<std::string> names;
  for (const std::string& person : request.people()) {
    if (base::TownOf(person) == base::TownOf(request.parent())) names.push_back(person);
  }
  CO_ASSIGN_OR_RETURN(const auto facts, co_await personal_.Read(reader_, names, PatienceOf(call)));
  v1::BatchGetMaskedNamesResponse response;
  for (size_t i = 0; i < names.size(); ++i) {
    if (facts[i].display_name.empty()) continue;
    (*response.mutable_masked_names())[names[i]] = base::MaskName(facts[i].display_name);
  }
  co_return response;
}

PeopleService::Answer<v1::ListGrantsResponse> PeopleService::ListGrants(
    const rpc::Call& call, const v1::ListGrantsRequest& request) {
  CO_ASSIGN_OR_RETURN(const rpc::Page page, rpc::ReadPage(request));
  CO_ASSIGN_OR_RETURN(const Roles roles, co_await RolesOf(call, reader_));
  std::string person = request.person();
  if (!SeesGrantsOf(roles, request.parent())) {
    if (call.caller.person.empty()) co_return Forbidden();
    if (person.empty()) person = call.caller.person;
    if (person != call.caller.person) co_return db::RowNotFound(person);
  }
  co_return co_await reader_.Read<v1::ListGrantsResponse>(
      [&](db::ReadSession& session) { return ReadGrants(request, page, person, session); },
      PatienceOf(call));
}

}  // namespace pingan::directory
