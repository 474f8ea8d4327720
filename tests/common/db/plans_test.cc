// How PostgreSQL goes about the engine's statements when it knows nothing of the tables' contents,
// as on the first day: a hot roster must not be read as a whole to find one row of it.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/db/catalogue.h"
#include "common/db/session.h"
#include "tests/common/db/engine_fixture.h"

namespace pingan::db {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class PlansTest : public EngineTest {
 protected:
  PlansTest() : session_(*database_) {
    Sql("INSERT INTO sign_ups SELECT '330481003', gen_random_uuid(), "
        "'00000000-0000-7000-8000-000000000001', 2, g, "
        "false, NULL, now(), now(), now() FROM generate_series(1, 5000) g");
  }
  // `arguments` as the arrays stand in SQL.
  std::string PlanOf(const Statement& statement, const std::vector<std::string>& arguments) {
    session_.Run(statement, arguments);
    const pqxx::result lines = session_.Run(absl::StrCat("EXPLAIN EXECUTE ", statement.name, "('",
                                                         absl::StrJoin(arguments, "', '"), "')"));
    std::string plan;
    for (const auto& line : lines) absl::StrAppend(&plan, line[0].c_str(), "\n");
    return plan;
  }

  Session session_;
  const std::string roster_ = absl::StrCat("{", Id(1), "}");
};

TEST_F(PlansTest, RowsAreFoundAndChangedByTheirKey) {
  const BoundTable& table = database_->catalogue().Of(kSignUps);
  const std::vector<std::string> key = {"{330481003}", roster_, roster_};
  EXPECT_THAT(PlanOf(table.find(), key), HasSubstr("Index Scan using sign_ups_pkey"));
  EXPECT_THAT(PlanOf(table.remove(), key), HasSubstr("Index Scan using sign_ups_pkey"));
  uint64_t state = 0;
  for (size_t i = 0; i < table.mapper().columns().size(); ++i) {
    if (table.mapper().columns()[i].name == "state") state = uint64_t{1} << i;
  }
  EXPECT_THAT(PlanOf(table.Update(state), {"{330481003}", roster_, roster_, "{1}"}),
              HasSubstr("Index Scan using sign_ups_pkey"));
}

TEST_F(PlansTest, TheFirstInLineAreReadInTheOrderOfTheirIndex) {
  const std::string plan =
      PlanOf(database_->catalogue().Of(kInState).cut(), {"{330481003}", roster_, "{2}", "{3}"});
  EXPECT_THAT(plan, AllOf(HasSubstr("Index Scan using sign_ups_in_line"), Not(HasSubstr("Sort"))));
}

TEST_F(PlansTest, PartialIndexesServeTheQueriesMadeForThem) {
  EXPECT_THAT(
      PlanOf(database_->catalogue().Of(kOverlapping).cut(), {"{330481003}", roster_, "{3}"}),
      AllOf(HasSubstr("Index Scan using sign_ups_overlapping"), Not(HasSubstr("Sort"))));
}

}  // namespace
}  // namespace pingan::db
