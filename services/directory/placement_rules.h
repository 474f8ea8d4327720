// Where enterprises are: placements are only ever added, and the newest one that has begun counts.
#ifndef PINGAN_SERVICES_DIRECTORY_PLACEMENT_RULES_H_
#define PINGAN_SERVICES_DIRECTORY_PLACEMENT_RULES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/db/unit_of_work.h"
#include "google/type/date.pb.h"
#include "pingan/directory/v1/directory.pb.h"

namespace pingan::directory {

// The unit an enterprise is in on a day, from its placements in the order of kPlacementsOf; ""
// while it has none.
std::string UnitOn(const google::type::Date& day,
                   const std::vector<const v1::Placement*>& placements);
std::string UnitOn(const google::type::Date& day, const std::vector<v1::Placement>& placements);
// The same today, for a rule.
std::string UnitToday(absl::string_view enterprise, db::UnitOfWork& work);

// Adds a placement. The stored unit of the enterprise becomes where it is today.
v1::Placement AddPlacement(const v1::Enterprise& enterprise, absl::string_view unit,
                           const google::type::Date& start_date, db::UnitOfWork& work);

// Whoever is in `unit` today, or will be, is in `successor` from the same day on, but not from
// before today.
void HandOver(absl::string_view unit, absl::string_view successor, db::UnitOfWork& work);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_PLACEMENT_RULES_H_
