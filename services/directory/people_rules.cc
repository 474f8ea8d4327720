#include "services/directory/people_rules.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/rpc/update_mask.h"
#include "services/directory/directory_errors.h"
#include "services/directory/directory_roles.h"
#include "services/directory/directory_tables.h"
#include "services/directory/people_errors.h"
#include "services/directory/people_tables.h"
#include "services/directory/unit_rules.h"

namespace pingan::directory {
namespace {

using v1::Person;

constexpr absl::string_view kOwnFields[] = {"kind", "display_name", "unit", "enterprise"};
constexpr absl::string_view kUnregisteredFields[] = {"kind", "display_name", "unit", "enterprise",
                                                     "phone"};
// Stands for the phone while an update mask is applied, to tell a phone taken away from one left
// alone.
constexpr char kSamePhone[] = "=";

absl::Status SealedForAnother() { return absl::AbortedError("sealed for another person"); }

// A unit that takes people and an enterprise, both of this town; an employee has an employer.
absl::Status CheckPlaces(const Person& person, db::UnitOfWork& work) {
  if (person.kind() == v1::EMPLOYEE && person.enterprise().empty()) {
    return base::RefuseField("person.enterprise", "企业员工须选择所在企业");
  }
  if (!person.unit().empty()) RETURN_IF_ERROR(FindLiveUnit(person.unit(), work).status());
  if (person.enterprise().empty()) return absl::OkStatus();
  if (base::TownOf(person.enterprise()) != work.tenant())
    return db::RowNotFound(person.enterprise());
  return work.Find(kEnterprises, person.enterprise()).status();
}

const rows::PersonKey* KeyOfPhone(const std::string& phone_index, db::UnitOfWork& work) {
  if (phone_index.empty()) return nullptr;
  const auto keys = work.List(kPersonKeyOfPhone, work.tenant(), 1, phone_index);
  return keys.empty() ? nullptr : keys.front();
}

const rows::PersonKey* KeyOfAccount(const std::string& account, db::UnitOfWork& work) {
  const auto keys = work.List(kPersonKeyOfAccount, work.tenant(), 1, account);
  return keys.empty() ? nullptr : keys.front();
}

// What the request says of a person, without name and phone.
Person Described(const Person& asked, std::string name) {
  Person person;
  person.set_name(std::move(name));
  person.set_kind(asked.kind());
  person.set_unit(asked.unit());
  person.set_enterprise(asked.enterprise());
  return person;
}

// The facts that `sealed` holds replace those that `data` holds.
void Reseal(const SealedPerson& sealed, rows::PersonKey& key, rows::PersonalData& data) {
  if (!sealed.data.sealed_name().empty()) data.set_sealed_name(sealed.data.sealed_name());
  if (sealed.data.sealed_phone().empty()) return;
  data.set_sealed_phone(sealed.data.sealed_phone());
  key.set_phone_index(sealed.key.phone_index());
}

absl::StatusOr<Person> RegisterNew(const v1::RegisterRequest& request, const SealedPerson& sealed,
                                   const rpc::Caller& caller, db::UnitOfWork& work) {
  const std::string name = PersonNameOf(sealed.key.name());
  if (work.FindOrNull(kPeople, name) != nullptr) return SealedForAnother();
  rows::PersonKey key = sealed.key;
  key.set_account(caller.account);
  work.Insert(kPersonKeys, std::move(key), "created");
  work.Insert(kPersonalData, sealed.data, "created");
  Person person = Described(request.person(), name);
  person.set_registered(true);
  return work.Insert(kPeople, std::move(person), "registered");
}

// Whom a worker entered with this phone now signs in: the same person, with all they were signed up
// for.
absl::StatusOr<Person> RegisterKnown(const v1::RegisterRequest& request, const SealedPerson& sealed,
                                     const rows::PersonKey& known, const rpc::Caller& caller,
                                     db::UnitOfWork& work) {
  if (!known.account().empty()) return PhoneTaken();
  if (known.name() != sealed.key.name()) return SealedForAnother();
  ASSIGN_OR_RETURN(const Person& found, work.Find(kPeople, PersonNameOf(known.name())));
  ASSIGN_OR_RETURN(const rows::PersonalData& data,
                   work.Find(kPersonalData, PersonalDataName(known.name())));
  rows::PersonKey& key = work.Change(known, "registered");
  key.set_account(caller.account);
  Reseal(sealed, key, work.Change(data, "registered"));
  Person& person = work.Change(found, "registered");
  person.set_kind(request.person().kind());
  person.set_unit(request.person().unit());
  person.set_enterprise(request.person().enterprise());
  person.set_registered(true);
  return person;
}

// Themselves, and for somebody of their village its worker.
absl::Status MayUpdate(const Person& person, const rpc::Caller& caller, const Roles& roles) {
  RETURN_IF_ERROR(SightOf(person, caller, roles).status());
  return caller.person == person.name() || roles.WorksFor(person.unit()) ? absl::OkStatus()
                                                                         : Forbidden();
}

// Stores a phone that was given, or takes away one that was cleared.
absl::Status ChangePhone(absl::string_view phone, const SealedPerson& sealed,
                         const rows::PersonKey& found, rows::PersonalData& data,
                         db::UnitOfWork& work) {
  if (phone == kSamePhone) return absl::OkStatus();
  if (!phone.empty()) {
    const rows::PersonKey* taken = KeyOfPhone(sealed.key.phone_index(), work);
    if (taken != nullptr && taken->name() != found.name()) return PhoneTaken();
  }
  data.set_sealed_phone(phone.empty() ? std::string() : sealed.data.sealed_phone());
  work.Change(found, "updated")
      .set_phone_index(phone.empty() ? std::string() : sealed.key.phone_index());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Sight> SightOf(const Person& person, const rpc::Caller& caller, const Roles& roles) {
  if (caller.person == person.name()) return Sight::kFull;
  if (roles.WorksFor(person.unit()) || roles.ReadsAsOfficialOf(person.name()))
    return Sight::kMasked;
  return db::RowNotFound(person.name());
}

absl::Status MayErase(const Person& person, const rpc::Caller& caller, const Roles& roles) {
  if (caller.person == person.name() || roles.IsOfficialOf(person.name())) return absl::OkStatus();
  RETURN_IF_ERROR(SightOf(person, caller, roles).status());
  return Forbidden();
}

bool IsSealedForAnother(const absl::Status& status) {
  return absl::IsAborted(status) && base::ReasonOf(status).empty();
}

absl::StatusOr<Person> DecideRegister(const v1::RegisterRequest& request,
                                      const SealedPerson& sealed, const rpc::Caller& caller,
                                      db::UnitOfWork& work) {
  RETURN_IF_ERROR(work.Find(kTowns, request.parent()).status());
  if (const rows::PersonKey* own = KeyOfAccount(caller.account, work); own != nullptr) {
    return AlreadyRegistered(PersonNameOf(own->name()));
  }
  RETURN_IF_ERROR(CheckPlaces(request.person(), work));
  const rows::PersonKey* known = KeyOfPhone(sealed.key.phone_index(), work);
  return known == nullptr ? RegisterNew(request, sealed, caller, work)
                          : RegisterKnown(request, sealed, *known, caller, work);
}

absl::StatusOr<Person> DecideCreatePerson(const v1::CreatePersonRequest& request,
                                          const SealedPerson& sealed, const rpc::Caller& caller,
                                          db::UnitOfWork& work) {
  RETURN_IF_ERROR(work.Find(kTowns, request.parent()).status());
  const Roles roles = RolesOf(caller, work);
  if (!roles.WorksFor(request.person().unit()) && !roles.IsOfficialOf(request.parent()))
    return Forbidden();
  RETURN_IF_ERROR(CheckPlaces(request.person(), work));
  if (const rows::PersonKey* taken = KeyOfPhone(sealed.key.phone_index(), work); taken != nullptr) {
    ASSIGN_OR_RETURN(const Person& other, work.Find(kPeople, PersonNameOf(taken->name())));
    return SightOf(other, caller, roles).ok() ? PhoneTaken(other.name()) : PhoneTaken();
  }
  work.Insert(kPersonKeys, sealed.key, "created");
  work.Insert(kPersonalData, sealed.data, "created");
  return work.Insert(kPeople, Described(request.person(), PersonNameOf(sealed.key.name())),
                     "created");
}

absl::StatusOr<Person> DecideUpdatePerson(const v1::UpdatePersonRequest& request,
                                          const SealedPerson& sealed, const rpc::Caller& caller,
                                          db::UnitOfWork& work) {
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Person& found, work.Find(kPeople, request.person().name()));
  RETURN_IF_ERROR(MayUpdate(found, caller, roles));
  if (found.erased()) return PersonErased();
  if (!request.person().etag().empty() && request.person().etag() != found.etag())
    return StaleEtag();

  Person wanted = found;
  wanted.set_phone(kSamePhone);
  RETURN_IF_ERROR(rpc::ApplyUpdateMask(request.update_mask(), request.person(), wanted,
                                       found.registered()
                                           ? absl::MakeConstSpan(kOwnFields)
                                           : absl::MakeConstSpan(kUnregisteredFields)));
  // Nobody moves a neighbour to where they do not work.
  if (caller.person != found.name() && !roles.WorksFor(wanted.unit())) return Forbidden();
  RETURN_IF_ERROR(CheckPlaces(wanted, work));

  const rows::PersonKey* key = work.FindOrNull(kPersonKeys, PersonKeyName(found.name()));
  if (key == nullptr || key->wrapped_key() != sealed.key.wrapped_key()) return SealedForAnother();
  ASSIGN_OR_RETURN(const rows::PersonalData& old,
                   work.Find(kPersonalData, PersonalDataName(found.name())));
  if (!wanted.display_name().empty() || wanted.phone() != kSamePhone) {
    rows::PersonalData& data = work.Change(old, "updated");
    if (!wanted.display_name().empty()) data.set_sealed_name(sealed.data.sealed_name());
    RETURN_IF_ERROR(ChangePhone(wanted.phone(), sealed, *key, data, work));
  }
  Person& person = work.Change(found, "updated");
  person.set_kind(wanted.kind());
  person.set_unit(wanted.unit());
  person.set_enterprise(wanted.enterprise());
  return person;
}

absl::StatusOr<rows::PhoneReveal> DecideRevealPhone(const v1::RevealPhoneRequest& request,
                                                    const rpc::Caller& caller,
                                                    db::UnitOfWork& work) {
  const Roles roles = RolesOf(caller, work);
  ASSIGN_OR_RETURN(const Person& person, work.Find(kPeople, request.name()));
  const bool may = roles.WorksFor(person.unit()) || roles.ReadsAsOfficialOf(person.name()) ||
                   (!person.unit().empty() && roles.Has(v1::GRID_LEADER, person.unit()));
  if (!may) {
    RETURN_IF_ERROR(SightOf(person, caller, roles).status());
    return Forbidden();
  }
  if (person.erased()) return PersonErased();
  ASSIGN_OR_RETURN(const rows::PersonalData& data,
                   work.Find(kPersonalData, PersonalDataName(person.name())));
  if (data.sealed_phone().empty()) return NoPhone();

  rows::PhoneReveal reveal;
  reveal.set_name(absl::StrCat("towns/", work.tenant(), "/phoneReveals/", work.NewId()));
  reveal.set_person(person.name());
  reveal.set_revealer(caller.person);
  reveal.set_reason(request.reason());
  return work.Insert(kPhoneReveals, std::move(reveal), "revealed");
}

absl::StatusOr<Person> DecideErasePerson(const v1::ErasePersonRequest& request,
                                         const rpc::Caller& caller, db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Person& found, work.Find(kPeople, request.name()));
  RETURN_IF_ERROR(MayErase(found, caller, RolesOf(caller, work)));
  if (found.erased()) return found;

  if (const auto* key = work.FindOrNull(kPersonKeys, PersonKeyName(found.name())); key != nullptr)
    work.Delete(*key);
  ASSIGN_OR_RETURN(const rows::PersonalData& old,
                   work.Find(kPersonalData, PersonalDataName(found.name())));
  rows::PersonalData& data = work.Change(old, "erased");
  data.clear_sealed_name();
  data.clear_sealed_phone();
  for (const v1::Grant* grant :
       work.List(kActiveGrantsOf, work.tenant(), db::kAll, found.name(), true)) {
    v1::Grant& revoked = work.Change(*grant, "revoked");
    revoked.set_active(false);
    *revoked.mutable_revoke_time() = work.now_timestamp();
  }
  Person& person = work.Change(found, "erased");
  person.set_registered(false);
  person.set_erased(true);
  return person;
}

}  // namespace pingan::directory
