// Targets that cannot be written to: what is said, and that nothing half done is left.
#include "tests/process/process_test.h"

#include <sys/stat.h>
#include <filesystem>

namespace baton {
namespace {

constexpr const char* plain_table = "CREATE TABLE prices (id INTEGER, price REAL)";

class BadDatabase : public ProcessTest {
 protected:
  void SetUp() override { workspace_.write("prices.csv", prices(3)); }
  void expect_success() const {
    const ProgramEnd end = run_prices();
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_EQ(loaded(), loaded(3));
  }
};

TEST_F(BadDatabase, AMissingTableNamesTheNextStep) {
  configure({.table = "name: prices"});
  expect_failure({"connection warehouse, table prices", "no such table", "create: true"});
  workspace_.execute("warehouse.db", "CREATE TABLE prices (id INTEGER, price REAL)");
  expect_success();
}

TEST_F(BadDatabase, AnUpsertNeedsAUniqueKey) {
  configure({.table = "name: prices, mode: upsert, key: [id]"});
  workspace_.execute("warehouse.db", "CREATE TABLE prices (id INTEGER, price REAL)");
  expect_failure(
      {"table prices", "no unique key over (id)", "CREATE UNIQUE INDEX \"prices_key\" ON \"prices\" (\"id\")"});
  EXPECT_EQ(loaded(), "0|NULL|NULL");
  workspace_.execute("warehouse.db", "CREATE UNIQUE INDEX \"prices_key\" ON \"prices\" (\"id\")");
  expect_success();
}

TEST_F(BadDatabase, AColumnThatTheTableLacksIsNamed) {
  configure({.table = "name: prices"});
  workspace_.execute("warehouse.db", "CREATE TABLE prices (id INTEGER, cost REAL)");
  expect_failure({"table prices", "no column price", "id, cost", "Rename or drop it"});
  workspace_.execute("warehouse.db", "ALTER TABLE prices RENAME cost TO price");
  expect_success();
}

TEST_F(BadDatabase, AKeyThatDoesNotArriveIsNamed) {
  configure({.table = "name: prices, mode: upsert, key: [code], create: true"});
  expect_failure({"key column code does not arrive", "id, price"});
  configure({.table = "name: prices, mode: upsert, key: [id], create: true"});
  expect_success();
}

TEST_F(BadDatabase, ANotNullColumnThatDoesNotArriveIsNamed) {
  configure({.table = "name: prices"});
  workspace_.execute("warehouse.db", "CREATE TABLE prices (id INTEGER, price REAL, day TEXT NOT NULL)");
  expect_failure({"column day is NOT NULL without a default"});
  EXPECT_EQ(loaded(), "0|NULL|NULL");
}

TEST_F(BadDatabase, AFileThatIsNoDatabaseStaysAsItIs) {
  configure();
  const std::string text(5'000, 'x');
  workspace_.write("warehouse.db", text);
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 78);
  EXPECT_THAT(end.errors, AllOf(HasSubstr("connection \"warehouse\""), HasSubstr(workspace_.file("warehouse.db")),
                                HasSubstr("no SQLite database"), HasSubstr("name another one")));
  EXPECT_EQ(workspace_.read("warehouse.db"), text);
  std::filesystem::remove(workspace_.file("warehouse.db"));
  expect_success();
}

TEST_F(BadDatabase, AFolderIsNoDatabase) {
  configure();
  std::filesystem::create_directory(workspace_.file("warehouse.db"));
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 78);
  EXPECT_THAT(end.errors, AllOf(HasSubstr("connection \"warehouse\""), HasSubstr("warehouse.db: is a folder")));
}

TEST_F(BadDatabase, AReadOnlyOneIsSaidToBe) {
  configure({.table = "name: prices"});
  workspace_.execute("warehouse.db", plain_table);
  chmod(workspace_.file("warehouse.db").c_str(), 0444);
  ProgramRequest request = workspace_.request({"run", "--once", "prices"});
  request.obeys_file_modes = true;
  const ProgramEnd end = run_to_end(request);
  EXPECT_EQ(end.exit_code, 78);
  EXPECT_THAT(end.errors, AllOf(HasSubstr("connection \"warehouse\""), HasSubstr("readonly"), HasSubstr("writable")));
  chmod(workspace_.file("warehouse.db").c_str(), 0644);
  EXPECT_EQ(loaded(), "0|NULL|NULL");
  expect_success();
}

TEST_F(BadDatabase, AnInputThatThisUserMayNotReadIsSaidToBe) {
  configure();
  chmod(workspace_.file("prices.csv").c_str(), 0);
  ProgramRequest request = workspace_.request({"run", "--once", "prices"});
  request.obeys_file_modes = true;
  const ProgramEnd end = run_to_end(request);
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.errors, AllOf(HasSubstr("prices.csv"), HasSubstr("not readable")));
  chmod(workspace_.file("prices.csv").c_str(), 0644);
  expect_success();
}

