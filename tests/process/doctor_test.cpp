// baton doctor and baton plan over SQLite files and other files: what is found, and that nothing is left behind.
#include "tests/process/process_test.h"

#include <filesystem>

namespace baton {
namespace {

using testing::UnorderedElementsAre;

class Doctor : public ProcessTest {
 protected:
  void SetUp() override { workspace_.write("prices.csv", prices(3)); }

  // The finding of that level, place and word; fails the test where there is none.
  void expect_finding(const ProgramEnd& end, const std::string& level, const std::string& where,
                      const std::string& what) const {
    const auto findings = nlohmann::json::parse(end.output);
    const bool found = std::any_of(findings.begin(), findings.end(), [&](const auto& one) {
      return one["level"] == level && one["where"].template get<std::string>().find(where) != std::string::npos &&
             one["what"].template get<std::string>().find(what) != std::string::npos;
    });
    EXPECT_TRUE(found) << level << " " << where << " " << what << " is not in\n" << end.output;
  }
};

TEST_F(Doctor, NothingIsThereYetThenAllIsWellAndNothingIsMade) {
  configure();
  const ProgramEnd end = run({"doctor", "--json"});
  EXPECT_EQ(end.exit_code, 0) << end.output;
  expect_finding(end, "ok", "repository", "Baton makes it");
  expect_finding(end, "ok", "connection \"warehouse\"", "Baton makes it");
  expect_finding(end, "ok", "prices/load", "fits");
  EXPECT_EQ(run({"plan"}).exit_code, 0);
  EXPECT_THAT(workspace_.names(), UnorderedElementsAre("baton.yaml", "prices.csv"));
}

TEST_F(Doctor, AfterARunThenAllIsWellAndNoFileIsLeftBesideTheOthers) {
  configure();
  ASSERT_EQ(run_prices().exit_code, 0);
  const auto names = workspace_.names();
  const std::string before = workspace_.read("warehouse.db") + workspace_.read("baton.db");
  EXPECT_EQ(run({"doctor"}).exit_code, 0);
  EXPECT_EQ(run({"plan", "prices"}).exit_code, 0);
  EXPECT_EQ(workspace_.names(), names);
  EXPECT_EQ(workspace_.read("warehouse.db") + workspace_.read("baton.db"), before);
}

TEST_F(Doctor, AFileThatIsNotThereYetThenAnErrorForNowInDoctorAndPlan) {
  configure();
  std::filesystem::remove(workspace_.file("prices.csv"));
  const ProgramEnd end = run({"doctor", "--json"});
  EXPECT_EQ(end.exit_code, 75) << end.output;
  expect_finding(end, "error", "prices/load", "no such file");
  EXPECT_EQ(run({"plan"}).exit_code, 75);
}

TEST_F(Doctor, AFileInAFolderThatDoesNotExistThenTheConfigurationMustChange) {
  configure({.csv = "path: nowhere/prices.csv"});
  EXPECT_EQ(run({"doctor"}).exit_code, 78);
}

TEST_F(Doctor, WhatTheTableLacksThenSaidAsTheRunWouldSayIt) {
  configure({.table = "name: prices, mode: upsert, key: [id]"});
  EXPECT_EQ(run({"plan"}).exit_code, 78);
  EXPECT_THAT(run({"plan"}).output, HasSubstr("there is no such table: create it, or set create: true"));
  workspace_.execute("warehouse.db", "CREATE TABLE prices (id INTEGER, price REAL)");
  const ProgramEnd end = run({"doctor"});
  EXPECT_EQ(end.exit_code, 78);
  EXPECT_THAT(end.output, AllOf(HasSubstr("error    prices/load:"), HasSubstr("no unique key over (id)"),
                                HasSubstr("CREATE UNIQUE INDEX")));
  workspace_.execute("warehouse.db", "CREATE UNIQUE INDEX k ON prices (id); ALTER TABLE prices RENAME price TO cost");
  EXPECT_THAT(run({"plan"}).output, HasSubstr("no column price"));
  workspace_.execute("warehouse.db", "ALTER TABLE prices RENAME cost TO price; CREATE INDEX slow ON prices (price)");
  const ProgramEnd plan = run({"plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.output;
  EXPECT_THAT(plan.output, AllOf(HasSubstr("upsert by (id)"), HasSubstr("id bigint, as INTEGER"),
                                 HasSubstr("slow (kept up to date"), HasSubstr("ON CONFLICT")));
}

TEST_F(Doctor, DatabasesThatCannotBeUsedThenEachIsSaid) {
  configure();
  workspace_.write("warehouse.db", std::string(5'000, 'x'));
  std::filesystem::create_directory(workspace_.file("baton.db"));
  const ProgramEnd end = run({"doctor", "--json"});
  EXPECT_EQ(end.exit_code, 78);
  expect_finding(end, "error", "repository", "is a folder");
  expect_finding(end, "error", "connection \"warehouse\"", "no SQLite database");
}

TEST_F(Doctor, ADatabaseThatMayNotBeWrittenThenAnError) {
  configure({.table = "name: prices"});
  workspace_.execute("warehouse.db", "CREATE TABLE prices (id INTEGER, price REAL)");
  chmod(workspace_.file("warehouse.db").c_str(), 0444);
  ProgramRequest request = workspace_.request({"doctor", "--json"});
  request.obeys_file_modes = true;
  const ProgramEnd end = run_to_end(request);
  EXPECT_EQ(end.exit_code, 78);
  expect_finding(end, "error", "connection \"warehouse\"", "may not write");
}

TEST_F(Doctor, AProgramThatIsNotThereThenAnError) {
  workspace_.write("baton.yaml",
                   "jobs:\n  a: { steps: [ { name: s, command: { argv: [no-such-program, secret-1] } } ] }\n");
  const ProgramEnd end = run({"doctor"});
  EXPECT_EQ(end.exit_code, 78);
  EXPECT_THAT(end.output, HasSubstr("no-such-program: there is no such program"));
  const ProgramEnd plan = run({"plan"});
  EXPECT_THAT(plan.output, AllOf(HasSubstr("no-such-program with 1 argument"), Not(HasSubstr("secret-1"))));
}

TEST_F(Doctor, AnotherLeaseStoreThanTheRecordedOneThenAnError) {
  configure();
  ASSERT_EQ(run_prices().exit_code, 0);
  configure({.top = "replica: { tokens: 1 }"});
  std::filesystem::rename(workspace_.file("baton.db"), workspace_.file("other.db"));
  std::filesystem::rename(workspace_.file("baton.db-locks"), workspace_.file("old-locks"));
  ASSERT_EQ(run_prices().exit_code, 0);
  std::filesystem::rename(workspace_.file("other.db"), workspace_.file("baton.db"));
  const ProgramEnd end = run({"doctor", "--json"});
  EXPECT_EQ(end.exit_code, 78);
  expect_finding(end, "error", "locks", "replicas with different ones would both run a job");
}

TEST_F(Doctor, AnUnknownJobThenRefusedAsWrongUsage) {
  configure();
  EXPECT_EQ(run({"plan", "nobody"}).exit_code, 2);
}

}  // namespace
}  // namespace baton
