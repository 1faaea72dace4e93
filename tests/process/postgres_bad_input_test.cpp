// What a load into PostgreSQL says where it cannot write: connection or file, line, column, type, value, and what to
// do.
#include "tests/doubles/postgres_server.h"
#include "tests/process/process_test.h"

#include <fmt/format.h>

namespace baton {
namespace {

class BadPostgres : public ProcessTest {
 protected:
  BadPostgres() { workspace_.write("prices.csv", "id,price\n1,1.5\n2,2.5\n3,3.5\n"); }

  // A job that loads prices.csv into the table of the database that `url` names.
  void configure_at(const std::string& url, const std::string& table, const std::string& step = "") const {
    workspace_.write("baton.yaml", fmt::format(R"(repository: {{ url: "{}", schema: datasync }}
locks: {{ refresh: 50ms }}
connections:
  warehouse: {{ url: "{}", schema: public }}
jobs:
  prices:
    steps:
      - name: load
        read: {{ csv: {{ path: prices.csv }} }}
        write: {{ table: {{ connection: warehouse, {} }} }}
        {}
)",
                                               database_.url(), url, table, step));
  }
  void configure(const std::string& table, const std::string& step = "") const {
    configure_at(database_.url(), table, step);
  }
  void expect_success() const {
    const ProgramEnd end = run_prices();
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_EQ(database_.query("SELECT count(*), sum(id) FROM public.prices"), "3|6");
  }
  // The same server, with a role of this test, or another database.
  std::string url_as(const std::string& role) const {
    return "postgresql://" + role + ":pa55word" + database_.url().substr(database_.url().find('@'));
  }

  TemporaryDatabase database_;
};

TEST_F(BadPostgres, AMissingTableNamesTheNextStep) {
  configure("name: prices");
  expect_failure({"connection warehouse", "table prices", "create: true"});
  database_.query("CREATE TABLE public.prices (id int, price numeric)");
  expect_success();
}

TEST_F(BadPostgres, AColumnThatTheTableLacksIsNamedBesideThoseThatItHas) {
  configure("name: prices");
  database_.query("CREATE TABLE public.prices (id int, cost numeric)");
  expect_failure({"connection warehouse, table prices", "no column price", "id, cost"});
  EXPECT_EQ(database_.query("SELECT count(*) FROM public.prices"), "0");
}

TEST_F(BadPostgres, AnUpsertWithoutAUniqueKeyShowsTheIndexThatItNeeds) {
  configure("name: prices, mode: upsert, key: [id]");
  database_.query("CREATE TABLE public.prices (id int, price numeric)");
  expect_failure({"connection warehouse, table prices", "no unique key over (id)",
                  "CREATE UNIQUE INDEX ON \"public\".\"prices\" (\"id\")"});
}

TEST_F(BadPostgres, ARoleThatMayNotInsertIsToldWhichTable) {
  const std::string role = database_.name() + "_role";
  database_.query(
      fmt::format("CREATE TABLE public.prices (id int, price numeric); CREATE ROLE {0} LOGIN PASSWORD "
                  "'pa55word'; GRANT USAGE, CREATE ON SCHEMA public TO {0}; GRANT SELECT ON public.prices TO {0}",
                  role));
  configure_at(url_as(role), "name: prices");
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 1) << end.errors;
  EXPECT_THAT(end.errors, AllOf(HasSubstr(database_.name()), HasSubstr("permission denied for table prices"),
                                HasSubstr("grant the role")));
  EXPECT_THAT(end.errors, Not(HasSubstr("pa55word")));
  database_.query(fmt::format("GRANT INSERT ON public.prices TO {}", role));
  expect_success();
  database_.query(fmt::format("DROP OWNED BY {0}; DROP ROLE {0}", role));
}

TEST_F(BadPostgres, AQueryThatWritesIsNotTakenForAStandby) {
  database_.query("CREATE SEQUENCE public.numbers; CREATE TABLE public.prices (id int, price numeric)");
  configure("name: prices, mode: replace");
  const std::string csv = "csv: { path: prices.csv }";
  std::string config = workspace_.read("baton.yaml");
  config.replace(config.find(csv), csv.size(),
                 "query: { connection: warehouse, sql: \"SELECT nextval('numbers') AS id, 1 AS price\" }");
  workspace_.write("baton.yaml", config);
  const ProgramEnd end = expect_failure({"cannot execute nextval() in a read-only transaction", "`read`"});
  EXPECT_THAT(end.errors, Not(HasSubstr("standby")));
}

TEST_F(BadPostgres, AnUnknownDatabaseIsNamed) {
  const std::string url = database_.url();
  configure_at(url.substr(0, url.rfind('/')) + "/nowhere", "name: prices");
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 78) << end.errors;
  EXPECT_THAT(end.errors, AllOf(HasSubstr("warehouse"), HasSubstr("nowhere"), HasSubstr("does not exist")));
}

TEST_F(BadPostgres, AValueThatDoesNotFitNamesFileLineColumnTypeAndValue) {
  workspace_.write("prices.csv", "id,price\n1,1.5\nmany,2.5\n3,3.5\n");
  configure("name: prices");
  database_.query("CREATE TABLE public.prices (id int, price numeric)");
  expect_failure({"prices.csv:3", "id", "integer", "many"});
  EXPECT_EQ(database_.query("SELECT count(*) FROM public.prices"), "0");
}

TEST_F(BadPostgres, RowsThatTheServerRefusesAreRejectsThatCanBeListedAndTheRestIsKept) {
  workspace_.write("prices.csv", "id,price\n1,1.5\n2,-1\n2,2.5\n3,3.5\nx,1\n");
  configure("name: prices", "skip: { limit: 2 }");
  database_.query("CREATE TABLE public.prices (id int PRIMARY KEY, price numeric CHECK (price > 0))");
  expect_success();
  const ProgramEnd listed = run({"rejects", "list", "--json"});
  const auto rejects = nlohmann::json::parse(listed.output);
  ASSERT_EQ(rejects.size(), 2U) << listed.output;
  EXPECT_THAT(listed.output, AllOf(HasSubstr("prices_price_check"), HasSubstr("not of type integer")));
  EXPECT_EQ(history()[0]["rejected"], 2);
  EXPECT_EQ(history()[0]["written"], 3);
}

}  // namespace
}  // namespace baton
