// What came of many calls: how many of each status, and how long they took.
#ifndef PINGAN_TESTS_LOAD_TALLY_H_
#define PINGAN_TESTS_LOAD_TALLY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/load/http2_client.h"

namespace pingan::load {

class Tally {
 public:
  // `nanoseconds` from when the call was meant to start.
  void Add(const Answer& answer, int64_t nanoseconds);
  int64_t wrong() const { return wrong_; }

  // One line of JSON: rate of right answers, those that were wrong, and of each status its count
  // and the 50th, 90th, 99th and 99.9th percentile in milliseconds.
  std::string ToJson(double seconds);

 private:
  std::map<int, std::vector<int64_t>> by_status_;
  int64_t wrong_ = 0;  // status 0 without the expected words
};

}  // namespace pingan::load

#endif  // PINGAN_TESTS_LOAD_TALLY_H_
