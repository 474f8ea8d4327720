#include "services/exchange/fit.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "services/exchange/exchange_errors.h"

namespace pingan::exchange {
namespace {

using v1::Listing;

constexpr absl::CivilDay kFirstDay(1, 1, 1);
constexpr absl::CivilDay kLastDay(9999, 12, 31);

constexpr int kPaired = 100;
constexpr int kSameTown = 20;
constexpr int kMostForQuantity = 30;
constexpr int kMostForWindow = 20;
constexpr int kMechanism = 10;

// What of the need the resource can meet now.
int64_t Met(const Listing& resource, const Listing& need) {
  return std::min(resource.remaining(), need.remaining());
}

v1::ScorePart Part(absl::string_view key, int points, absl::string_view text) {
  v1::ScorePart part;
  part.set_key(std::string(key));
  part.set_points(points);
  part.set_text(std::string(text));
  return part;
}

bool IsOpenEnded(const Window& window) {
  return window.first == kFirstDay || window.last == kLastDay;
}

std::string WindowText(const Listing& resource, const Listing& need) {
  const Window a = WindowOf(resource), b = WindowOf(need);
  const Window both = {std::max(a.first, b.first), std::min(a.last, b.last)};
  if (IsOpenEnded(both)) return "时间不冲突";
  return absl::StrCat("时间重合", SharedDays(a, b), "天");
}

}  // namespace

Window WindowOf(const Listing& listing) {
  return {.first = base::FromDate(listing.start_date()).value_or(kFirstDay),
          .last = base::FromDate(listing.end_date()).value_or(kLastDay)};
}

int64_t SharedDays(const Window& a, const Window& b) {
  return std::max<int64_t>(0, std::min(a.last, b.last) - std::max(a.first, b.first) + 1);
}

absl::Status CheckWindow(const Listing& listing) {
  std::vector<base::FieldViolation> bad;
  if (listing.has_start_date() && !base::IsDate(listing.start_date()))
    bad.push_back({"listing.start_date", "开始日期不是有效的日期"});
  if (listing.has_end_date() && !base::IsDate(listing.end_date()))
    bad.push_back({"listing.end_date", "结束日期不是有效的日期"});
  if (bad.empty() && WindowOf(listing).days() < 1)
    bad.push_back({"listing.end_date", "结束日期不能早于开始日期"});
  return bad.empty() ? absl::OkStatus() : base::RefuseFields(std::move(bad));
}

absl::Status CheckFit(const Listing& resource, const Listing& need) {
  if (resource.category() != need.category())
    return CategoryDiffers(resource.category(), need.category());
  if (resource.measure() != need.measure())
    return MeasureDiffers(resource.measure(), need.measure());
  return SharedDays(WindowOf(resource), WindowOf(need)) > 0 ? absl::OkStatus() : WindowsApart();
}

Points PointsOf(const Listing& resource, const Listing& need, bool paired) {
  const Window a = WindowOf(resource), b = WindowOf(need);
  Points points;
  points.paired = paired ? kPaired : 0;
  points.same_town = base::TownOf(resource.party()) == base::TownOf(need.party()) ? kSameTown : 0;
  points.quantity = static_cast<int>(kMostForQuantity * Met(resource, need) /
                                     std::max<int64_t>(1, need.remaining()));
  points.window =
      static_cast<int>(kMostForWindow * SharedDays(a, b) / std::min(a.days(), b.days()));
  points.mechanism = resource.mechanism() == need.mechanism() ? kMechanism : 0;
  return points;
}

std::vector<v1::ScorePart> PartsOf(const Points& points, const Listing& resource,
                                   const Listing& need) {
  const int64_t percent = 100 * Met(resource, need) / std::max<int64_t>(1, need.remaining());
  std::vector<v1::ScorePart> parts = {
      Part("PAIRED", points.paired, "结对单位"),
      Part("SAME_TOWN", points.same_town, "同一镇街"),
      Part("QUANTITY", points.quantity, absl::StrCat("可满足需求的", percent, "%")),
      Part("WINDOW", points.window, WindowText(resource, need)),
      Part("MECHANISM", points.mechanism, "八联机制相同"),
  };
  std::erase_if(parts, [](const v1::ScorePart& part) { return part.points() == 0; });
  return parts;
}

}  // namespace pingan::exchange
