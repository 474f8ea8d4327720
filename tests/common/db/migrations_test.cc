#include "common/db/migrations.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/db/session.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pqxx/connection"
#include "pqxx/nontransaction"
#include "tests/support/database.h"

namespace pingan::db {
namespace {

using testing::HasSubstr;

constexpr EmbeddedMigration kTwo[] = {
    {1, "first", "CREATE TABLE first (a int); INSERT INTO first VALUES (1)"},
    {2, "second", "CREATE TABLE second (a int)"}};
constexpr EmbeddedMigration kChanged[] = {{1, "first", "CREATE TABLE first (a bigint)"}};
constexpr EmbeddedMigration kBroken[] = {
    kTwo[0], kTwo[1], {3, "third", "CREATE TABLE third (a int); SELECT 1/0"}};
constexpr EmbeddedMigration kGap[] = {kTwo[0], {3, "third", ""}};

class MigrationsTest : public testing::Test {
 protected:
  MigrationsTest() : database_("other", {}) {}

  absl::Status Apply(absl::Span<const EmbeddedMigration> migrations, const std::string& role = "") {
    return Migrate({.conninfo = database_.conninfo(),
                    .schema = "shop",
                    .service_role = role,
                    .service = migrations});
  }
  absl::Status Check(size_t built_with) {
    std::vector<EmbeddedMigration> migrations(built_with);
    return CheckSchema(database_.conninfo(), "shop", migrations);
  }
  std::string Applied() {
    return Sql("SELECT count(*) FROM shop.schema_migrations WHERE part = 'service'");
  }
  std::string Sql(const std::string& sql) { return database_.Sql(sql); }

  test::TestDatabase database_;
};

TEST_F(MigrationsTest, AreAppliedOnce) {
  ASSERT_TRUE(Apply(absl::MakeSpan(kTwo).subspan(0, 1)).ok());
  EXPECT_EQ(Applied(), "1");
  ASSERT_TRUE(Apply(kTwo).ok());
  ASSERT_TRUE(Apply(kTwo).ok());
  EXPECT_EQ(Applied(), "2");
  EXPECT_EQ(Sql("SELECT count(*) FROM shop.first"), "1");
  EXPECT_EQ(Sql("SELECT count(*) FROM shop.heads"), "0");
}

TEST_F(MigrationsTest, AppliedOnesMayNotChange) {
  ASSERT_TRUE(Apply(kTwo).ok());
  EXPECT_THAT(std::string(Apply(kChanged).message()),
              HasSubstr("service migration 1 first was applied with another"));
}

TEST_F(MigrationsTest, AFailedOneLeavesNothing) {
  EXPECT_THAT(std::string(Apply(kBroken).message()), HasSubstr("service migration 3 third"));
  EXPECT_EQ(Applied(), "2");
  EXPECT_EQ(Sql("SELECT to_regclass('shop.third') IS NULL"), "t");
  EXPECT_THAT(std::string(Apply(kGap).message()), HasSubstr("should have number 2"));
}

TEST_F(MigrationsTest, RunsThatMeetWaitForEachOther) {
  std::vector<std::thread> runs;
  for (int i = 0; i < 4; ++i) runs.emplace_back([&] { EXPECT_TRUE(Apply(kTwo).ok()); });
  for (std::thread& run : runs) run.join();
  EXPECT_EQ(Sql("SELECT count(*) FROM shop.first"), "1");
}

TEST_F(MigrationsTest, TheServiceMayReadAndWriteRowsAndNoMore) {
  const std::string role = absl::StrCat("role_of_", database_.name());
  Sql(absl::StrCat("CREATE ROLE ", role));
  ASSERT_TRUE(Apply(kTwo, role).ok());
  const auto may = [&](const std::string& what) { return Sql(absl::StrCat("SELECT has_", what)); };
  EXPECT_EQ(may(absl::StrCat("table_privilege('", role,
                             "', 'shop.first', 'SELECT, INSERT, UPDATE, DELETE')")),
            "t");
  EXPECT_EQ(may(absl::StrCat("table_privilege('", role, "', 'shop.first', 'TRUNCATE')")), "f");
  EXPECT_EQ(may(absl::StrCat("table_privilege('", role, "', 'shop.schema_migrations', 'INSERT')")),
            "f");
  EXPECT_EQ(may(absl::StrCat("schema_privilege('", role, "', 'shop', 'CREATE')")), "f");
  EXPECT_EQ(may(absl::StrCat("schema_privilege('", role, "', 'other', 'USAGE')")), "f");
  Sql(absl::StrCat("DROP OWNED BY ", role, "; DROP ROLE ", role));
}

TEST_F(MigrationsTest, ServersAcceptTheirVersionAndItsNeighbours) {
  EXPECT_FALSE(Check(2).ok());  // no schema
  ASSERT_TRUE(Apply(kTwo).ok());
  EXPECT_FALSE(Check(0).ok());
  EXPECT_TRUE(Check(1).ok());
  EXPECT_TRUE(Check(2).ok());
  EXPECT_TRUE(Check(3).ok());
  EXPECT_THAT(std::string(Check(4).message()),
              HasSubstr("is at service migration 2; this binary was built with 4"));
}

TEST_F(MigrationsTest, AreLookedAtAgainOverAConnectionThatIsKept) {
  ASSERT_TRUE(Apply(absl::MakeSpan(kTwo).subspan(0, 1)).ok());
  pqxx::connection connection(database_.conninfo() + " options='-c search_path=shop'");
  pqxx::nontransaction work(connection);
  EXPECT_TRUE(CheckSchema(work, "shop", kTwo).ok());
  EXPECT_FALSE(CheckSchema(work, "shop", kBroken).ok());
  ASSERT_TRUE(Apply(kTwo).ok());
  EXPECT_TRUE(CheckSchema(work, "shop", kBroken).ok());
}

TEST_F(MigrationsTest, NamesThatAreNotPlainAreRefused) {
  EXPECT_FALSE(
      Migrate({.conninfo = database_.conninfo(), .schema = "a; DROP", .service = kTwo}).ok());
  EXPECT_FALSE(Apply(kTwo, "x\"y").ok());
}

TEST_F(MigrationsTest, WithoutADatabaseItIsUnavailable) {
  const std::string nowhere = "host=127.0.0.1 port=1 user=x dbname=x";
  EXPECT_EQ(base::ReasonOf(CheckSchema(nowhere, "shop", kTwo)), "UNAVAILABLE");
  EXPECT_EQ(base::ReasonOf(Database::Open({.conninfo = nowhere, .schema = "shop"}).status()),
            "UNAVAILABLE");
}

}  // namespace
}  // namespace pingan::db
