// The tables of these tests: a source keeps units and duties; a follower mirrors the units and
// counts what happened to each.
#ifndef PINGAN_TESTS_COMMON_CHANGES_ROWS_H_
#define PINGAN_TESTS_COMMON_CHANGES_ROWS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/db/migrations.h"
#include "common/db/table.h"
#include "pingan/directory/v1/directory.pb.h"
#include "pingan/volunteer/v1/volunteer.pb.h"

namespace pingan::changes {

inline const db::TableOf<directory::v1::Unit> kUnits({.name = "units",
                                                      .resource = "towns/{town}/units/{unit}",
                                                      .unstored = {"kind", "parent_unit",
                                                                   "office_phone", "successor",
                                                                   "create_time", "update_time"}});

inline const db::TableOf<directory::v1::Duty> kDuties(
    {.name = "duties",
     .resource = "towns/{town}/duties/{duty}",
     .unstored = {"unit", "office_phone", "leader", "substitute_name", "substitute_phone",
                  "start_date", "end_date", "create_time", "update_time", "etag"}});

// How often a unit was seen to change: the `size` of what is otherwise no team.
inline const db::TableOf<volunteer::v1::Team> kTallies(
    {.name = "tallies",
     .resource = "towns/{town}/tallies/{tally}",
     .unstored = {"display_name", "kind", "party", "leader", "state", "create_time", "update_time",
                  "etag"}});

inline absl::Span<const db::EmbeddedMigration> Tables() {
  static constexpr db::EmbeddedMigration kMigrations[] = {{1, "tables", R"(
CREATE TABLE units (
  town text COLLATE "C" NOT NULL, unit text COLLATE "C" NOT NULL, display_name text NOT NULL,
  etag text NOT NULL, PRIMARY KEY (town, unit));
CREATE TABLE duties (
  town text COLLATE "C" NOT NULL, duty text COLLATE "C" NOT NULL, leader_name text NOT NULL,
  PRIMARY KEY (town, duty));
CREATE TABLE tallies (
  town text COLLATE "C" NOT NULL, tally text COLLATE "C" NOT NULL, size integer NOT NULL,
  PRIMARY KEY (town, tally));
)"}};
  return kMigrations;
}

inline std::string Town(int number) { return absl::StrCat(330481000 + number); }
inline std::string UnitName(absl::string_view town, int unit) {
  return absl::StrCat("towns/", town, "/units/", town, 100 + unit);
}
inline std::string TallyName(absl::string_view unit) {
  std::string name(unit);
  name.replace(name.find("/units/"), 7, "/tallies/");
  return name;
}

}  // namespace pingan::changes

#endif  // PINGAN_TESTS_COMMON_CHANGES_ROWS_H_
