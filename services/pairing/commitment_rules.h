// What the two sides of a pairing promise, and what counts for it.
#ifndef PINGAN_SERVICES_PAIRING_COMMITMENT_RULES_H_
#define PINGAN_SERVICES_PAIRING_COMMITMENT_RULES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "pingan/event/v1/event.pb.h"
#include "pingan/exchange/v1/exchange.pb.h"
#include "pingan/pairing/v1/pairing.pb.h"

namespace pingan::pairing {

// The name of the pairing a commitment belongs to.
std::string PairingOf(absl::string_view commitment);

// Either side, on an open pairing. Binds from today, or once the pairing is approved.
absl::StatusOr<v1::Commitment> DecideCreateCommitment(const v1::CreateCommitmentRequest& request,
                                                      const rpc::Caller& caller,
                                                      db::UnitOfWork& work);
// Title and responsible persons; what was promised stays as it was.
absl::StatusOr<v1::Commitment> DecideUpdateCommitment(const v1::UpdateCommitmentRequest& request,
                                                      const rpc::Caller& caller,
                                                      db::UnitOfWork& work);
absl::StatusOr<v1::Commitment> DecideEndCommitment(const v1::EndCommitmentRequest& request,
                                                   const rpc::Caller& caller, db::UnitOfWork& work);

// One deed for every enterprise and every unit that organised the event together, as it is counted
// today; none for an event that was not held after all.
absl::Status FollowHeldEvent(const event::v1::HeldEvent& held, db::UnitOfWork& work);
// One deed when something of a match between an enterprise and a unit has arrived.
absl::Status FollowMatch(const exchange::v1::Match& match, db::UnitOfWork& work);

}  // namespace pingan::pairing

#endif  // PINGAN_SERVICES_PAIRING_COMMITMENT_RULES_H_
