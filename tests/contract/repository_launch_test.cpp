// Launches, parameters, keys, and requests to stop (P10, P18).
#include "tests/contract/repository_contract.h"

namespace baton {
namespace {

class RepositoryLaunch : public RepositoryContract {
 protected:
  // A launch that a stop request prevents.
  StoppedInstead stopped(std::int64_t instance) {
    auto launched = executions().launch(authority(), request(instance));
    EXPECT_TRUE(launched) << launched.error().message;
    return std::get<StoppedInstead>(*launched);
  }
};

TEST_P(RepositoryLaunch, LastRunOfAJobThatNeverRanIsEmpty) {
  EXPECT_FALSE(executions().last_run("job").value());
  EXPECT_TRUE(executions().open_executions("job").value().empty());
  EXPECT_TRUE(executions().history("job", 10).value().empty());
}

TEST_P(RepositoryLaunch, FirstLaunchCreatesAnExecutionThatIsStarting) {
  const JobExecution made = launch();
  const JobExecution row = stored();
  EXPECT_EQ(row.id, made.id);
  EXPECT_EQ(row.version, 0);
  EXPECT_EQ(row.job, "job");
  EXPECT_EQ(row.status, BatchStatus::starting);
  EXPECT_EQ(row.exit, (ExitStatus{"UNKNOWN", ""}));
  EXPECT_EQ(row.created, clock_.wall_now());
  EXPECT_FALSE(row.started);
  EXPECT_FALSE(row.ended);
  EXPECT_EQ(row.fence, 1);
  EXPECT_EQ(row.replica, "host-1");
  EXPECT_EQ(last().run_id, 1);
}

TEST_P(RepositoryLaunch, P10RunIdIsTheLastPlusOneForEachNewInstance) {
  for (std::int64_t run = 1; run <= 3; ++run) {
    ended(run == 2 ? BatchStatus::abandoned : BatchStatus::completed);
    EXPECT_EQ(last().run_id, run);
  }
}

TEST_P(RepositoryLaunch, ParametersAreStoredWithRunIdFirstAndDueNotIdentifying) {
  LaunchRequest with = request();
  with.parameters = {{"region", "java.lang.String", "north", true}, {"note", "java.lang.String", "x", false}};
  with.due = WallTime(std::chrono::seconds(1'700'000'000));
  const auto launched = executions().launch(authority(), with).value();
  const JobParameters expected{{"run.id", "java.lang.Long", "1", true},
                               {"region", "java.lang.String", "north", true},
                               {"note", "java.lang.String", "x", false},
                               {"baton.due", "java.time.LocalDateTime", "2023-11-14T22:13:20", false}};
  EXPECT_EQ(backend_->parameters(std::get<JobExecution>(launched).id), expected);
  EXPECT_EQ(std::get<JobExecution>(launched).parameters, expected) << "for whoever works in it";
}

TEST_P(RepositoryLaunch, JobKeyIsThatOfRunIdAndTheIdentifyingParameters) {
  LaunchRequest with = request();
  with.parameters = {{"region", "java.lang.String", "north", true}, {"note", "java.lang.String", "x", false}};
  const JobParameters identifying{{"run.id", "java.lang.Long", "1", true}, with.parameters[0]};
  for (const JobKeyFormat format : {JobKeyFormat::spring_batch_5, JobKeyFormat::spring_batch_6}) {
    SCOPED_TRACE(static_cast<int>(format));
    const auto other = GetParam().make(clock_);
    const auto connection = other->open();
    ok(connection->record->raise_fence("job", 0, {}));
    Authority own = authority();
    own.fence.repository_id = connection->record->repository_id();
    with.key_format = format;
    const auto launched = connection->executions->launch(own, with).value();
    EXPECT_EQ(other->job_key(std::get<JobExecution>(launched).instance_id), job_key(identifying, format));
  }
}

TEST_P(RepositoryLaunch, CarryOnIsANewExecutionOfTheSameInstanceWithItsParametersAndTheNewDue) {
  LaunchRequest first = request();
  first.parameters = {{"region", "java.lang.String", "north", true}};
  first.due = WallTime(std::chrono::seconds(1'700'000'000));
  JobExecution failed = std::get<JobExecution>(executions().launch(authority(), first).value());
  end(failed, BatchStatus::failed);
  LaunchRequest again = request(failed.instance_id);
  again.parameters = {{"region", "java.lang.String", "south", true}};
  again.due = WallTime(std::chrono::seconds(1'700'000'060));
  const auto carried = std::get<JobExecution>(executions().launch(authority(), again).value());
  EXPECT_EQ(carried.instance_id, failed.instance_id);
  EXPECT_NE(carried.id, failed.id);
  const JobParameters expected{{"run.id", "java.lang.Long", "1", true},
                               {"region", "java.lang.String", "north", true},
                               {"baton.due", "java.time.LocalDateTime", "2023-11-14T22:14:20", false}};
  EXPECT_EQ(backend_->parameters(carried.id), expected);
  EXPECT_EQ(carried.parameters, expected);
  ASSERT_EQ(last().executions.size(), 2U);
  EXPECT_EQ(last().executions[0].id, carried.id) << "newest first";
}

TEST_P(RepositoryLaunch, LaunchThatDoesNotFitTheLastRunConflictsAndCreatesNothing) {
  expect_kind(executions().launch(authority(), request(1)), ErrorKind::conflict);
  const JobExecution failed = ended(BatchStatus::failed);
  expect_kind(executions().launch(authority(), request()), ErrorKind::conflict);
  expect_kind(executions().launch(authority(), request(failed.instance_id + 1)), ErrorKind::conflict);
  ended(BatchStatus::completed, failed.instance_id);
  expect_kind(executions().launch(authority(), request(failed.instance_id)), ErrorKind::conflict);
  EXPECT_EQ(executions().history("job", 10).value().size(), 2U);
}

TEST_P(RepositoryLaunch, P15LaunchUnderAnotherFenceOrPastTheGuardIsRefusedAndCreatesNothing) {
  expect_kind(executions().launch(authority(2), request()), ErrorKind::lease_lost);
  expect_kind(executions().launch(authority(0), request()), ErrorKind::lease_lost);
  expect_kind(executions().launch(untrusted(), request()), ErrorKind::lease_lost);
  expect_kind(executions().launch(authority(1, "never fenced"), request()), ErrorKind::lease_lost);
  EXPECT_FALSE(executions().last_run("job").value());
}

TEST_P(RepositoryLaunch, JobsDoNotSeeEachOther) {
  ok(record().raise_fence("other", 0, {}));
  ended(BatchStatus::completed);
  const auto other = executions().launch(authority(1, "other"), request()).value();
  EXPECT_EQ(executions().last_run("other").value()->run_id, 1);
  EXPECT_EQ(executions().open_executions("job").value().size(), 0U);
  EXPECT_EQ(executions().open_executions("other").value().size(), 1U);
  EXPECT_EQ(executions().history("job", 10).value().size(), 1U);
  const auto all = executions().history(std::nullopt, 10).value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, std::get<JobExecution>(other).id);
}

TEST_P(RepositoryLaunch, HistoryIsNewestFirstAndEndsAtTheLimit) {
  for (int i = 0; i < 4; ++i) ended(BatchStatus::completed);
  const auto rows = executions().history("job", 3).value();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_GT(rows[0].id, rows[1].id);
  EXPECT_GT(rows[1].id, rows[2].id);
}

TEST_P(RepositoryLaunch, P18StopIsNotNeededWhereNothingIsUnfinished) {
  EXPECT_EQ(control().request_stop("job", "anna").value(), StopAnswer::not_needed);
  ended(BatchStatus::completed);
  EXPECT_EQ(control().request_stop("job", "anna").value(), StopAnswer::not_needed);
  EXPECT_TRUE(executions().launch(authority(), request()).value().index() == 0) << "nothing was recorded";
}

TEST_P(RepositoryLaunch, P18StopOfARunningExecutionMarksItStopping) {
  const JobExecution execution = started();
  EXPECT_FALSE(control().stop_requested(execution.id).value());
  EXPECT_EQ(control().request_stop("job", "anna").value(), StopAnswer::stopping);
  EXPECT_TRUE(control().stop_requested(execution.id).value());
  EXPECT_EQ(stored().status, BatchStatus::stopping);
  EXPECT_EQ(stored().version, execution.version + 1);
}

TEST_P(RepositoryLaunch, P18StopByJavaIsSeenByTheStatusAlone) {
  const JobExecution execution = started();
  backend_->change_job(execution.id, BatchStatus::stopping, false);
  EXPECT_TRUE(control().stop_requested(execution.id).value());
}

TEST_P(RepositoryLaunch, P18StopOfAnUnfinishedInstanceKeepsTheNextLaunchFromRunningOnce) {
  const JobExecution failed = ended(BatchStatus::failed);
  EXPECT_EQ(control().request_stop("job", "anna").value(), StopAnswer::recorded);
  const StoppedInstead instead = stopped(failed.instance_id);
  EXPECT_EQ(instead.instance, failed.instance_id);
  EXPECT_EQ(instead.by, "anna");
  EXPECT_EQ(stored().id, failed.id) << "no execution was made";
  EXPECT_EQ(stored().ended_by, EndedBy::person);
  EXPECT_EQ(launch(failed.instance_id).instance_id, failed.instance_id) << "the request is cleared";
}

TEST_P(RepositoryLaunch, P18RequestForAFinishedInstanceIsOnlyCleared) {
  const JobExecution failed = ended(BatchStatus::failed);
  EXPECT_EQ(control().request_stop("job", "anna").value(), StopAnswer::recorded);
  backend_->change_job(failed.id, BatchStatus::abandoned, true);
  const JobExecution next = launch();
  EXPECT_NE(next.instance_id, failed.instance_id);
  EXPECT_FALSE(control().stop_requested(next.id).value());
}

TEST_P(RepositoryLaunch, P18StoppedWhileARequestIsThereIsByAPersonAndAnswersTheRequest) {
  JobExecution execution = started();
  EXPECT_EQ(control().request_stop("job", "anna").value(), StopAnswer::stopping);
  execution.ended_by = EndedBy::shutdown;
  end(execution, BatchStatus::stopped);
  EXPECT_EQ(execution.ended_by, EndedBy::person);
  EXPECT_EQ(stored().ended_by, EndedBy::person);
  launch(execution.instance_id);
}

TEST_P(RepositoryLaunch, P18RequestOutlivesAFailureSoThatNoRestartFollows) {
  JobExecution execution = started();
  EXPECT_EQ(control().request_stop("job", "anna").value(), StopAnswer::stopping);
  end(execution, BatchStatus::failed);
  EXPECT_EQ(stopped(execution.instance_id).by, "anna");
}

TEST_P(RepositoryLaunch, StopOfAnUnknownExecutionIsNotRequested) { EXPECT_FALSE(control().stop_requested(99).value()); }

INSTANTIATE_TEST_SUITE_P(Every, RepositoryLaunch, every_repository(), backend_name);

TEST_P(RepositoryLaunch, P10RestartByAPersonOverridesAnOlderStopRequest) {
  const JobExecution failed = ended(BatchStatus::failed);
  ASSERT_EQ(control().request_stop("job", "anna").value(), StopAnswer::recorded);
  LaunchRequest restart;
  restart.instance = failed.instance_id;
  restart.overrides_stop = true;
  const auto launched = executions().launch(authority(), restart);
  ASSERT_TRUE(launched) << launched.error().message;
  ASSERT_TRUE(std::holds_alternative<JobExecution>(*launched));
  EXPECT_FALSE(control().stop_requested(std::get<JobExecution>(*launched).id).value()) << "the request is cleared";
}

}  // namespace
}  // namespace baton
