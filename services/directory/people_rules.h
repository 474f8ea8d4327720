// The rules of people: entering and registering them, changing what is known of them, showing their
// phone, erasing them.
//
// Rules store names and phones without being able to read them: handlers seal before and open after
// (personal_data.h). Who may do what follows "who sees and changes what": themselves, their
// village's worker, the town's officials. No answer of a rule holds a name or a phone, because
// answers are stored for replays.
#ifndef PINGAN_SERVICES_DIRECTORY_PEOPLE_RULES_H_
#define PINGAN_SERVICES_DIRECTORY_PEOPLE_RULES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/service/grants.h"
#include "pingan/directory/v1/people.pb.h"
#include "services/directory/personal_data.h"
#include "services/directory/rows.pb.h"

namespace pingan::directory {

// How much of `person` the caller sees; NOT_FOUND for whoever sees nothing. The platform's
// administrators do not.
absl::StatusOr<Sight> SightOf(const v1::Person& person, const rpc::Caller& caller,
                              const service::Roles& roles);

// Themselves and the town's officials.
absl::Status MayErase(const v1::Person& person, const rpc::Caller& caller,
                      const service::Roles& roles);

// ABORTED without a reason: what was sealed is not for the person the rule found. Read again, seal
// again.
bool IsSealedForAnother(const absl::Status& status);

// `sealed` is for the person of the town who has the account's phone and no login yet, or else for
// a new one.
absl::StatusOr<v1::Person> DecideRegister(const v1::RegisterRequest& request,
                                          const SealedPerson& sealed, const rpc::Caller& caller,
                                          db::UnitOfWork& work);

// `sealed` is for a new person.
absl::StatusOr<v1::Person> DecideCreatePerson(const v1::CreatePersonRequest& request,
                                              const SealedPerson& sealed, const rpc::Caller& caller,
                                              db::UnitOfWork& work);

// `sealed` holds the new name and phone as far as the request has them. A phone changes only while
// nobody signs in with it.
absl::StatusOr<v1::Person> DecideUpdatePerson(const v1::UpdatePersonRequest& request,
                                              const SealedPerson& sealed, const rpc::Caller& caller,
                                              db::UnitOfWork& work);

// Writes down who sees the phone and why. Their village's worker, their grid leader, the town's
// officials.
absl::StatusOr<rows::PhoneReveal> DecideRevealPhone(const v1::RevealPhoneRequest& request,
                                                    const rpc::Caller& caller,
                                                    db::UnitOfWork& work);

// Destroys key and index, empties the sealed columns, takes all roles back. Once more changes
// nothing.
absl::StatusOr<v1::Person> DecideErasePerson(const v1::ErasePersonRequest& request,
                                             const rpc::Caller& caller, db::UnitOfWork& work);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_PEOPLE_RULES_H_