TEST_F(BadDatabase, AFullDiskFailsTheRunWhichIsCarriedOnWhenThereIsSpace) {
  constexpr int rows = 60'000;
  configure({.step = "chunk: 5000"});
  workspace_.write("prices.csv", prices(rows));
  ProgramRequest request = workspace_.request({"run", "--once", "prices"});
  request.largest_file_bytes = 600'000;
  const ProgramEnd end = run_to_end(request);
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.output, testing::StartsWith("prices FAILED: "));
  EXPECT_THAT(end.errors, AllOf(HasSubstr("warehouse.db"), HasSubstr("File too large")));
  const std::string progress =
      workspace_.query("warehouse.db", "SELECT json_extract(counts, '$.write') FROM baton_progress");
  EXPECT_EQ(workspace_.query("warehouse.db", "SELECT count(*) FROM prices"), progress) << "whole chunks";

  const ProgramEnd again = run_prices();
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_EQ(loaded(), loaded(rows));
  EXPECT_EQ(workspace_.query("baton.db", "SELECT count(*) FROM BATCH_JOB_INSTANCE"), "1");
}

TEST_F(BadDatabase, ALockedOneNamesTheProcessThatHoldsIt) {
  configure({.table = "name: prices"});
  std::string text = workspace_.read("baton.yaml");
  text.replace(0, text.find('\n'), "locks: { lease: 2s, heartbeat: 500ms, refresh: 50ms }");
  workspace_.write("baton.yaml", text);
  workspace_.execute("warehouse.db", plain_table);
  ASSERT_EQ(run_prices().exit_code, 0);
  const HeldLock lock(workspace_.file("warehouse.db"));
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 75);
  EXPECT_THAT(end.errors, AllOf(HasSubstr("warehouse.db"),
                                HasSubstr("(process " + std::to_string(getpid()) + "), which is writing now"),
                                HasSubstr("only if it stays stopped there (SIGSTOP)")))
      << "a healthy owner is not to be ended";
  EXPECT_EQ(loaded(), loaded(3));
}

TEST_F(BadDatabase, ALockTakenDuringTheRunIsRetriedAndThenFailsIt) {
  make_gate("gate");
  std::string text = LoadJob{.table = "name: prices", .step = "retry: { limit: 1 }"}.text();
  const std::string step = "      - name: load";
  text.replace(text.find(step), step.size(), "      - name: wait\n        command: { argv: [cat, gate] }\n" + step);
  workspace_.write("baton.yaml", text);
  workspace_.execute("warehouse.db", plain_table);
  Program program(workspace_.request({"run", "--once", "prices"}));
  const int gate = reach_gate("gate");
  auto lock = std::make_unique<HeldLock>(workspace_.file("warehouse.db"));
  close(gate);
  const ProgramEnd end = program.wait();
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.errors, AllOf(HasSubstr("trying again in 100 ms (1 of 1)"),
                                HasSubstr("(process " + std::to_string(getpid()) + ")")));
  lock.reset();
  EXPECT_EQ(loaded(), "0|NULL|NULL");
  expect_success();
}

}  // namespace
}  // namespace baton
