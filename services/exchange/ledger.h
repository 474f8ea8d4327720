// The ledger: the one place that writes a line, and that carries it into the sums of its match and
// of the listings that the match names.
//
// What holds after every line, and every Recount:
//   - committed of a listing is the sum of LINE_COMMITTED less LINE_CANCELLED over its matches;
//     delivered, confirmed and lost, of a listing and of a match, are the sums of their lines;
//   - remaining of a resource is quantity - committed, that of a need quantity - committed + lost,
//     and neither is below 0;
//   - a match is over (CONFIRMED or CANCELLED) exactly when nothing of it is left to deliver and
//     nothing on the way.
#ifndef PINGAN_SERVICES_EXCHANGE_LEDGER_H_
#define PINGAN_SERVICES_EXCHANGE_LEDGER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/unit_of_work.h"
#include "pingan/exchange/v1/exchange.pb.h"

namespace pingan::exchange {

// Derives remaining, fulfilment and awaiting_release from the listing's quantity, state and sums.
// Unanswered, and so waiting for its release, is a listing of which nothing is committed.
void Recount(v1::Listing& listing);

// What of the quantity is bound: committed and, of a need, not lost again.
int64_t Bound(const v1::Listing& listing);

// Of an accepted match: what is still to be handed over, and what was and has neither arrived nor
// been lost.
int64_t ToDeliver(const v1::Match& match);
int64_t OnTheWay(const v1::Match& match);

struct Entry {
  v1::LineKind kind;
  int64_t quantity;
  std::string words;
  std::string writer;  // a person
};

// Writes one line of a match and carries it on; `verb` is what happened to the match. The rule has
// checked that there is so much to commit, deliver, confirm, lose or cancel.
absl::StatusOr<v1::Match> Write(const v1::Match& match, const Entry& entry, absl::string_view verb,
                                db::UnitOfWork& work);

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_LEDGER_H_
