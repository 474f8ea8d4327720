// Every kind of field, into the database and back; and what does not fit.
#include "common/db/row_mapper.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/catalogue.h"
#include "common/db/row_cache.h"
#include "common/db/row_writes.h"
#include "common/db/session.h"
#include "common/db/sql_rows.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/dynamic_proto.h"
#include "tests/support/database.h"

namespace pingan::db {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::HasSubstr;

constexpr char kProto[] = R"(
  message Other {
    option (google.api.resource) = {type: "t/Other" pattern: "towns/{town}/others/{other}"};
    string name = 1;
  }
  message Inner { string word = 1; int32 number = 2; }
  enum Colour { COLOUR_UNSPECIFIED = 0; RED = 1; GREEN = 2; }
  message Kinds {
    string name = 1;
    string text = 2;
    optional string maybe = 3;
    int32 small = 4;
    int64 big = 5;
    uint32 natural = 6;
    bool flag = 7;
    double real = 8;
    bytes raw = 9;
    Colour colour = 10;
    google.protobuf.Timestamp time = 11;
    google.type.Date day = 12;
    Inner inner = 13;
    repeated string words = 14;
    repeated int32 numbers = 15;
    repeated Colour colours = 16;
    repeated Inner inners = 17;
    map<string, int32> counts = 18;
    string other = 19 [(google.api.resource_reference).type = "t/Other"];
    repeated string others = 20 [(google.api.resource_reference).type = "t/Other"];
    string bare = 21;
    string revision = 22;
    oneof choice { string left = 23; int32 right = 24; }
    string whole = 25 [(google.api.resource_reference).type = "t/Other"];
    string shown = 26;
    optional int64 maybe_big = 27;
    optional Colour maybe_colour = 28;
    optional bool maybe_flag = 29;
  })";

constexpr EmbeddedMigration kKinds[] = {{1, "kinds", R"sql(CREATE TABLE kinds (
  town text COLLATE "C" NOT NULL, kind uuid NOT NULL, number int NOT NULL, text text NOT NULL, maybe text, small int NOT NULL, big bigint NOT NULL,
  "natural" bigint NOT NULL, flag boolean NOT NULL, "real" double precision NOT NULL, raw bytea NOT NULL,
  colour smallint NOT NULL, time timestamptz, day date, "inner" bytea, words text[] NOT NULL, numbers int[] NOT NULL,
  colours smallint[] NOT NULL, inners bytea NOT NULL, counts bytea NOT NULL, other uuid, others uuid[] NOT NULL,
  bare uuid, revision bigint, "left" text, "right" int, whole text COLLATE "C" NOT NULL, maybe_big bigint,
  maybe_colour smallint, maybe_flag boolean, later text, PRIMARY KEY (town, kind, number)))sql"}};

constexpr char kName[] = "towns/330481003/kinds/0199aaaa-0000-7000-8000-000000000001/numbers/7";
constexpr char kSomeone[] = "towns/330481003/others/0199aaaa-0000-7000-8000-000000000002";
constexpr char kElsewhere[] = "towns/330481004/others/0199aaaa-0000-7000-8000-000000000002";

class RowMapperTest : public testing::Test {
 public:
  static void SetUpTestSuite() { shared() = new test::TestDatabase("kinds", kKinds); }
  static void TearDownTestSuite() { delete std::exchange(shared(), nullptr); }

 protected:
  RowMapperTest() : proto_(Kinds()), prototype_(proto_.New("Kinds")) {
    shared()->Sql("TRUNCATE kinds");
  }

  // Never destroyed: what is bound to its types may live as long as the process.
  static rpc::DynamicProto& Kinds() {
    static auto& proto = *new rpc::DynamicProto(kProto);
    return proto;
  }
  static test::TestDatabase*& shared() {
    static test::TestDatabase* database = nullptr;
    return database;
  }

  static TableOptions Options() {
    return {.name = "kinds",
            .resource = "towns/{town}/kinds/{kind}/numbers/{number}",
            .unstored = {"shown"}};
  }
  std::unique_ptr<Database> Open(TableOptions options = Options()) {
    table_ = std::make_unique<Table>(std::move(options), *prototype_);
    return shared()->Open({table_.get()});
  }
  std::string ErrorOf(TableOptions options) {
    table_ = std::make_unique<Table>(std::move(options), *prototype_);
    const auto opened = Database::Open(
        {.conninfo = shared()->conninfo(), .schema = shared()->schema(), .tables = {table_.get()}});
    return opened.ok() ? "OK" : std::string(opened.status().message());
  }

  std::unique_ptr<google::protobuf::Message> New(const std::string& text) {
    return proto_.New("Kinds", text);
  }

