// The sql step (P14).
#include "batch/sql_step.h"
#include "tests/unit/batch/batch_fixture.h"

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SqlStepRun : public BatchTest {
 protected:
  BreakableDatabase& database() { return in_repository_ ? repository_ : target_; }
  StepRun run_sql(std::stop_token stop = {}) {
    const auto step = make_sql_step(plan_, &database());
    return run(*step, stop);
  }
  std::vector<std::string> executed() {
    return (in_repository_ ? repository_store_ : target_store_).committed().statements;
  }
  void expect_completed(const StepRun& done) {
    ASSERT_TRUE(done.end) << done.end.error().message;
    EXPECT_EQ(*done.end, StepEnd::completed);
    EXPECT_EQ(step_row_lost_, "");
  }

  bool in_repository_ = false;
  SqlPlan plan_{"tidy", "DELETE FROM t", true, 3};
};

TEST_F(SqlStepRun, P14StatementsRunOnceWithTheirProgress) {
  const StepRun done = run_sql();
  expect_completed(done);
  EXPECT_THAT(executed(), ElementsAre("DELETE FROM t"));
  EXPECT_EQ(done.row.counts, (StepCounts{1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_TRUE(target_store_.committed().progress.begin()->second.complete);
  EXPECT_EQ(memory_target_.last_durability(), Durability::full);
}

TEST_F(SqlStepRun, P14CommittedStepIsNotRunAgain) {
  run_sql();
  const StepRun again = run_sql();
  expect_completed(again);
  EXPECT_THAT(executed(), ElementsAre("DELETE FROM t"));
  EXPECT_EQ(again.row.exit.description, "");
}

TEST_F(SqlStepRun, P14DiedBeforeTheCommitItRunsAgain) {
  target_.breaks.next(DatabaseCall::commit, {refused});
  EXPECT_EQ(run_sql().end.error().kind, ErrorKind::lease_lost);
  EXPECT_THAT(executed(), ElementsAre());
  expect_completed(run_sql());
  EXPECT_THAT(executed(), ElementsAre("DELETE FROM t"));
}

TEST_F(SqlStepRun, P14RetryRepeatsTheWholeTransaction) {
  target_.breaks.next(DatabaseCall::save_progress, {not_done, not_done});
  const StepRun done = run_sql();
  expect_completed(done);
  EXPECT_THAT(executed(), ElementsAre("DELETE FROM t"));
  EXPECT_EQ(done.row.counts.rollback, 2);
}

TEST_F(SqlStepRun, P12UnknownOutcomeThatWasCommittedIsNotRepeated) {
  in_repository_ = true;
  plan_.retry_limit = 0;
  repository_.breaks.next(DatabaseCall::commit, {lost_answer});
  const StepRun done = run_sql();
  expect_completed(done);
  EXPECT_THAT(executed(), ElementsAre("DELETE FROM t"));
  EXPECT_EQ(done.row.exit.description, "1 row changed");
  EXPECT_EQ(done.row.version, 3) << "1, the commit, and the end";
}

TEST_F(SqlStepRun, P12UnknownOutcomeThatWasNotCommittedIsRepeated) {
  in_repository_ = true;
  repository_.breaks.next(DatabaseCall::commit, {lost_request});
  const StepRun done = run_sql();
  expect_completed(done);
  EXPECT_THAT(executed(), ElementsAre("DELETE FROM t"));
  EXPECT_EQ(done.row.counts, (StepCounts{1, 0, 0, 0, 0, 0, 0, 1}));
}

TEST_F(SqlStepRun, P14TransactionControlIsRefusedByTheStepsName) {
  plan_.statement = "DELETE FROM t; COMMIT";
  const StepRun done = run_sql();
  EXPECT_EQ(done.end.error().kind, ErrorKind::invalid);
  EXPECT_THAT(done.end.error().message, HasSubstr("\"tidy\""));
}

TEST_F(SqlStepRun, P14WithoutATransactionItRunsAtLeastOnce) {
  plan_.transaction = false;
  expect_completed(run_sql());
  EXPECT_EQ(target_.breaks.count(DatabaseCall::begin), 0);
  expect_completed(run_sql());
  EXPECT_THAT(executed(), ElementsAre("DELETE FROM t", "DELETE FROM t"));
}

TEST_F(SqlStepRun, P12RefusedFenceIsPassedOn) {
  fence(target_store_, 2);
  EXPECT_EQ(run_sql().end.error().kind, ErrorKind::lease_lost);
  plan_.transaction = false;
  EXPECT_EQ(run_sql().end.error().kind, ErrorKind::lease_lost);
  EXPECT_THAT(executed(), ElementsAre());
}

TEST_F(SqlStepRun, StopBeforeItBeginsRunsNothing) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(run_sql(stop.get_token()).end, StepEnd::stopped);
  EXPECT_THAT(executed(), ElementsAre());
}

TEST_F(SqlStepRun, StopInterruptsAStatementThatRuns) {
  std::stop_source stop;
  target_.breaks.next(DatabaseCall::execute, {not_done});
  target_.breaks.before(DatabaseCall::execute, [&] { stop.request_stop(); });
  EXPECT_EQ(run_sql(stop.get_token()).end, StepEnd::stopped);
  EXPECT_EQ(memory_target_.interrupts(), 1);
  EXPECT_THAT(executed(), ElementsAre());
}

}  // namespace
}  // namespace baton
