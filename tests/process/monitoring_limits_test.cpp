// What bounds a run, with real replicas: its timeout, and what is done about one that makes no progress.
#include "tests/process/monitored_replicas.h"

namespace baton {
namespace {

class LimitedRuns : public MonitoredTest, public testing::WithParamInterface<MonitoredStoresFactory> {
 protected:
  LimitedRuns() : MonitoredTest(GetParam()) {}

  // In PostgreSQL beside the repository; in SQLite in a file of its own, since it holds that file's write lock.
  static std::string endless_sql() {
    if (GetParam().name == std::string("Postgres")) return "statement: 'SELECT pg_sleep(3600)'";
    return "connection: warehouse, statement: 'INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
           "FROM n) SELECT count(*) FROM n'";
  }
};

INSTANTIATE_TEST_SUITE_P(On, LimitedRuns,
                         testing::Values(sqlite_monitored(), postgres_monitored(), dynamodb_monitored()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(LimitedRuns, StatementThatRunsTooLongThenItIsCancelled) {
  configure_with(0, with_keys("  a:\n    schedule: { fixed_delay: 1h }\n    steps:\n      - name: s\n        sql: { " +
                                  endless_sql() + " }\n",
                              "timeout: 1s"));
  workspace_.execute("warehouse.db", "CREATE TABLE t (n)");
  const Replica replica = start();
  ASSERT_TRUE(await_runs("a", "FAILED|itself|schedule"));
  EXPECT_THAT(repository("SELECT EXIT_MESSAGE FROM BATCH_JOB_EXECUTION"),
              HasSubstr("timed out: it ran for longer than 1s"));
  EXPECT_EQ(repository("SELECT STATUS FROM BATCH_STEP_EXECUTION"), "FAILED");
  end(replica);
}

TEST_P(LimitedRuns, StalledAndRestartThenItRunsAgainAfterThePause) {
  configure_with(0, with_keys(shell_job("a", once_an_hour, "test -e there || { touch there; exec sleep 60; }"),
                              "stall: 1s\n    on_stall: restart\n    on_failure: { backoff: 200ms }"));
  const Replica replica = start();
  ASSERT_TRUE(await_runs("a", "FAILED|itself|schedule\nCOMPLETED|itself|restart"));
  end(replica);
}

TEST_P(LimitedRuns, StalledAndReleaseThenAnotherReplicaHasIt) {
  configure_with(1, with_keys(shell_job("a", once_an_hour, "test -e there || { touch there; exec sleep 60; }"),
                              "stall: 1s\n    on_stall: release"));
  const Replica first = start();
  ASSERT_TRUE(await_one_job(first));
  const Replica second = start();
  ASSERT_TRUE(await_runs("a", "FAILED|itself|schedule"));
  ASSERT_TRUE(first->await_error_text("left alone for"));
  EXPECT_TRUE(await_one_job(second));
  end(first);
  end(second);
}

// Nobody watches a one-off run but itself.
TEST_P(LimitedRuns, OneOffRunThatTakesTooLongThenItIsCancelledToo) {
  configure_with(0, with_keys(shell_job("a", by_hand, "exec sleep 60"), "timeout: 1s"));
  const ProgramEnd once = run({"run", "--once", "a"});
  EXPECT_EQ(once.exit_code, 1);
  EXPECT_THAT(once.errors, HasSubstr("timed out: it ran for longer than 1s"));
  EXPECT_EQ(runs("a"), "FAILED|itself|request");
}

}  // namespace
}  // namespace baton
