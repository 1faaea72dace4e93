// Inputs that always fail a run: what is said, and that nothing half done is left.
#include "tests/process/process_test.h"

#include <filesystem>

namespace baton {
namespace {

class BadFile : public ProcessTest {
 protected:
  void expect_failure_in_history(const std::vector<std::string>& said) const {
    const ProgramEnd end = expect_failure(said);
    EXPECT_THAT(end.output, testing::StartsWith("prices FAILED: "));
    const std::string kept = history()[0]["message"];
    for (const std::string& one : said) EXPECT_THAT(kept, HasSubstr(one));
  }
  void expect_nothing_loaded() const {
    EXPECT_EQ(workspace_.query("warehouse.db", "SELECT name FROM sqlite_schema WHERE name = 'prices'"), "");
  }
  // The same run, carried on, does it when the input is right.
  void expect_success_with(const std::string& input) const {
    workspace_.write("prices.csv", input);
    const ProgramEnd end = run_prices();
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_EQ(loaded(), loaded(3));
    EXPECT_EQ(workspace_.query("baton.db", "SELECT count(*) FROM BATCH_JOB_INSTANCE"), "1");
  }
};

TEST_F(BadFile, AMissingOneFailsUntilItIsThere) {
  configure();
  expect_failure_in_history({workspace_.file("prices.csv"), "no such file"});
  expect_nothing_loaded();
  expect_success_with(prices(3));
}

TEST_F(BadFile, AFolderIsNoFile) {
  configure();
  std::filesystem::create_directory(workspace_.file("prices.csv"));
  expect_failure_in_history({workspace_.file("prices.csv"), "is a folder"});
  expect_nothing_loaded();
  std::filesystem::remove(workspace_.file("prices.csv"));
  expect_success_with(prices(3));
}

TEST_F(BadFile, APipeIsNoRegularFile) {
  configure();
  make_gate("prices.csv");
  expect_failure_in_history({workspace_.file("prices.csv"), "no regular file", "write the data to a file first"});
  std::filesystem::remove(workspace_.file("prices.csv"));
  expect_success_with(prices(3));
}

TEST_F(BadFile, AnEmptyOneLacksItsHeader) {
  configure();
  workspace_.write("prices.csv", "");
  expect_failure_in_history({"prices.csv", "empty", "header"});
  expect_nothing_loaded();
  expect_success_with(prices(3));
}

TEST_F(BadFile, AQuoteThatNeverEndsSaysWhereItWasOpened) {
  configure();
  workspace_.write("prices.csv", prices(2) + "\"3,3.5\n4,4.5\n");
  expect_failure_in_history({"prices.csv:4:1", "quote"});
  expect_nothing_loaded();
  expect_success_with(prices(3));
}

TEST_F(BadFile, AJsonDocumentThatEndsEarlySaysWhere) {
  configure();
  std::string text = workspace_.read("baton.yaml");
  const std::string csv = "csv: { path: prices.csv }";
  text.replace(text.find(csv), csv.size(), "json: { path: prices.json, items: /items }");
  workspace_.write("baton.yaml", text);
  workspace_.write("prices.json", "{\"items\": [\n {\"id\": 1, \"price\": 1.5},\n {\"id\": 2, \"pri");
  expect_failure_in_history({"prices.json:3:"});
  expect_nothing_loaded();
  workspace_.write("prices.json", "{\"other\": []}");
  expect_failure_in_history({"prices.json", "/items"});
  workspace_.write("prices.json", "{\"items\": [{\"id\": 1, \"price\": 1.5}]}");
  EXPECT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(loaded(), loaded(1));
}

// The load is held up behind the target's lock while the file changes.
class ChangingFile : public BadFile {
 protected:
  void load_while_the_file_grows(const std::string& table) {
    make_gate("gate");
    std::string text = LoadJob{.table = table, .step = "chunk: 2"}.text();
    const std::string step = "      - name: load";
    text.replace(text.find(step), step.size(), "      - name: wait\n        command: { argv: [cat, gate] }\n" + step);
    workspace_.write("baton.yaml", text);
    workspace_.write("prices.csv", prices(2'000));
    Program program(workspace_.request({"run", "--once", "prices"}));
    const int gate = reach_gate("gate");
    auto lock = std::make_unique<HeldLock>(workspace_.file("warehouse.db"));
    close(gate);
    ASSERT_TRUE(await([&] { return has_open(program.id(), workspace_.file("prices.csv")); }));
    workspace_.write("prices.csv", prices(2'001));
    lock.reset();
    const ProgramEnd end = program.wait();
    EXPECT_EQ(end.exit_code, 1);
    EXPECT_THAT(end.errors, AllOf(HasSubstr("prices.csv: changed while it was read"), HasSubstr("run again")));
    workspace_.write("baton.yaml", LoadJob{.table = table}.text());
  }

 private:
  static bool has_open(int process, const std::string& file) {
    std::error_code error;
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(process) + "/fd", error);
    for (const auto& one : all) {
      if (std::filesystem::read_symlink(one.path(), error) == std::filesystem::weakly_canonical(file)) return true;
    }
    return false;
  }
};

TEST_F(ChangingFile, AnAppendIsRefusedUntilTheRunIsAbandoned) {
  load_while_the_file_grows("name: prices, create: true, columns: { id: integer, price: double }");
  const std::string before = loaded();
  ASSERT_NE(before, loaded(2'001));
  const ProgramEnd again = run_prices();
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.errors, AllOf(HasSubstr("is not the input it was"), HasSubstr("baton abandon prices")));
  EXPECT_EQ(loaded(), before);
  EXPECT_EQ(run({"abandon", "prices"}).exit_code, 0);
  workspace_.execute("warehouse.db", "DELETE FROM prices");
  EXPECT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(loaded(), loaded(2'001));
}

TEST_F(ChangingFile, AnUpsertBeginsAnew) {
  load_while_the_file_grows(
      "name: prices, mode: upsert, key: [id], create: true, columns: { id: integer, price: double }");
  const ProgramEnd again = run_prices();
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.errors, HasSubstr("begins anew"));
  EXPECT_EQ(loaded(), loaded(2'001));
}

TEST_F(ChangingFile, AReplaceShowsNothingOfTheFailedRun) {
  load_while_the_file_grows("name: prices, mode: replace, create: true, columns: { id: integer, price: double }");
  EXPECT_EQ(loaded(), "0|NULL|NULL");
  EXPECT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(loaded(), loaded(2'001));
  EXPECT_EQ(workspace_.query("warehouse.db",
                             "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT IN "
                             "('prices', 'baton_fence', 'baton_progress', 'baton_reject')"),
            "0");
}

}  // namespace
}  // namespace baton
