#include "services/exchange/categories.h"

#include <algorithm>

namespace pingan::exchange {
namespace {

constexpr v1::Measure kVenue[] = {v1::SEATS, v1::SESSIONS};
constexpr v1::Measure kVolunteers[] = {v1::PEOPLE, v1::HOURS};
constexpr v1::Measure kEquipment[] = {v1::PIECES};
constexpr v1::Measure kLegalAdvice[] = {v1::PEOPLE, v1::HOURS, v1::SESSIONS};
constexpr v1::Measure kSafetyTalk[] = {v1::SESSIONS, v1::HOURS};
constexpr v1::Measure kTraining[] = {v1::SESSIONS, v1::SEATS};
constexpr v1::Measure kPolicyAdvice[] = {v1::ITEMS, v1::SESSIONS};
constexpr v1::Measure kJobs[] = {v1::PEOPLE};
constexpr v1::Measure kCare[] = {v1::PEOPLE, v1::ITEMS, v1::PIECES};
constexpr v1::Measure kOther[] = {v1::PEOPLE,   v1::PIECES, v1::SEATS,
                                  v1::SESSIONS, v1::HOURS,  v1::ITEMS};

struct CategoryRow {
  v1::Category category;
  absl::Span<const v1::Measure> measures;
};
constexpr CategoryRow kCategories[] = {
    {v1::VENUE, kVenue},
    {v1::VOLUNTEERS, kVolunteers},
    {v1::EQUIPMENT, kEquipment},
    {v1::LEGAL_ADVICE, kLegalAdvice},
    {v1::SAFETY_TALK, kSafetyTalk},
    {v1::TRAINING, kTraining},
    {v1::POLICY_ADVICE, kPolicyAdvice},
    {v1::JOBS, kJobs},
    {v1::CARE, kCare},
    {v1::OTHER, kOther},
};

}  // namespace

absl::Span<const v1::Measure> MeasuresOf(v1::Category category) {
  for (const CategoryRow& row : kCategories) {
    if (row.category == category) return row.measures;
  }
  return {};
}

bool HasMeasure(v1::Category category, v1::Measure measure) {
  const absl::Span<const v1::Measure> measures = MeasuresOf(category);
  return std::find(measures.begin(), measures.end(), measure) != measures.end();
}

v1::ListCategoriesResponse AllCategories() {
  v1::ListCategoriesResponse response;
  for (const CategoryRow& row : kCategories) {
    v1::CategoryInfo& info = *response.add_categories();
    info.set_category(row.category);
    info.set_title(base::WordOf(row.category));
    for (const v1::Measure measure : row.measures) {
      info.add_measures(measure);
      info.add_measure_titles(base::WordOf(measure));
    }
  }
  return response;
}

}  // namespace pingan::exchange
