// P10, and the rejects that a load step may have.
#include "batch/restart_rules.h"

#include "batch/skip_policy.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

JobExecution ended(BatchStatus status, EndedBy by = EndedBy::itself, std::int64_t commits = 0) {
  JobExecution execution;
  execution.status = status;
  execution.ended_by = by;
  StepExecution step;
  step.name = "load";
  step.status = status;
  step.counts.commit = commits;
  execution.steps = {step};
  return execution;
}

InstanceState instance(std::vector<JobExecution> newest_first) {
  InstanceState state;
  state.id = 1;
  state.executions = std::move(newest_first);
  return state;
}

TEST(RestartRules, P10InstanceEndsByCompletedOrAbandonedOnly) {
  EXPECT_TRUE(is_unfinished(instance({})));
  for (const BatchStatus status : {BatchStatus::starting, BatchStatus::started, BatchStatus::stopping,
                                   BatchStatus::stopped, BatchStatus::failed, BatchStatus::unknown}) {
    EXPECT_TRUE(is_unfinished(instance({ended(status), ended(BatchStatus::completed)}))) << name(status);
  }
  EXPECT_FALSE(is_unfinished(instance({ended(BatchStatus::completed), ended(BatchStatus::failed)})));
  EXPECT_FALSE(is_unfinished(instance({ended(BatchStatus::abandoned), ended(BatchStatus::failed)})));
}

TEST(RestartRules, P10OrphansWithoutProgressAreCountedInARow) {
  const JobExecution orphan = ended(BatchStatus::failed, EndedBy::orphaned);
  EXPECT_EQ(orphans_without_progress(instance({})), 0);
  EXPECT_EQ(orphans_without_progress(instance({orphan, orphan, orphan})), 3);
  EXPECT_EQ(orphans_without_progress(instance({orphan, ended(BatchStatus::failed), orphan})), 1)
      << "a failure of the job's own is no sign of work that kills";
  EXPECT_EQ(orphans_without_progress(instance({orphan, ended(BatchStatus::failed, EndedBy::orphaned, 1), orphan})), 1)
      << "one that committed gets on";
  EXPECT_EQ(orphans_without_progress(instance({ended(BatchStatus::stopped, EndedBy::person), orphan})), 0);
}

TEST(RestartRules, P10OrphanThatCompletedAStepMadeProgress) {
  JobExecution orphan = ended(BatchStatus::failed, EndedBy::orphaned);
  StepExecution command;
  command.status = BatchStatus::completed;
  orphan.steps.push_back(command);
  EXPECT_EQ(orphans_without_progress(instance({orphan})), 0);
}

TEST(RestartRules, NewestForeignStepIsOfAnExecutionThatIsNotBatons) {
  const auto execution = [](std::int64_t step_id, bool batons) {
    JobExecution made = ended(BatchStatus::failed);
    made.steps[0].id = step_id;
    if (batons) made.fence = 1;
    return made;
  };
  EXPECT_EQ(newest_foreign_step(instance({execution(9, true)}), "load"), 0);
  EXPECT_EQ(newest_foreign_step(instance({execution(9, true), execution(7, false), execution(5, false)}), "load"), 7);
  EXPECT_EQ(newest_foreign_step(instance({execution(7, false)}), "other"), 0);
}

TEST(RestartRules, StepIsDoneByItsNewestExecutionOverAllExecutions) {
  JobExecution older = ended(BatchStatus::completed);
  older.steps[0].id = 4;
  JobExecution newer = ended(BatchStatus::failed);
  newer.steps[0].id = 9;
  EXPECT_FALSE(is_done(instance({newer, older}), "load"));
  newer.steps[0].name = "other";
  EXPECT_TRUE(is_done(instance({newer, older}), "load"));
  EXPECT_FALSE(is_done(instance({newer, older}), "unknown"));
  EXPECT_FALSE(is_done(instance({}), "load"));
}

TEST(RestartRules, AbandonedStepIsDoneAsInSpring) {
  EXPECT_TRUE(is_done(instance({ended(BatchStatus::abandoned)}), "load"));
  EXPECT_FALSE(is_done(instance({ended(BatchStatus::stopped)}), "load"));
}

