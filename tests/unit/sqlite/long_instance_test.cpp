// An instance with very many executions.
#include "batch/restart_rules.h"
#include "sqlite/repository.h"
#include "sqlite/schema.h"
#include "tests/doubles/manual_clock.h"
#include "tests/doubles/seeded_random.h"
#include "tests/doubles/temporary_folder.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(SqliteLongInstance, OnlyItsNewestExecutionsAreLoaded) {
  const TemporaryFolder folder;
  SeededRandom random{3};
  const ManualClock clock;
  const auto connection = SqliteConnection::open(folder.file("baton.db"), SqliteAccess::create).value();
  ASSERT_TRUE(migrate_repository(*connection, true, random, WallTime{}));
  // A job that fails every 10 s for a week.
  ASSERT_TRUE(connection->execute(
      "BEGIN; INSERT INTO BATCH_JOB_INSTANCE (VERSION, JOB_NAME, JOB_KEY) VALUES (0, 'job', 'key');"
      "INSERT INTO BATCH_JOB_EXECUTION (VERSION, JOB_INSTANCE_ID, CREATE_TIME, STATUS) SELECT 2, 1, "
      "'2026-01-01 00:00:00', 'FAILED' FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
      "60000) SELECT i FROM n);"
      "INSERT INTO BATCH_STEP_EXECUTION (VERSION, STEP_NAME, JOB_EXECUTION_ID, CREATE_TIME, STATUS, COMMIT_COUNT, "
      "READ_COUNT, FILTER_COUNT, WRITE_COUNT, READ_SKIP_COUNT, WRITE_SKIP_COUNT, PROCESS_SKIP_COUNT, ROLLBACK_COUNT) "
      "SELECT 2, 'work', JOB_EXECUTION_ID, '2026-01-01 00:00:00', 'FAILED', 0, 0, 0, 1, 0, 0, 0, 0 FROM "
      "BATCH_JOB_EXECUTION;"
      "INSERT INTO baton_execution (job_execution_id, job, fence, replica, reason, missed, ended_by) SELECT "
      "JOB_EXECUTION_ID, 'job', 1, 'host', 'restart', 0, 'itself' FROM BATCH_JOB_EXECUTION; COMMIT"));
  SqliteExecutions executions(*connection, clock, ContextFormat::none);
  const auto last = executions.last_run("job").value();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->executions.front().id, 60'000);
  EXPECT_EQ(last->executions.size(), 50U);
  EXPECT_EQ(last->executions.back().steps.size(), 1U);
  EXPECT_EQ(rows_written(*last, "work"), 60'000);
}

}  // namespace
}  // namespace baton
