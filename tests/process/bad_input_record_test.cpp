// Records that are refused: the message, what stays out of the target, and what is kept within `skip`.
#include "tests/process/process_test.h"

namespace baton {
namespace {

struct BadRecord {
  const char* name;
  const char* table;              // how prices was made
  const char* record;             // among good ones
  std::vector<std::string> said;  // besides file, line and record
  const char* column;             // as rejects list says it
};

void PrintTo(const BadRecord& record, std::ostream* to) { *to << record.name; }

constexpr const char* plain = "CREATE TABLE prices (id INTEGER, price REAL)";

const std::vector<BadRecord> bad_records{
    {"Short", plain, "4", {"expected 2 fields, found 1"}, nullptr},
    {"Long", plain, "4,4.5,x", {"expected 2 fields, found 3"}, nullptr},
    {"EmptyLine", plain, "", {"expected 2 fields, found an empty line"}, nullptr},
    {"Utf8", plain, "4,\xc3(", {"column \"price\"", "UTF-8"}, "price"},
    {"BehindTheQuote", plain, "\"4\"5,4.5", {"column \"id\"", "closing quote"}, "id"},
    {"Type", plain, "4,much", {"column \"price\"", "value \"much\""}, "price"},
    {"Range", plain, "99999999999999999999,1", {"column \"id\"", "value \"99999999999999999999\""}, "id"},
    {"NotNull", "CREATE TABLE prices (id INTEGER NOT NULL, price REAL)", ",4.5", {"column \"id\"", "NOT NULL"}, "id"},
    {"Unique",
     "CREATE TABLE prices (id INTEGER UNIQUE, price REAL)",
     "2,4.5",
     {"column \"id\"", "value \"2\"", "UNIQUE"},
     "id"},
    {"Check",
     "CREATE TABLE prices (id INTEGER, price REAL CHECK (price < 100))",
     "4,200",
     {"CHECK", "price < 100"},
     nullptr},
};

class BadRecordTest : public ProcessTest, public testing::WithParamInterface<BadRecord> {
 protected:
  void SetUp() override {
    workspace_.execute("warehouse.db", GetParam().table);
    workspace_.write("prices.csv", prices(3) + GetParam().record + "\n" + "4,4.5\n");
  }
};

TEST_P(BadRecordTest, FailsTheRunAndNamesThePlace) {
  configure({.table = "name: prices"});
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.errors, HasSubstr(workspace_.file("prices.csv") + ":5 (record 4)"));
  for (const std::string& said : GetParam().said) EXPECT_THAT(end.errors, HasSubstr(said));
  EXPECT_THAT(end.errors, AllOf(HasSubstr("nothing of records 1 to 5 was written"), HasSubstr("`skip`")));
  EXPECT_EQ(loaded(), "0|NULL|NULL");
  EXPECT_EQ(workspace_.query("warehouse.db", "SELECT count(*) FROM baton_reject"), "0");

  workspace_.write("prices.csv", prices(4));
  EXPECT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(loaded(), loaded(4));
}

TEST_P(BadRecordTest, IsKeptAsideWithinSkip) {
  configure({.table = "name: prices", .step = "skip: { limit: 1 }"});
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("read 5, written 4, filtered 0, rejected 1"));
  EXPECT_EQ(loaded(), loaded(4));
  EXPECT_EQ(workspace_.query("warehouse.db", "SELECT record, line FROM baton_reject"), "4|5");
  const auto rows = nlohmann::json::parse(run({"rejects", "list", "--json"}).output);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["column"], GetParam().column == nullptr ? nlohmann::json() : nlohmann::json(GetParam().column));
  EXPECT_EQ(run({"rejects", "export", "--format", "raw"}).output, std::string(GetParam().record) + "\n");
}

INSTANTIATE_TEST_SUITE_P(Each, BadRecordTest, testing::ValuesIn(bad_records),
                         [](const auto& one) { return one.param.name; });

class Skip : public ProcessTest {};

TEST_F(Skip, OneRejectTooManyFailsTheRunAndKeepsTheChunksBefore) {
  configure({.step = "skip: { limit: 1 }\n        chunk: 2"});
  workspace_.write("prices.csv", prices(2) + "x,1\n3,3.5\n4,4.5\ny,1\n");
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.errors, AllOf(HasSubstr("prices.csv:7 (record 6)"), HasSubstr("value \"y\""),
                                HasSubstr("2 of 6 records refused, skip allows 1"), HasSubstr("records 5 to 6")));
  EXPECT_EQ(loaded(), loaded(3));
  EXPECT_THAT(end.output, HasSubstr("read 4, written 3, filtered 0, rejected 1"));

  configure({.step = "skip: { limit: 2 }\n        chunk: 2"});
  EXPECT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(loaded(), loaded(4));
  EXPECT_EQ(workspace_.query("warehouse.db", "SELECT group_concat(value) FROM baton_reject"), "x,y");
}

TEST_F(Skip, AShareIsJudgedAtTheEnd) {
  configure({.step = "skip: { percent: 40 }"});
  workspace_.write("prices.csv", "id,price\nx,1\n1,1.5\n2,2.5\n");
  EXPECT_EQ(run_prices().exit_code, 0);
  workspace_.execute("warehouse.db", "DELETE FROM prices");
  workspace_.write("prices.csv", "id,price\nx,1\ny,1\n1,1.5\n2,2.5\n");
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.errors, HasSubstr("skip allows 40 %"));
  EXPECT_EQ(loaded(), "0|NULL|NULL");
}

}  // namespace
}  // namespace baton
