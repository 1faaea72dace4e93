// A configuration for PostgreSQL on a real server: what is loaded, what is said where it is away or refuses, and that
// no password is shown.
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/workspace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using testing::HasSubstr;

constexpr const char* password = "s3cr3t-Pa55";
constexpr int records = 120'000;  // more than two chunks

class PostgresLoad : public testing::Test {
 protected:
  ProgramEnd run(std::vector<std::string> arguments, const std::string& url) const {
    arguments.insert(arguments.end(), {"--config", BATON_SOURCE_DIR "/tests/acceptance/postgres-load.yaml"});
    ProgramRequest request = workspace_.request(std::move(arguments));
    request.environment = {{"PGURL", url}, {"CSV", workspace_.file("lineitem.csv")}};
    const ProgramEnd end = run_to_end(request);
    EXPECT_EQ((end.output + end.errors).find(password), std::string::npos) << end.output << end.errors;
    return end;
  }

  // The server of `database`, with another user's name and password.
  static std::string url_as(const TemporaryDatabase& database, const std::string& user) {
    return "postgresql://" + user + ":" + password + database.url().substr(database.url().find('@'));
  }

  void write_input() const {
    std::string text;
    for (int i = 1; i <= records; ++i) {
      text += std::to_string(i) + ",7,5,1,17.25,1000.50,0.05,0.01,N,O,1996-03-13,1996-02-12,1996-03-22,NONE,TRUCK,c\n";
    }
    workspace_.write("lineitem.csv", text);
  }

  Workspace workspace_{BATON_BINARY_DIR "/baton"};
};

constexpr const char* lineitem =
    "CREATE TABLE public.lineitem (l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber int, "
    "l_quantity numeric(15,2), l_extendedprice numeric(15,2), l_discount numeric(15,2), l_tax numeric(15,2), "
    "l_returnflag char(1), l_linestatus char(1), l_shipdate date, l_commitdate date, l_receiptdate date, "
    "l_shipinstruct char(25), l_shipmode char(10), l_comment varchar(44))";

TEST_F(PostgresLoad, IsValid) {
  const ProgramEnd end = run({"validate"}, std::string("postgresql://loader:") + password + "@db.example:5432/etl");
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("is valid"));
}

TEST_F(PostgresLoad, TableIsThereThenEveryRowIsLoadedAndTheRunIsInTheHistory) {
  const TemporaryDatabase database;
  database.query(lineitem);
  write_input();
  const ProgramEnd end = run({"run", "--once", "lineitem"}, database.url());
  ASSERT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(database.query("SELECT count(*), sum(l_orderkey), sum(l_quantity) FROM public.lineitem"),
            "120000|7200060000|2070000.00");
  const ProgramEnd history = run({"history", "--json"}, database.url());
  const auto runs = nlohmann::json::parse(history.output);
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0]["status"], "COMPLETED");
  EXPECT_EQ(runs[0]["written"], records);
  // A chunk is one transaction with the metadata: there are no tables of Baton's beside the data.
  EXPECT_EQ(database.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'baton%'"),
            "0");
}

TEST_F(PostgresLoad, MigratedTwiceThenTheSecondTimeThereIsNothingToDo) {
  const TemporaryDatabase database;
  const ProgramEnd first = run({"migrate"}, database.url());
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  EXPECT_THAT(first.output, HasSubstr("created"));
  const ProgramEnd second = run({"migrate", "--json"}, database.url());
  EXPECT_EQ(second.exit_code, 0) << second.errors;
  EXPECT_TRUE(nlohmann::json::parse(second.output).empty()) << second.output;
}

TEST_F(PostgresLoad, TableIsMissingThenTheRunFailsNamingConnectionAndTable) {
  const TemporaryDatabase database;
  write_input();
  const ProgramEnd end = run({"run", "--once", "lineitem"}, database.url());
  EXPECT_EQ(end.exit_code, 1) << end.errors;
  EXPECT_THAT(end.output + end.errors, HasSubstr("warehouse"));
  EXPECT_THAT(end.output + end.errors, HasSubstr("lineitem"));
}

TEST_F(PostgresLoad, PasswordIsWrongThenEachCommandSaysWhereAndWhatToDo) {
  const TemporaryDatabase database;
  const std::string url = url_as(database, "postgres");
  for (const auto& command :
       std::vector<std::vector<std::string>>{{"run", "--once", "lineitem"}, {"status"}, {"history"}, {"migrate"}}) {
    const ProgramEnd end = run(command, url);
    EXPECT_EQ(end.exit_code, 78) << command[0] << end.errors;
    EXPECT_THAT(end.errors, HasSubstr("check username and password")) << command[0];
    EXPECT_THAT(end.errors, HasSubstr("postgres-load.yaml:4:20")) << command[0];
  }
}

TEST_F(PostgresLoad, ServerIsAwayThenForTheTimeBeing) {
  const ProgramEnd end = run({"history"}, std::string("postgresql://u:") + password + "@127.0.0.1:1/etl");
  EXPECT_EQ(end.exit_code, 75) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("postgres-load.yaml:4:20"));
}

TEST(ApplicationProperties, IsValidAsItIs) {
  const Workspace workspace(BATON_BINARY_DIR "/baton");
  const std::string file = BATON_SOURCE_DIR "/tests/acceptance/application.properties";
  const ProgramEnd valid = workspace.run({"validate", "--config", file});
  EXPECT_EQ(valid.exit_code, 0) << valid.errors;
  EXPECT_THAT(valid.output, HasSubstr("4 jobs"));
}

TEST(ApplicationProperties, UrlOfTheEnvironmentThenItsJobRunsThere) {
  const TemporaryDatabase database;
  const Workspace workspace(BATON_BINARY_DIR "/baton");
  ProgramRequest request = workspace.request({"run", "--once", "prices", "--locks", "repository", "--config",
                                              BATON_SOURCE_DIR "/tests/acceptance/application.properties"});
  const std::string at = database.url().substr(database.url().find('@') + 1);
  request.environment = {{"SPRING_DATASOURCE_URL", "jdbc:postgresql://" + at + "?currentSchema=datasync"}};
  const ProgramEnd end = run_to_end(request);
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(database.query("SELECT status FROM datasync.batch_job_execution"), "COMPLETED");
}

TEST(Schema, IsJson) {
  const Workspace workspace(BATON_BINARY_DIR "/baton");
  const ProgramEnd end = workspace.run({"schema"});
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_TRUE(nlohmann::json::parse(end.output).contains("$schema"));
  EXPECT_TRUE(workspace.names().empty());
}

}  // namespace
}  // namespace baton
