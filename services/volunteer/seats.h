// Who sits and who waits: the only place where a roster's counters and its sign-ups' states change,
// always together.
//
// What holds after each of them: `confirmed` counts the sign-ups that are CONFIRMED, ATTENDED or
// NO_SHOW, `waiting` those WAITLISTED; nobody waits while a seat is free; seats are given in order
// of rank. More may be confirmed than `capacity` only after it was lowered.
#ifndef PINGAN_SERVICES_VOLUNTEER_SEATS_H_
#define PINGAN_SERVICES_VOLUNTEER_SEATS_H_

#include "common/base/state_table.h"
#include "common/db/unit_of_work.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::volunteer {

inline constexpr base::StateTable kSignUpStates({
    base::Transition<v1::SignUpState>{v1::CONFIRMED, "cancel", v1::SIGN_UP_CANCELLED, "取消报名"},
    {v1::WAITLISTED, "cancel", v1::SIGN_UP_CANCELLED, "取消报名"},
    {v1::CONFIRMED, "checkIn", v1::ATTENDED, "签到"},
    {v1::CONFIRMED, "attend", v1::ATTENDED, "登记到场"},
    {v1::CONFIRMED, "miss", v1::NO_SHOW, "登记未到"},
    {v1::ATTENDED, "attend", v1::ATTENDED, "登记到场"},
    {v1::ATTENDED, "miss", v1::NO_SHOW, "登记未到"},
    {v1::NO_SHOW, "attend", v1::ATTENDED, "登记到场"},
    {v1::NO_SHOW, "miss", v1::NO_SHOW, "登记未到"},
});

// Whether the sign-up has a seat or waits for one.
inline bool HasPlace(const v1::SignUp& sign_up) {
  return sign_up.state() == v1::CONFIRMED || sign_up.state() == v1::WAITLISTED ||
         sign_up.state() == v1::ATTENDED || sign_up.state() == v1::NO_SHOW;
}

// Gives `sign_up` the next rank, and a free seat or the end of the waiting line.
void TakeSeatOrLineUp(v1::Roster& roster, v1::SignUp& sign_up);

// Takes back the place of a sign-up that is CONFIRMED or WAITLISTED; the first who wait take the
// seats that are free.
void GiveUpPlace(const v1::Roster& roster, const v1::SignUp& sign_up, db::UnitOfWork& work);

// Seats those who wait, in order, while there are seats.
void FillSeats(const v1::Roster& roster, db::UnitOfWork& work);

}  // namespace pingan::volunteer

#endif  // PINGAN_SERVICES_VOLUNTEER_SEATS_H_
