// What the load client asks for: one table of loads, each a path and how to make its n-th request.
//
// Rows are those of seeds/rows.sql: event, roster, listing and person n have the id
// 00000000-0000-7000-8000-<n in hex>, and row n is in town 330000000 + n % towns.
#ifndef PINGAN_TESTS_LOAD_LOADS_H_
#define PINGAN_TESTS_LOAD_LOADS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/rpc/token.h"
#include "tests/load/http2_client.h"

namespace pingan::load {

struct Spread {
  int64_t towns = 1;
  int64_t rows = 1000;  // events, rosters or listings to choose from, over all towns
  int64_t first = 0;    // number of the first new person, match or draft
  int64_t people = 0;   // new ones who take turns, each with other rows; 0: one for each call
};

// What one load asks of one service. Every request_id it sends is new under a new `first`.
struct Load {
  absl::string_view name;
  absl::string_view service;  // "" for JSON
  absl::string_view method;
  // New people call, numbered from `first`; else 200 who call again and again.
  bool new_people;
  void (*fill)(const Spread& spread, int64_t i, Request& request);
};

// Null when there is no load of this name.
const Load* FindLoad(absl::string_view name);

// Makes the requests of a load; tokens are signed beforehand.
class Requests {
 public:
  // Equal `signed_at` and people give equal tokens, which a service then knows.
  Requests(const Load& load, const Spread& spread, int64_t calls, rpc::TokenSigner& signer,
           absl::Time signed_at);

  // The i-th, counted from 0.
  Request Make(int64_t i) const;

 private:
  const Load& load_;
  const Spread spread_;
  std::vector<std::string> tokens_;
};

}  // namespace pingan::load

#endif  // PINGAN_TESTS_LOAD_LOADS_H_