  // Writes a row and reads it again.
  std::unique_ptr<google::protobuf::Message> ThereAndBack(const Database& database,
                                                          const google::protobuf::Message& row) {
    const BoundTable& table = *database.catalogue().tables()[0];
    Session session(database);
    SqlRows source(session);
    RowCache rows(database.catalogue(), source, absl::UnixEpoch());
    std::unique_ptr<google::protobuf::Message> copy(row.New());
    copy->CopyFrom(row);
    rows.Put(table, std::move(copy), /*deleted=*/false);
    WriteTable(session, table, rows.WritesOf(table));
    Segments key;
    EXPECT_TRUE(table.mapper().Split(kName, key));
    std::unique_ptr<google::protobuf::Message> read(row.New());
    source.LoadRows(
        table, {key}, [&] { return read.get(); }, [](google::protobuf::Message*) {});
    return read;
  }
  void ExpectThereAndBack(const std::string& text) {
    const auto database = Open();
    const auto row = New(text);
    const auto read = ThereAndBack(*database, *row);
    std::string difference;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    EXPECT_TRUE(differencer.Compare(*row, *read)) << difference;
  }

  rpc::DynamicProto& proto_;  // not destroyed: messages of it live in tables
  std::unique_ptr<google::protobuf::Message> prototype_;
  std::unique_ptr<Table> table_;
};

TEST_F(RowMapperTest, EmptyRows) { ExpectThereAndBack(absl::StrCat("name: '", kName, "'")); }

