// Whether, and how well, a resource fits a need. Pure.
#ifndef PINGAN_SERVICES_EXCHANGE_FIT_H_
#define PINGAN_SERVICES_EXCHANGE_FIT_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "pingan/exchange/v1/exchange.pb.h"

namespace pingan::exchange {

// The days of a listing, both included. An end that is left open is the first or last day there is.
struct Window {
  absl::CivilDay first;
  absl::CivilDay last;

  int64_t days() const { return last - first + 1; }
};
Window WindowOf(const v1::Listing& listing);
// The days that are in both; 0 when there are none.
int64_t SharedDays(const Window& a, const Window& b);

// INVALID_FIELD when a day is none of the calendar or the last comes before the first.
absl::Status CheckWindow(const v1::Listing& listing);

// CATEGORY_DIFFERS, MEASURE_DIFFERS or WINDOWS_APART, the first that is so.
absl::Status CheckFit(const v1::Listing& resource, const v1::Listing& need);

// Points for how well they fit: 100 for a pair, 20 for the same town, up to 30 for the part of the
// need that the resource can meet, up to 20 for the part of the shorter window that both share, 10
// for the same mechanism.
struct Points {
  int paired = 0;
  int same_town = 0;
  int quantity = 0;
  int window = 0;
  int mechanism = 0;

  int total() const { return paired + same_town + quantity + window + mechanism; }
};
Points PointsOf(const v1::Listing& resource, const v1::Listing& need, bool paired);
// The same with words for people; without the parts that gave nothing.
std::vector<v1::ScorePart> PartsOf(const Points& points, const v1::Listing& resource,
                                   const v1::Listing& need);

}  // namespace pingan::exchange

#endif  // PINGAN_SERVICES_EXCHANGE_FIT_H_
