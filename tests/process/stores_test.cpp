// Which files are the repository, the target and the leases.
#include "tests/process/process_test.h"

namespace baton {
namespace {

class StoreFiles : public ProcessTest {
 protected:
  void SetUp() override { workspace_.write("prices.csv", prices(3)); }
  std::string count(const std::string& database) const {
    return workspace_.query(database, "SELECT count(*) FROM prices");
  }
};

TEST_F(StoreFiles, MigrateNeverShowsTheStatementsThatMakeItWork) {
  configure({.top = "repository: { migrate: never }"});
  std::string errors;
  // First the repository's tables, then the target's.
  for (const char* database : {"baton.db", "warehouse.db"}) {
    const ProgramEnd end = run_prices();
    EXPECT_EQ(end.exit_code, 78) << database << end.errors;
    const auto begin = end.errors.find("CREATE TABLE");
    ASSERT_NE(begin, std::string::npos) << end.errors;
    EXPECT_THAT(end.errors.substr(0, begin), HasSubstr(database));
    workspace_.write("tables.sql", end.errors.substr(begin, end.errors.rfind(';') + 1 - begin));
    const ProgramEnd made = run_to_end(
        {{"sh", "-c", std::string("sqlite3 ") + database + " <tables.sql"}, workspace_.path(), {}, {}, false, false});
    ASSERT_EQ(made.exit_code, 0) << made.errors;
  }
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(count("warehouse.db"), "3");
}

TEST_F(StoreFiles, RepositoryAndTargetMayBeOneFileByItsNameOrByDefault) {
  for (const char* connection : {"connection: same, ", ""}) {
    const Workspace other(BATON_BINARY_DIR "/baton");
    other.write("prices.csv", prices(3));
    other.write("baton.yaml", std::string("connections: { same: { url: 'sqlite:./baton.db' } }\n"
                                          "jobs:\n  prices:\n    steps:\n      - name: load\n"
                                          "        read: { csv: { path: prices.csv } }\n"
                                          "        write: { table: { ") +
                                  connection + "name: prices, create: true } }\n        chunk: 2\n");
    const ProgramEnd end = other.run({"run", "--once", "prices"});
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_EQ(other.query("baton.db", "SELECT count(*), (SELECT COMMIT_COUNT FROM BATCH_STEP_EXECUTION) FROM prices"),
              "3|2");
    EXPECT_FALSE(other.exists("warehouse.db"));
  }
}

TEST_F(StoreFiles, LeasesMayHaveAFileOfTheirOwn) {
  configure();
  std::string text = workspace_.read("baton.yaml");
  text.replace(0, text.find('\n'), "locks: { store: sqlite, url: 'sqlite:leases.db' }");
  workspace_.write("baton.yaml", text);
  EXPECT_EQ(run_prices().exit_code, 0);
  EXPECT_TRUE(workspace_.exists("leases.db"));
  EXPECT_FALSE(workspace_.exists("baton.db-locks"));

  text.replace(text.find("leases.db"), 9, "others.db");
  workspace_.write("baton.yaml", text);
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 78);
  EXPECT_THAT(end.errors, HasSubstr("leases"));
  EXPECT_EQ(count("warehouse.db"), "3");
}

TEST_F(StoreFiles, AMissingFolderIsNamed) {
  configure({.top = "repository: { url: 'sqlite:nowhere/baton.db' }"});
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 78);
  EXPECT_THAT(end.errors, AllOf(HasSubstr("nowhere/baton.db"), HasSubstr("folder")));
}

TEST_F(StoreFiles, AnSqlStepAndALoadShareAJob) {
  workspace_.write(
      "baton.yaml",
      "jobs:\n  prices:\n    steps:\n"
      "      - name: make\n        sql: { statement: 'CREATE TABLE prices (id INTEGER, price REAL)' }\n"
      "      - name: load\n        read: { csv: { path: prices.csv } }\n"
      "        write: { table: { name: prices } }\n"
      "      - name: sum\n        sql: { statement: 'CREATE TABLE total AS SELECT sum(price) s FROM prices' }\n");
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(workspace_.query("baton.db", "SELECT s FROM total"), "7.5");
}

}  // namespace
}  // namespace baton
