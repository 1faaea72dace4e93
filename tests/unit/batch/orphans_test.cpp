// P15: what becomes of executions that nobody runs.
#include "batch/orphans.h"

#include "tests/unit/batch/batch_fixture.h"

namespace baton {
namespace {

using testing::HasSubstr;

const ProgressLookup no_progress = [](std::int64_t, const std::string&) -> Result<std::optional<Progress>> {
  return std::optional<Progress>();
};

JobExecution open_execution(BatchStatus job, BatchStatus step) {
  JobExecution execution;
  execution.id = 3;
  execution.instance_id = 2;
  execution.job = "job";
  execution.replica = "host-9";
  execution.status = job;
  StepExecution row;
  row.id = 8;
  row.name = "load";
  row.status = step;
  execution.steps = {row};
  return execution;
}

const WallTime now{std::chrono::hours(5)};

TEST(Orphans, P15StartingAndStartedBecomeFailed) {
  for (const BatchStatus status : {BatchStatus::starting, BatchStatus::started}) {
    const auto row = closed(open_execution(status, status), "host-1", now, no_progress).value();
    EXPECT_EQ(row.status, BatchStatus::failed);
    EXPECT_EQ(row.exit.code, "FAILED");
    EXPECT_EQ(row.ended, now);
    EXPECT_EQ(row.ended_by, EndedBy::orphaned);
    EXPECT_THAT(row.exit.description, HasSubstr("host-9"));
    EXPECT_THAT(row.exit.description, HasSubstr("host-1"));
    EXPECT_EQ(row.steps[0].status, BatchStatus::failed);
    EXPECT_EQ(row.steps[0].exit.code, "FAILED");
    EXPECT_EQ(row.steps[0].ended, now);
  }
}

TEST(Orphans, P15StoppingBecomesStoppedByAPerson) {
  const auto row = closed(open_execution(BatchStatus::stopping, BatchStatus::started), "host-1", now, no_progress);
  EXPECT_EQ(row->status, BatchStatus::stopped);
  EXPECT_EQ(row->exit.code, "STOPPED");
  EXPECT_EQ(row->ended_by, EndedBy::person);
  EXPECT_EQ(row->steps[0].status, BatchStatus::failed);
}

TEST(Orphans, P15ClosedRowsStayAsTheyAre) {
  JobExecution execution = open_execution(BatchStatus::failed, BatchStatus::started);
  execution.ended_by = EndedBy::itself;
  execution.exit = exit_status(BatchStatus::failed, "why");
  StepExecution done;
  done.status = BatchStatus::completed;
  done.exit = exit_status(BatchStatus::completed);
  execution.steps.insert(execution.steps.begin(), done);
  const auto row = closed(execution, "host-1", now, no_progress).value();
  EXPECT_EQ(row.exit.description, "why");
  EXPECT_EQ(row.ended_by, EndedBy::itself);
  EXPECT_FALSE(row.ended);
  EXPECT_EQ(row.steps[0].status, BatchStatus::completed);
  EXPECT_FALSE(row.steps[0].ended);
  EXPECT_EQ(row.steps[1].status, BatchStatus::failed);
}

TEST(Orphans, P15ExecutionOfJavaNamesNoReplica) {
  JobExecution execution = open_execution(BatchStatus::started, BatchStatus::started);
  execution.replica.clear();
  EXPECT_THAT(closed(execution, "host-1", now, no_progress)->exit.description, HasSubstr("other than Baton"));
}

Progress progress_of_step(std::int64_t step_execution_id) {
  Progress progress;
  progress.step_execution_id = step_execution_id;
  progress.counts = {5, 100, 1, 90, 2, 3, 4, 0};
  progress.counts_before = {2, 40, 0, 38, 1, 1, 0, 0};
  return progress;
}

TEST(Orphans, P15CountsThatTheRepositoryHasNotHeardOfComeFromProgress) {
  JobExecution execution = open_execution(BatchStatus::started, BatchStatus::started);
  execution.steps[0].counts = {1, 20, 0, 20, 0, 0, 0, 6};
  const auto row = closed(execution, "host-1", now, [](std::int64_t instance, const std::string& step) {
    EXPECT_EQ(instance, 2);
    EXPECT_EQ(step, "load");
    return Result<std::optional<Progress>>(progress_of_step(8));
  });
  EXPECT_EQ(row->steps[0].counts, (StepCounts{3, 60, 1, 52, 1, 2, 4, 6})) << "rollbacks stay";
}

TEST(Orphans, P15ProgressOfAnotherStepExecutionChangesNoCounts) {
  JobExecution execution = open_execution(BatchStatus::started, BatchStatus::started);
  execution.steps[0].counts.read = 20;
  const auto row = closed(execution, "host-1", now, [](std::int64_t, const std::string&) {
    return Result<std::optional<Progress>>(progress_of_step(7));
  });
  EXPECT_EQ(row->steps[0].counts.read, 20);
}

TEST(Orphans, ProgressThatCannotBeReadIsAnError) {
  const auto row = closed(open_execution(BatchStatus::started, BatchStatus::started), "host-1", now,
                          [](std::int64_t, const std::string&) -> Result<std::optional<Progress>> {
                            return fail(ErrorKind::retry, "away");
                          });
  EXPECT_FALSE(row);
}

class CloseOrphans : public BatchTest {};

TEST_F(CloseOrphans, P15EveryOpenExecutionOfTheJobIsClosedInTheRepository) {
  const JobExecution first = launch();
  ASSERT_TRUE(memory_executions_.start_step(authority(), first.id, "load"));
  const auto closed_now = close_orphans(authority(), "host-1", clock_.wall_now(), executions_, no_progress).value();
  ASSERT_EQ(closed_now.size(), 1U);
  EXPECT_TRUE(memory_executions_.open_executions("job").value().empty());
  const JobExecution row = memory_executions_.history("job", 1).value().at(0);
  EXPECT_EQ(row.status, BatchStatus::failed);
  EXPECT_EQ(row.version, first.version + 1);
  EXPECT_EQ(row.steps.at(0).status, BatchStatus::failed);
  EXPECT_EQ(row.steps.at(0).version, 2);
  EXPECT_TRUE(close_orphans(authority(), "host-1", clock_.wall_now(), executions_, no_progress)->empty());
}

TEST_F(CloseOrphans, P15UnderAnotherFenceNothingIsClosed) {
  launch();
  const Authority old = authority();
  fence(repository_store_, 2);
  EXPECT_EQ(close_orphans(old, "host-1", clock_.wall_now(), executions_, no_progress).error().kind,
            ErrorKind::lease_lost);
  EXPECT_EQ(memory_executions_.open_executions("job")->size(), 1U);
}

}  // namespace
}  // namespace baton
