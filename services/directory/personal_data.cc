#include "services/directory/personal_data.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/mask.h"
#include "common/base/status_macros.h"
#include "services/directory/people_tables.h"

namespace pingan::directory {
namespace {

std::string NameIn(absl::string_view collection, absl::string_view name) {
  return absl::StrCat("towns/", base::TownOf(name), "/", collection, "/", base::LastSegment(name));
}

Place PlaceOf(absl::string_view table, absl::string_view column, absl::string_view name) {
  return {.tenant = base::TownOf(name),
          .table = table,
          .column = column,
          .id = base::LastSegment(name)};
}
Place KeyPlace(absl::string_view name) { return PlaceOf("person_keys", "wrapped_key", name); }
Place NamePlace(absl::string_view name) { return PlaceOf("personal_data", "sealed_name", name); }
Place PhonePlace(absl::string_view name) { return PlaceOf("personal_data", "sealed_phone", name); }

Place OfAccount(absl::string_view column, absl::string_view account) {
  return {.tenant = account, .table = "accounts", .column = column, .id = account};
}

}  // namespace

std::string PersonNameOf(absl::string_view name) { return NameIn("people", name); }
std::string PersonKeyName(absl::string_view name) { return NameIn("personKeys", name); }
std::string PersonalDataName(absl::string_view name) { return NameIn("personalData", name); }

void PersonalData::SealFacts(const DataKey& key, const PersonalFacts& facts,
                             SealedPerson& sealed) const {
  const std::string& name = sealed.key.name();
  sealed.data.set_name(PersonalDataName(name));
  if (!facts.display_name.empty())
    sealed.data.set_sealed_name(key.Seal(NamePlace(name), facts.display_name));
  if (facts.phone.empty()) return;
  sealed.data.set_sealed_phone(key.Seal(PhonePlace(name), facts.phone));
  sealed.key.set_phone_index(hashes_.PhoneIndex(base::TownOf(name), facts.phone));
}

SealedPerson PersonalData::Seal(absl::string_view person, const PersonalFacts& facts) const {
  SealedPerson sealed;
  const DataKey key = DataKey::New();
  WrappedKey wrapped = sealer_.Wrap(key, KeyPlace(person));
  sealed.key.set_name(PersonKeyName(person));
  sealed.key.set_sealing_key(std::move(wrapped.sealing_key));
  sealed.key.set_wrapped_key(std::move(wrapped.wrapped));
  SealFacts(key, facts, sealed);
  return sealed;
}

absl::StatusOr<SealedPerson> PersonalData::SealAgain(const rows::PersonKey& key,
                                                     const PersonalFacts& facts) const {
  ASSIGN_OR_RETURN(const DataKey data_key,
                   sealer_.Unwrap(key.sealing_key(), key.wrapped_key(), KeyPlace(key.name())));
  SealedPerson sealed;
  sealed.key = key;
  SealFacts(data_key, facts, sealed);
  return sealed;
}

absl::StatusOr<PersonalFacts> PersonalData::Open(const rows::PersonKey& key,
                                                 const rows::PersonalData& data) const {
  ASSIGN_OR_RETURN(const DataKey data_key,
                   sealer_.Unwrap(key.sealing_key(), key.wrapped_key(), KeyPlace(key.name())));
  PersonalFacts facts;
  if (!data.sealed_name().empty()) {
    ASSIGN_OR_RETURN(facts.display_name,
                     data_key.Unseal(NamePlace(key.name()), data.sealed_name()));
  }
  if (!data.sealed_phone().empty()) {
    ASSIGN_OR_RETURN(facts.phone, data_key.Unseal(PhonePlace(key.name()), data.sealed_phone()));
  }
  return facts;
}

base::Task<absl::StatusOr<std::vector<PersonalFacts>>> PersonalData::Read(
    db::RowReader& reader, std::vector<std::string> people, db::Patience patience) const {
  std::vector<std::string> key_names;
  std::vector<std::string> data_names;
  for (const std::string& person : people) {
    key_names.push_back(PersonKeyName(person));
    data_names.push_back(PersonalDataName(person));
  }
  // Ciphertext first: what is erased in between has lost its key.
  CO_ASSIGN_OR_RETURN(const auto data,
                      co_await reader.FindMany(kPersonalData, std::move(data_names), patience));
  CO_ASSIGN_OR_RETURN(const auto keys,
                      co_await reader.FindMany(kPersonKeys, std::move(key_names), patience));
  std::vector<PersonalFacts> facts(people.size());
  for (size_t i = 0; i < people.size(); ++i) {
    if (!keys[i].has_value() || !data[i].has_value()) continue;
    CO_ASSIGN_OR_RETURN(facts[i], Open(*keys[i], *data[i]));
  }
  co_return facts;
}

rows::Account PersonalData::SealAccount(absl::string_view account, absl::string_view phone) const {
  const DataKey key = DataKey::New();
  WrappedKey wrapped = sealer_.Wrap(key, OfAccount("wrapped_key", account));
  rows::Account sealed;
  sealed.set_name(absl::StrCat("accounts/", account));
  sealed.set_login(hashes_.LoginOf(phone));
  sealed.set_sealing_key(std::move(wrapped.sealing_key));
  sealed.set_wrapped_key(std::move(wrapped.wrapped));
  sealed.set_sealed_phone(key.Seal(OfAccount("sealed_phone", account), phone));
  return sealed;
}

absl::StatusOr<std::string> PersonalData::OpenAccount(const rows::Account& account) const {
  const absl::string_view id = base::LastSegment(account.name());
  ASSIGN_OR_RETURN(const DataKey key, sealer_.Unwrap(account.sealing_key(), account.wrapped_key(),
                                                     OfAccount("wrapped_key", id)));
  return key.Unseal(OfAccount("sealed_phone", id), account.sealed_phone());
}

void Show(Sight sight, const PersonalFacts& facts, v1::Person& person) {
  if (!facts.display_name.empty()) {
    person.set_display_name(sight == Sight::kFull ? facts.display_name
                                                  : base::MaskName(facts.display_name));
  }
  if (!facts.phone.empty()) person.set_phone(base::MaskPhone(facts.phone));
}

}  // namespace pingan::directory
