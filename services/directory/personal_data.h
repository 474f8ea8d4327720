// Names and phones of people: sealed before a rule sees them, opened after rows were read.
#ifndef PINGAN_SERVICES_DIRECTORY_PERSONAL_DATA_H_
#define PINGAN_SERVICES_DIRECTORY_PERSONAL_DATA_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/task.h"
#include "common/db/row_reader.h"
#include "pingan/directory/v1/people.pb.h"
#include "services/directory/keyed_hashes.h"
#include "services/directory/rows.pb.h"
#include "services/directory/sealing.h"

namespace pingan::directory {

// In clear. Empty where nothing is known, or it was erased.
struct PersonalFacts {
  std::string display_name;
  std::string phone;
};

// What a rule stores of a person without being able to read it.
struct SealedPerson {
  rows::PersonKey key;
  rows::PersonalData data;
};

// The names of one person's rows, from any of the three.
std::string PersonNameOf(absl::string_view name);
std::string PersonKeyName(absl::string_view name);
std::string PersonalDataName(absl::string_view name);

// Seals and opens. Thread safe; what it is made of outlives it.
class PersonalData {
 public:
  PersonalData(Sealer& sealer, const KeyedHashes& hashes) : sealer_(sealer), hashes_(hashes) {}

  // Under a new key, for the person of this name.
  SealedPerson Seal(absl::string_view person, const PersonalFacts& facts) const;
  // Under the key that the person has. Empty facts stay out.
  absl::StatusOr<SealedPerson> SealAgain(const rows::PersonKey& key,
                                         const PersonalFacts& facts) const;

  absl::StatusOr<PersonalFacts> Open(const rows::PersonKey& key,
                                     const rows::PersonalData& data) const;
  // The facts of these people, in their order. Of those that are erased or unknown: nothing.
  base::Task<absl::StatusOr<std::vector<PersonalFacts>>> Read(db::RowReader& reader,
                                                              std::vector<std::string> people,
                                                              db::Patience patience) const;

  // Phone of an account, under a new key; the rest of the row is the caller's.
  rows::Account SealAccount(absl::string_view account, absl::string_view phone) const;
  absl::StatusOr<std::string> OpenAccount(const rows::Account& account) const;

 private:
  void SealFacts(const DataKey& key, const PersonalFacts& facts, SealedPerson& sealed) const;

  Sealer& sealer_;
  const KeyedHashes& hashes_;
};

// How much of a person the caller sees.
enum class Sight { kMasked, kFull };

// Puts what may be seen into `person`. Phones are masked for everybody.
void Show(Sight sight, const PersonalFacts& facts, v1::Person& person);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_PERSONAL_DATA_H_
