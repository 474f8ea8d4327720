#include "services/volunteer/seats.h"

#include <algorithm>
#include <cstdint>

#include "services/volunteer/volunteer_tables.h"

namespace pingan::volunteer {

using v1::Roster;
using v1::SignUp;

void TakeSeatOrLineUp(Roster& roster, SignUp& sign_up) {
  roster.set_last_rank(roster.last_rank() + 1);
  sign_up.set_rank(roster.last_rank());
  if (roster.confirmed() < roster.capacity()) {
    sign_up.set_state(v1::CONFIRMED);
    roster.set_confirmed(roster.confirmed() + 1);
  } else {
    sign_up.set_state(v1::WAITLISTED);
    roster.set_waiting(roster.waiting() + 1);
  }
}

void FillSeats(const Roster& found, db::UnitOfWork& work) {
  const int64_t seats = std::min(found.capacity() - found.confirmed(), found.waiting());
  if (seats <= 0) return;
  Roster& roster = work.Change(found, "counted");
  for (const SignUp* first :
       work.List(kSignUpsInState, roster.name(), seats, roster.name(), v1::WAITLISTED)) {
    work.Change(*first, "promoted").set_state(v1::CONFIRMED);
    roster.set_waiting(roster.waiting() - 1);
    roster.set_confirmed(roster.confirmed() + 1);
  }
}

void GiveUpPlace(const Roster& found, const SignUp& held, db::UnitOfWork& work) {
  Roster& roster = work.Change(found, "counted");
  SignUp& sign_up = work.Change(held, "cancelled");
  if (sign_up.state() == v1::WAITLISTED) {
    roster.set_waiting(roster.waiting() - 1);
  } else {
    roster.set_confirmed(roster.confirmed() - 1);
  }
  sign_up.set_state(v1::SIGN_UP_CANCELLED);
  FillSeats(roster, work);
}

}  // namespace pingan::volunteer