TEST(RestartRules, BackoffDoublesUpToFiveMinutes) {
  EXPECT_EQ(restart_backoff(Duration(5'000), 1), Duration(5'000));
  EXPECT_EQ(restart_backoff(Duration(5'000), 2), Duration(10'000));
  EXPECT_EQ(restart_backoff(Duration(5'000), 6), Duration(160'000));
  EXPECT_EQ(restart_backoff(Duration(5'000), 7), Duration(300'000));
  EXPECT_EQ(restart_backoff(Duration(5'000), 1'000'000), Duration(300'000));
  EXPECT_EQ(restart_backoff(Duration(600'000), 1), Duration(300'000));
  EXPECT_EQ(restart_backoff(Duration(0), 50), Duration(0));
}

TEST(SkipPolicy, WithoutAnyLimitNoRejectIsAllowed) {
  const SkipPolicy none;
  EXPECT_TRUE(none.allows(10, 0, true));
  EXPECT_FALSE(none.allows(1'000'000, 1, true));
  EXPECT_EQ(none.text(), "skip allows 0");
}

TEST(SkipPolicy, LimitIsTheLastThatIsAllowed) {
  const SkipPolicy policy{50, std::nullopt};
  EXPECT_TRUE(policy.allows(60, 50, false));
  EXPECT_FALSE(policy.allows(60, 51, false));
  EXPECT_EQ(policy.text(), "skip allows 50");
}

TEST(SkipPolicy, PercentIsJudgedFromTheSampleOnAndAtTheEnd) {
  const SkipPolicy policy{std::nullopt, 1.5};
  EXPECT_TRUE(policy.allows(999, 999, false));
  EXPECT_FALSE(policy.allows(999, 999, true));
  EXPECT_TRUE(policy.allows(1'000, 15, false));
  EXPECT_FALSE(policy.allows(1'000, 16, false));
  EXPECT_EQ(policy.text(), "skip allows 1.5 %");
}

TEST(SkipPolicy, BothMustAllow) {
  const SkipPolicy policy{10, 50.0};
  EXPECT_TRUE(policy.allows(2'000, 10, true));
  EXPECT_FALSE(policy.allows(2'000, 11, true));
  EXPECT_FALSE(policy.allows(10, 6, true));
  EXPECT_EQ(policy.text(), "skip allows 10 and 50 %");
}

TEST(SkipPolicy, RejectIsDescribedWithPlaceColumnValueAndReason) {
  Reject reject{RejectPhase::write, 7, 9, "price", "x", "not a number", "raw"};
  EXPECT_EQ(describe(reject, "in.csv"), "in.csv:9 (record 7), column \"price\", value \"x\": not a number");
  reject.column.clear();
  reject.value.clear();
  EXPECT_EQ(describe(reject, "in.csv"), "in.csv:9 (record 7): not a number");
  reject.line = 0;
  EXPECT_EQ(describe(reject, "table t"), "table t (record 7): not a number");
}

TEST(RestartRules, P11StepThatCommittedAndIsNoLongerConfiguredIsFound) {
  JobExecution failed = ended(BatchStatus::failed);
  failed.steps[0].counts.write = 7;
  failed.steps[0].id = 1;
  EXPECT_EQ(rows_written(instance({failed, failed}), "load"), 14);
  EXPECT_EQ(vanished_step(instance({failed}), {"load", "other"}), std::nullopt);
  EXPECT_EQ(vanished_step(instance({failed}), {"renamed"}), "load");
  failed.steps[0].status = BatchStatus::completed;
  EXPECT_EQ(vanished_step(instance({failed}), {"renamed"}), std::nullopt) << "it has nothing left to do";
  EXPECT_EQ(vanished_step(instance({ended(BatchStatus::failed)}), {"renamed"}), std::nullopt) << "it committed nothing";
}

TEST(RestartRules, P11OlderExecutionsCountAsMuchAsTheNewest) {
  JobExecution newest = ended(BatchStatus::failed);
  newest.steps[0].counts.write = 1;
  InstanceState state = instance({newest});
  state.older.steps = {
      {"load", 6, BatchStatus::completed}, {"first", 4, BatchStatus::completed}, {"renamed", 2, BatchStatus::failed}};
  EXPECT_EQ(rows_written(state, "load"), 7);
  EXPECT_EQ(rows_written(state, "first"), 4);
  EXPECT_TRUE(is_done(state, "first"));
  EXPECT_FALSE(is_done(state, "load")) << "it failed since";
  EXPECT_EQ(vanished_step(state, {"load"}), "renamed");
  EXPECT_EQ(vanished_step(state, {"load", "renamed"}), std::nullopt);
}

}  // namespace
}  // namespace baton
