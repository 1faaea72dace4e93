// A repository of an earlier version is upgraded in place.
#include "batch/request_rules.h"
#include "sqlite/repository.h"
#include "sqlite/schema.h"
#include "tests/doubles/manual_clock.h"
#include "tests/doubles/processes.h"
#include "tests/doubles/seeded_random.h"
#include "tests/doubles/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::Not;

// Baton's own tables as version 1 made them, and Spring Batch's as far as they matter here, with one run.
constexpr const char* file_of_version_1 = R"sql(
CREATE TABLE BATCH_JOB_INSTANCE (
  JOB_INSTANCE_ID INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, VERSION INTEGER, JOB_NAME VARCHAR(100) NOT NULL,
  JOB_KEY VARCHAR(32) NOT NULL, CONSTRAINT JOB_INST_UN UNIQUE (JOB_NAME, JOB_KEY));
CREATE TABLE BATCH_JOB_EXECUTION (
  JOB_EXECUTION_ID INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, VERSION INTEGER, JOB_INSTANCE_ID INTEGER NOT NULL,
  CREATE_TIME TIMESTAMP NOT NULL, START_TIME TIMESTAMP DEFAULT NULL, END_TIME TIMESTAMP DEFAULT NULL,
  STATUS VARCHAR(10), EXIT_CODE VARCHAR(2500), EXIT_MESSAGE VARCHAR(2500), LAST_UPDATED TIMESTAMP);
CREATE TABLE BATCH_JOB_EXECUTION_PARAMS (
  JOB_EXECUTION_ID INTEGER NOT NULL, PARAMETER_NAME VARCHAR(100) NOT NULL, PARAMETER_TYPE VARCHAR(100) NOT NULL,
  PARAMETER_VALUE VARCHAR(2500), IDENTIFYING CHAR(1) NOT NULL);
CREATE TABLE BATCH_STEP_EXECUTION (
  STEP_EXECUTION_ID INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, VERSION INTEGER NOT NULL,
  STEP_NAME VARCHAR(100) NOT NULL, JOB_EXECUTION_ID INTEGER NOT NULL, CREATE_TIME TIMESTAMP NOT NULL,
  START_TIME TIMESTAMP DEFAULT NULL, END_TIME TIMESTAMP DEFAULT NULL, STATUS VARCHAR(10), COMMIT_COUNT INTEGER,
  READ_COUNT INTEGER, FILTER_COUNT INTEGER, WRITE_COUNT INTEGER, READ_SKIP_COUNT INTEGER, WRITE_SKIP_COUNT INTEGER,
  PROCESS_SKIP_COUNT INTEGER, ROLLBACK_COUNT INTEGER, EXIT_CODE VARCHAR(2500), EXIT_MESSAGE VARCHAR(2500),
  LAST_UPDATED TIMESTAMP);
CREATE TABLE BATCH_JOB_SEQ (ID INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE baton_repository (
  schema_version INTEGER PRIMARY KEY,
  repository_id TEXT NOT NULL,
  applied_at TEXT NOT NULL,
  lease_store TEXT) STRICT;
CREATE TABLE baton_job (
  job TEXT PRIMARY KEY,
  first_seen TEXT NOT NULL,
  stop_instance INTEGER,
  stop_by TEXT,
  stop_at TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE baton_job_database (
  job TEXT NOT NULL,
  database TEXT NOT NULL,
  PRIMARY KEY (job, database)) STRICT, WITHOUT ROWID;
CREATE TABLE baton_execution (
  job_execution_id INTEGER PRIMARY KEY,
  job TEXT NOT NULL,
  fence INTEGER NOT NULL,
  replica TEXT NOT NULL,
  ended_by TEXT) STRICT;
INSERT INTO baton_repository VALUES (1, 'repository-1', '2026-01-01 00:00:00.000000', 'store-1');
INSERT INTO baton_job VALUES ('job', '2026-01-01 00:00:00.000000', 1, 'anna', '2026-01-02 00:00:00.000000');
INSERT INTO BATCH_JOB_INSTANCE VALUES (1, 0, 'job', 'key');
INSERT INTO BATCH_JOB_EXECUTION VALUES (1, 2, 1, '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000',
  '2026-01-01 00:00:01.000000', 'FAILED', 'FAILED', '', NULL);
INSERT INTO baton_execution VALUES (1, 'job', 3, 'host-1', 'itself');
)sql";

class SchemaUpgrade : public testing::Test {
 protected:
  SchemaUpgrade() { EXPECT_TRUE(open()->execute(file_of_version_1)); }

  std::unique_ptr<SqliteConnection> open() const {
    auto connection = SqliteConnection::open(folder_.file("repository.db"), SqliteAccess::create);
    EXPECT_TRUE(connection) << connection.error().message;
    return std::move(*connection);
  }
  static std::string ask(SqliteConnection& connection, const std::string& sql) {
    auto query = connection.prepare(sql);
    if (!query) return query.error().message;
    const auto row = (*query)->step();
    std::string text = row && *row ? (*query)->text(0) : "nothing";
    (*query)->reset();
    return text;
  }
  Status migrate(SqliteConnection& connection, bool allowed = true) {
    return migrate_repository(connection, allowed, random_, WallTime{});
  }

  TemporaryFolder folder_;
  SeededRandom random_{3};
  ManualClock clock_;
};

TEST_F(SchemaUpgrade, FileOfVersionOneKeepsWhatItHoldsAndServesThisVersion) {
  const auto connection = open();
  EXPECT_FALSE(check_repository_schema(*connection));
  ASSERT_TRUE(migrate(*connection));
  EXPECT_TRUE(check_repository_schema(*connection));
  EXPECT_EQ(ask(*connection, "SELECT group_concat(schema_version) FROM baton_repository"), "1,2,3");
  EXPECT_EQ(ask(*connection, "SELECT group_concat(DISTINCT repository_id) FROM baton_repository"), "repository-1");
  auto record = SqliteRepositoryRecord::open(*connection).value();
  EXPECT_EQ(record->repository_id(), "repository-1");
  EXPECT_FALSE(record->adopt_lease_store("store-2")) << "the lease store stays recorded";
  EXPECT_TRUE(record->adopt_lease_store("store-1"));
  SqliteExecutions executions(*connection, clock_, ContextFormat::none);
  const auto last = executions.last_run("job").value();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->executions.at(0).fence, 3);
  EXPECT_EQ(last->executions.at(0).reason, StartReason::request);
  EXPECT_EQ(last->executions.at(0).missed, 0);
  SqliteControl control(*connection, clock_);
  EXPECT_TRUE(control.stop_requested(1).value()) << "the request to stop is kept";
  EXPECT_TRUE(control.pause("job", {"anna", "", clock_.wall_now(), std::nullopt}));
}

