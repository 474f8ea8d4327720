// The life of a pairing: proposed by one side, accepted by the other, approved by the town, ended.
//
// Each Decide function is one method: rows, request, caller and time in; changed rows or a named
// refusal out. Every step leaves a Transition behind.
#ifndef PINGAN_SERVICES_PAIRING_PAIRING_RULES_H_
#define PINGAN_SERVICES_PAIRING_PAIRING_RULES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/state_table.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/service/grants.h"
#include "pingan/pairing/v1/pairing.pb.h"

namespace pingan::pairing {

inline constexpr base::StateTable kPairingStates({
    base::Transition<v1::PairingState>{v1::PROPOSED, "accept", v1::ACCEPTED, "同意"},
    {v1::PROPOSED, "decline", v1::DECLINED, "不同意"},
    {v1::PROPOSED, "withdraw", v1::WITHDRAWN, "撤回"},
    {v1::PROPOSED, "commit", v1::PROPOSED, "约定承诺"},
    {v1::ACCEPTED, "approve", v1::ACTIVE, "批准"},
    {v1::ACCEPTED, "decline", v1::DECLINED, "不同意"},
    {v1::ACCEPTED, "withdraw", v1::WITHDRAWN, "撤回"},
    {v1::ACCEPTED, "commit", v1::ACCEPTED, "约定承诺"},
    {v1::ACTIVE, "suspend", v1::SUSPENDED, "暂停"},
    {v1::ACTIVE, "renew", v1::ACTIVE, "续期"},
    {v1::ACTIVE, "end", v1::ENDED, "结束"},
    {v1::ACTIVE, "commit", v1::ACTIVE, "约定承诺"},
    {v1::SUSPENDED, "resume", v1::ACTIVE, "恢复"},
    {v1::SUSPENDED, "end", v1::ENDED, "结束"},
    {v1::SUSPENDED, "commit", v1::SUSPENDED, "约定承诺"},
});

// One of the two sides, or an official of the town: sees everything of a pairing.
bool IsInside(const service::Roles& roles, const v1::Pairing& pairing);
// Active and ended pairings are everyone's to read.
bool MayRead(const service::Roles& roles, const v1::Pairing& pairing);
// The pairing without what only those inside see.
v1::Pairing ForOutsiders(v1::Pairing pairing);
// NOT_FOUND for what the caller may not read, NOT_PARTY for what they may read but not change.
absl::Status MayAct(const service::Roles& roles, const v1::Pairing& pairing);

// A registered person of the party: who works there, lives there or has a role for it.
// UNKNOWN_RESPONSIBLE names `field`; nobody is nobody's mistake.
absl::Status CheckResponsible(absl::string_view field, const std::string& person,
                              const std::string& party, db::UnitOfWork& work);

absl::StatusOr<v1::Pairing> DecideCreatePairing(const v1::CreatePairingRequest& request,
                                                const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Pairing> DecideAcceptPairing(const v1::AcceptPairingRequest& request,
                                                const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Pairing> DecideDeclinePairing(const v1::DeclinePairingRequest& request,
                                                 const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Pairing> DecideWithdrawPairing(const v1::WithdrawPairingRequest& request,
                                                  const rpc::Caller& caller, db::UnitOfWork& work);
// Its commitments bind from the first day of the term.
absl::StatusOr<v1::Pairing> DecideApprovePairing(const v1::ApprovePairingRequest& request,
                                                 const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Pairing> DecideSuspendPairing(const v1::SuspendPairingRequest& request,
                                                 const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Pairing> DecideResumePairing(const v1::ResumePairingRequest& request,
                                                const rpc::Caller& caller, db::UnitOfWork& work);
absl::StatusOr<v1::Pairing> DecideRenewPairing(const v1::RenewPairingRequest& request,
                                               const rpc::Caller& caller, db::UnitOfWork& work);
// Its commitments end with it, today.
absl::StatusOr<v1::Pairing> DecideEndPairing(const v1::EndPairingRequest& request,
                                             const rpc::Caller& caller, db::UnitOfWork& work);

// Towns that have pairings whose last day is over at $1; and the end of some of them: whether there
// are more.
inline constexpr char kTownsWithPairingsOver[] =
    "SELECT DISTINCT town FROM pairings WHERE open "
    "AND end_date < ($1::timestamptz AT TIME ZONE 'Asia/Shanghai')::date";
absl::StatusOr<bool> EndPairingsThatAreOver(db::UnitOfWork& work);

}  // namespace pingan::pairing

#endif  // PINGAN_SERVICES_PAIRING_PAIRING_RULES_H_