TEST_F(RowMapperTest, FullRows) {
  ExpectThereAndBack(absl::StrCat("name: '", kName, "' other: '", kSomeone, "' others: '", kSomeone,
                                  "' whole: '", kElsewhere, "'", R"(
    text: 'a "quoted" \\ {text}, NULL\n平安' maybe: ''
    small: -2147483648 big: 9223372036854775807 natural: 4294967295
    flag: true real: -0.1 raw: '\000\001\377"\\' colour: GREEN
    time { seconds: -62135596800 nanos: 1000 } day { year: 2026 month: 2 day: 28 }
    inner { word: 'in' number: -1 }
    words: '' words: 'NULL' words: 'a,b' words: '"\\{}' words: '共建'
    numbers: -1 numbers: 0 numbers: 2147483647 colours: RED colours: COLOUR_UNSPECIFIED
    inners { word: 'first' } inners {} inners { number: 3 }
    counts { key: 'a' value: 1 } counts { key: 'b' value: 2 }
    bare: '0199aaaa-0000-7000-8000-00000000000f' revision: '12' right: 0
    maybe_big: 0 maybe_colour: COLOUR_UNSPECIFIED maybe_flag: false)"));
}

TEST_F(RowMapperTest, TimesOfEveryAge) {
  for (const char* time :
       {"seconds: 253402300799 nanos: 999999000", "seconds: -1", "seconds: -1 nanos: 500000000",
        "seconds: 951782400", "nanos: 1000", "seconds: 1795395600 nanos: 120000000"}) {
    ExpectThereAndBack(absl::StrCat("name: '", kName, "' time {", time, "}"));
    shared()->Sql("TRUNCATE kinds");
  }
}

TEST_F(RowMapperTest, DoublesOfEverySize) {
  for (const char* real : {"1e300", "5e-324", "0.1", "-123456789.123456789", "inf", "-inf"}) {
    ExpectThereAndBack(absl::StrCat("name: '", kName, "' real: ", real));
    shared()->Sql("TRUNCATE kinds");
  }
}

TEST_F(RowMapperTest, OneofMembersAreNullUnlessSet) {
  const auto database = Open();
  ThereAndBack(*database, *New(absl::StrCat("name: '", kName, "' right: 0")));
  EXPECT_EQ(shared()->Sql(R"(SELECT ("left" IS NULL) || ',' || "right" FROM kinds)"), "true,0");
}

TEST_F(RowMapperTest, ReferencesAreStoredAsTheirIds) {
  const auto database = Open();
  ThereAndBack(*database, *New(absl::StrCat("name: '", kName, "' other: '", kSomeone, "' whole: '",
                                            kElsewhere, "'")));
  EXPECT_EQ(shared()->Sql("SELECT other || '|' || whole FROM kinds"),
            absl::StrCat("0199aaaa-0000-7000-8000-000000000002|", kElsewhere));
}

TEST_F(RowMapperTest, ChecksWhatCannotBeStored) {
  const auto database = Open();
  const RowMapper& mapper = database->catalogue().tables()[0]->mapper();
  Segments key;
  ASSERT_TRUE(mapper.Split(kName, key));
  const auto error = [&](const std::string& fields) {
    const auto row = New(absl::StrCat("name: '", kName, "' ", fields));
    return std::string(mapper.Check(*row, key).message());
  };
  EXPECT_EQ(error(""), "");
  EXPECT_THAT(error(absl::StrCat("other: '", kElsewhere, "'")),
              HasSubstr("column other: refers to another place"));
  EXPECT_THAT(error(absl::StrCat("others: '", kElsewhere, "'")), HasSubstr("column others"));
  EXPECT_THAT(error("other: 'towns/330481003/others/x'"), HasSubstr("is not a uuid"));
  EXPECT_THAT(error("bare: 'X'"), HasSubstr("column bare: is not a uuid"));
  EXPECT_THAT(error("revision: '01'"), HasSubstr("column revision: is not a bigint"));
  EXPECT_THAT(error("text: 'a\\000b'"), HasSubstr("column text"));
}

TEST_F(RowMapperTest, NamesAreSplitOnlyWhenTheyAreCanonical) {
  const auto database = Open();
  const RowMapper& mapper = database->catalogue().tables()[0]->mapper();
  Segments key;
  EXPECT_TRUE(mapper.Split(kName, key));
  EXPECT_THAT(key, testing::ElementsAre("330481003", "0199aaaa-0000-7000-8000-000000000001", "7"));
  for (const char* name :
       {"towns/330481003/kinds/0199AAAA-0000-7000-8000-000000000001/numbers/7",
        "towns/330481003/kinds/0199aaaa-0000-7000-8000-000000000001/numbers/07",
        "towns/330481003/kinds/0199aaaa-0000-7000-8000-000000000001/numbers/",
        "towns/330481003/kinds/0199aaaa-0000-7000-8000-000000000001",
        "cities/330481003/kinds/0199aaaa-0000-7000-8000-000000000001/numbers/7"}) {
    EXPECT_FALSE(mapper.Split(name, key)) << name;
  }
}

TEST_F(RowMapperTest, SaysWhatDoesNotFitWhenTheDatabaseIsOpened) {
  EXPECT_EQ(ErrorOf(Options()), "OK");
  TableOptions options = Options();
  options.name = "nothing";
  EXPECT_THAT(ErrorOf(options), HasSubstr("there is no table nothing"));
  options = Options();
  options.unstored = {};
  EXPECT_THAT(ErrorOf(options), HasSubstr("column shown: is missing"));
  options.unstored = {"shown", "text"};
  EXPECT_THAT(ErrorOf(options), HasSubstr("column text: is declared unstored but is a column"));
  options = Options();
  options.resource = "towns/{town}/kinds/{kind}";
  EXPECT_THAT(ErrorOf(options),
              HasSubstr("column number: is in the primary key but not in the resource's name"));
  options.resource = "kinds/{kind}/towns/{town}/numbers/{number}";
  EXPECT_THAT(ErrorOf(options),
              HasSubstr("column kind: is the tenant but not first in the primary key"));
  options = Options();
  options.references = {{"other", "others/{something}/{other}"}};
  EXPECT_NE(ErrorOf(options), "OK");
  options.references = {{"other", "places/{place}/others/{other}"}};
  EXPECT_THAT(ErrorOf(options), HasSubstr("column other: a uuid cannot tell the place"));
}

TEST_F(RowMapperTest, SaysWhichTypesDoNotFit) {
  for (const auto& [column, type] :
       std::vector<std::pair<std::string, std::string>>{{"text", "int[]"},
                                                        {"big", "text"},
                                                        {"flag", "int"},
                                                        {"time", "date"},
                                                        {"words", "int[]"},
                                                        {"day", "timestamptz"},
                                                        {"real", "int"},
                                                        {"raw", "text"}}) {
    shared()->Sql(absl::StrCat(
        "ALTER TABLE kinds RENAME TO kept; CREATE TABLE kinds (LIKE kept INCLUDING ALL); "
        "ALTER TABLE kinds DROP COLUMN \"",
        column, "\", ADD COLUMN \"", column, "\" ", type));
    EXPECT_THAT(ErrorOf(Options()), HasSubstr(absl::StrCat("column ", column, ": type "))) << type;
    shared()->Sql("DROP TABLE kinds; ALTER TABLE kept RENAME TO kinds");
  }
}

TEST_F(RowMapperTest, ColumnsOfALaterMigrationAreLeftAloneUnlessTheyAreRequired) {
  shared()->Sql("ALTER TABLE kinds ADD COLUMN newer text NOT NULL DEFAULT 'x'");
  EXPECT_EQ(ErrorOf(Options()), "OK");
  shared()->Sql("ALTER TABLE kinds ALTER COLUMN newer DROP DEFAULT");
  EXPECT_THAT(ErrorOf(Options()),
              HasSubstr("column newer: is required but there is no such field"));
  shared()->Sql("ALTER TABLE kinds DROP COLUMN newer");
}

}  // namespace
}  // namespace pingan::db