TEST_F(SchemaUpgrade, UpgradeIsDoneOnce) {
  const auto connection = open();
  ASSERT_TRUE(migrate(*connection));
  ASSERT_TRUE(migrate(*connection));
  ASSERT_TRUE(migrate(*connection, false));
  EXPECT_EQ(ask(*connection, "SELECT count(*) FROM baton_repository"), "3");
}

TEST_F(SchemaUpgrade, ManyReplicasThatStartAtOnceUpgradeItOnce) {
  ASSERT_TRUE(in_processes(6, [this](int process) {
    SeededRandom random(static_cast<std::uint64_t>(process) + 1);
    auto connection = SqliteConnection::open(folder_.file("repository.db"), SqliteAccess::create);
    return connection && migrate_repository(**connection, true, random, WallTime{}) ? 0 : 1;
  }));
  EXPECT_EQ(ask(*open(), "SELECT count(*) || min(repository_id) || max(repository_id) FROM baton_repository"),
            "3repository-1repository-1");
}

TEST_F(SchemaUpgrade, WhereMigrationIsForbiddenTheMessageHoldsTheStatementsOfTheUpgradeAlone) {
  const auto connection = open();
  const Status refused = migrate(*connection, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  const std::string& message = refused.error().message;
  EXPECT_THAT(message, HasSubstr("ALTER TABLE baton_job ADD COLUMN phase TEXT"));
  EXPECT_THAT(message, HasSubstr("CREATE TABLE baton_replica"));
  EXPECT_THAT(message, Not(HasSubstr("CREATE TABLE IF NOT EXISTS BATCH_JOB_INSTANCE")));
  EXPECT_EQ(ask(*connection, "SELECT count(*) FROM baton_repository"), "1") << "nothing was changed";
  ASSERT_TRUE(migrate_target(*connection, true));
  ASSERT_TRUE(connection->execute(message.substr(message.find("with:\n") + 6))) << "they can be run as they stand";
  ASSERT_TRUE(migrate(*connection, false));
  EXPECT_TRUE(check_repository_schema(*connection));
}

TEST_F(SchemaUpgrade, MadeByHandFromNothingIsTakenAsItIs) {
  auto connection = SqliteConnection::open(folder_.file("other.db"), SqliteAccess::create).value();
  const Status refused = migrate(*connection, false);
  ASSERT_FALSE(refused);
  const std::string& message = refused.error().message;
  ASSERT_TRUE(connection->execute(message.substr(message.find("with:\n") + 6)));
  ASSERT_TRUE(migrate(*connection, false));
  EXPECT_EQ(ask(*connection, "SELECT count(DISTINCT repository_id) FROM baton_repository"), "1");
  EXPECT_TRUE(check_repository_schema(*connection));
}

// Once a second, beside a long history.
TEST_F(SchemaUpgrade, OpenExecutionsAndTheLastRunAreFoundWithoutALookAtTheHistory) {
  const auto connection = open();
  ASSERT_TRUE(migrate(*connection));
  const auto plan = [&](const std::string& sql) {
    SqliteStatement* query = connection->prepare("EXPLAIN QUERY PLAN " + sql).value();
    std::string text;
    while (query->step().value()) text += query->text(3) + "\n";
    return text;
  };
  EXPECT_THAT(plan("SELECT JOB_EXECUTION_ID FROM BATCH_JOB_EXECUTION WHERE STATUS IN ('STARTING', 'STARTED', "
                   "'STOPPING')"),
              HasSubstr("baton_job_execution_open"));
  EXPECT_THAT(plan("SELECT JOB_EXECUTION_ID FROM BATCH_STEP_EXECUTION WHERE STATUS IN ('STARTING', 'STARTED', "
                   "'STOPPING')"),
              HasSubstr("baton_step_execution_open"));
  EXPECT_THAT(plan("SELECT max(JOB_INSTANCE_ID) FROM BATCH_JOB_INSTANCE WHERE JOB_NAME = 'job'"),
              HasSubstr("baton_job_instance_name"));
}

}  // namespace
}  // namespace baton
