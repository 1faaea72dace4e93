// Changes of executions and of their steps (P15), and the record of the repository itself (P8).
#include "tests/contract/repository_contract.h"

namespace baton {
namespace {

class RepositoryUpdate : public RepositoryContract {
 protected:
  StepExecution step(const JobExecution& execution, const std::string& name = "load") {
    auto made = executions().start_step(authority(), execution.id, name);
    EXPECT_TRUE(made) << made.error().message;
    return *made;
  }
  StepExecution stored_step(std::size_t index = 0) { return stored().steps.at(index); }
};

TEST_P(RepositoryUpdate, JobVersionsCountAsJavasDo) {
  JobExecution execution = launch();
  EXPECT_EQ(stored().version, 0);
  execution.status = BatchStatus::started;
  execution.started = clock_.wall_now();
  ok(executions().update_job(authority(), execution));
  EXPECT_EQ(stored().version, 1);
  EXPECT_EQ(execution.version, 1) << "what was written";
  clock_.advance(Duration(1'500));
  execution.status = BatchStatus::completed;
  execution.exit = exit_status(BatchStatus::completed, "fine");
  execution.ended = clock_.wall_now();
  ok(executions().update_job(authority(), execution));
  const JobExecution row = stored();
  EXPECT_EQ(row.version, 2);
  EXPECT_EQ(row.status, BatchStatus::completed);
  EXPECT_EQ(row.exit, (ExitStatus{"COMPLETED", "fine"}));
  EXPECT_EQ(row.started, execution.started);
  EXPECT_EQ(row.ended, execution.ended);
  EXPECT_EQ(row.ended_by, EndedBy::itself);
}

TEST_P(RepositoryUpdate, StepBeginsStartedAtVersionOneAndCountsEachUpdate) {
  const JobExecution execution = started();
  StepExecution row = step(execution);
  EXPECT_EQ(row.version, 1);
  EXPECT_EQ(row.status, BatchStatus::started);
  EXPECT_EQ(row.exit.code, "EXECUTING");
  EXPECT_EQ(row.started, clock_.wall_now());
  EXPECT_EQ(stored_step().id, row.id);
  row.counts = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(executions().update_step(authority(), row).value(), BatchStatus::started);
  EXPECT_EQ(row.version, 2);
  row.status = BatchStatus::failed;
  row.exit = exit_status(BatchStatus::failed, "file.csv:3: why");
  row.ended = clock_.wall_now();
  EXPECT_TRUE(executions().update_step(authority(), row));
  const StepExecution read = stored_step();
  EXPECT_EQ(read.version, 3);
  EXPECT_EQ(read.counts, row.counts);
  EXPECT_EQ(read.status, BatchStatus::failed);
  EXPECT_EQ(read.exit, row.exit);
  EXPECT_EQ(read.ended, row.ended);
  EXPECT_EQ(read.name, "load");
}

TEST_P(RepositoryUpdate, StepUpdateAnswersTheStatusOfItsJobSoThatAStopIsNoticed) {
  const JobExecution execution = started();
  StepExecution row = step(execution);
  EXPECT_EQ(control().request_stop("job", "anna").value(), StopAnswer::stopping);
  EXPECT_EQ(executions().update_step(authority(), row).value(), BatchStatus::stopping);
}

TEST_P(RepositoryUpdate, StepUpdateThatLosesOnVersionConflictsAndChangesNothing) {
  const JobExecution execution = started();
  StepExecution row = step(execution);
  backend_->change_step(row.id);
  row.counts.read = 99;
  expect_kind(executions().update_step(authority(), row), ErrorKind::conflict);
  EXPECT_EQ(row.version, 1);
  EXPECT_EQ(stored_step().counts.read, 0);
  EXPECT_EQ(stored_step().version, 2);
}

TEST_P(RepositoryUpdate, P15EveryChangeUnderAnotherFenceIsRefusedAndChangesNothing) {
  JobExecution execution = started();
  StepExecution row = step(execution);
  ok(record().raise_fence("job", 1, {}));
  execution.status = BatchStatus::completed;
  expect_kind(executions().update_job(authority(1), execution), ErrorKind::lease_lost);
  row.counts.read = 9;
  expect_kind(executions().update_step(authority(1), row), ErrorKind::lease_lost);
  expect_kind(executions().start_step(authority(1), execution.id, "next"), ErrorKind::lease_lost);
  expect_kind(executions().close(authority(1), execution), ErrorKind::lease_lost);
  EXPECT_EQ(stored().status, BatchStatus::started);
  EXPECT_EQ(stored().version, 1);
  ASSERT_EQ(stored().steps.size(), 1U);
  EXPECT_EQ(stored_step().counts.read, 0);
  EXPECT_EQ(row.version, 1);
}

TEST_P(RepositoryUpdate, P12EveryChangePastTheGuardIsRefusedAndChangesNothing) {
  JobExecution execution = started();
  StepExecution row = step(execution);
  execution.status = BatchStatus::completed;
  expect_kind(executions().update_job(untrusted(), execution), ErrorKind::lease_lost);
  expect_kind(executions().update_step(untrusted(), row), ErrorKind::lease_lost);
  expect_kind(executions().start_step(untrusted(), execution.id, "next"), ErrorKind::lease_lost);
  expect_kind(executions().close(untrusted(), execution), ErrorKind::lease_lost);
  EXPECT_EQ(stored().status, BatchStatus::started);
  EXPECT_EQ(stored().version, 1);
  ASSERT_EQ(stored().steps.size(), 1U);
  EXPECT_EQ(stored_step().version, 1);
}

TEST_P(RepositoryUpdate, P15JobUpdateThatLosesOnVersionMergesAndRepeats) {
  JobExecution execution = started();
  backend_->change_job(execution.id, BatchStatus::stopping, false);
  end(execution, BatchStatus::completed);
  EXPECT_EQ(execution.status, BatchStatus::stopped) << "STOPPING with END_TIME is STOPPED";
  const JobExecution row = stored();
  EXPECT_EQ(row.status, BatchStatus::stopped);
  EXPECT_EQ(row.exit.code, "STOPPED");
  EXPECT_EQ(row.ended_by, EndedBy::person);
  EXPECT_EQ(row.version, 3);
  EXPECT_EQ(execution.version, 3);
}

TEST_P(RepositoryUpdate, P15StopThatComesBeforeTheStartIsMergedToStopping) {
  JobExecution execution = launch();
  EXPECT_EQ(control().request_stop("job", "anna").value(), StopAnswer::stopping);
  execution.status = BatchStatus::started;
  execution.started = clock_.wall_now();
  ok(executions().update_job(authority(), execution));
  EXPECT_EQ(execution.status, BatchStatus::stopping);
  EXPECT_EQ(stored().status, BatchStatus::stopping);
}

TEST_P(RepositoryUpdate, P15StopOfSpringBatch6IsMergedToStoppedByAPerson) {
  JobExecution execution = started();
  backend_->change_job(execution.id, BatchStatus::stopped, true);
  end(execution, BatchStatus::completed);
  EXPECT_EQ(stored().status, BatchStatus::stopped);
  EXPECT_EQ(stored().ended_by, EndedBy::person);
}

TEST_P(RepositoryUpdate, StoppedWithoutARequestKeepsWhoEndedIt) {
  JobExecution execution = started();
  execution.ended_by = EndedBy::shutdown;
  end(execution, BatchStatus::stopped);
  EXPECT_EQ(stored().ended_by, EndedBy::shutdown);
}

TEST_P(RepositoryUpdate, FailureOutweighsAStop) {
  JobExecution execution = started();
  backend_->change_job(execution.id, BatchStatus::stopping, false);
  end(execution, BatchStatus::failed);
  EXPECT_EQ(stored().status, BatchStatus::failed);
}

TEST_P(RepositoryUpdate, UpdateOfADeletedExecutionIsAnError) {
  JobExecution execution = started();
  execution.id += 100;
  EXPECT_FALSE(executions().update_job(authority(), execution));
}

TEST_P(RepositoryUpdate, P15OpenExecutionsAreThoseWhoseOwnRowOrAStepIsRunning) {
  JobExecution half_closed = started();
  step(half_closed);
  end(half_closed, BatchStatus::failed);
  const JobExecution running = started(half_closed.instance_id);
  const auto open = executions().open_executions("job").value();
  ASSERT_EQ(open.size(), 2U);
  EXPECT_EQ(open[0].id, half_closed.id) << "oldest first";
  EXPECT_EQ(open[0].steps.size(), 1U);
  EXPECT_EQ(open[1].id, running.id);
}

TEST_P(RepositoryUpdate, P15CloseWritesTheJobAndItsStepsAsGiven) {
  const JobExecution execution = started();
  const StepExecution row = step(execution);
  JobExecution closed = executions().open_executions("job").value().at(0);
  clock_.advance(Duration(2'000));
  closed.status = BatchStatus::failed;
  closed.exit = exit_status(BatchStatus::failed, "orphaned");
  closed.ended = clock_.wall_now();
  closed.ended_by = EndedBy::orphaned;
  closed.steps.at(0).status = BatchStatus::failed;
  closed.steps.at(0).counts.read = 12;
  closed.steps.at(0).ended = clock_.wall_now();
  ok(executions().close(authority(), closed));
  EXPECT_TRUE(executions().open_executions("job").value().empty());
  const JobExecution after = stored();
  EXPECT_EQ(after.status, BatchStatus::failed);
  EXPECT_EQ(after.version, execution.version + 1);
  EXPECT_EQ(after.ended_by, EndedBy::orphaned);
  EXPECT_EQ(after.exit.description, "orphaned");
  EXPECT_EQ(after.ended, closed.ended);
  EXPECT_EQ(after.steps.at(0).status, BatchStatus::failed);
  EXPECT_EQ(after.steps.at(0).version, row.version + 1);
  EXPECT_EQ(after.steps.at(0).counts.read, 12);
}

TEST_P(RepositoryUpdate, CloseThatLosesOnAStepsVersionChangesNothing) {
  const JobExecution execution = started();
  const StepExecution row = step(execution);
  JobExecution closed = executions().open_executions("job").value().at(0);
  backend_->change_step(row.id);
  closed.status = BatchStatus::failed;
  expect_kind(executions().close(authority(), closed), ErrorKind::conflict);
  EXPECT_EQ(stored().status, BatchStatus::started);
  EXPECT_EQ(stored().version, execution.version);
}

TEST_P(RepositoryUpdate, P8FencedDatabasesAreRecordedWithTheRaiseAndStayRecorded) {
  EXPECT_TRUE(record().fenced_databases("job").value().empty());
  ok(record().raise_fence("job", 1, {"b", "a"}));
  EXPECT_EQ(record().fenced_databases("job").value(), (std::vector<std::string>{"a", "b"}));
  ok(record().raise_fence("job", 2, {"c", "a"}));
  EXPECT_EQ(record().fenced_databases("job").value(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(record().fenced_databases("other").value().empty());
  EXPECT_EQ(connection_->database->read_fence(record().repository_id(), "job").value(), 3);
}

TEST_P(RepositoryUpdate, P8RaiseFromAnotherFenceConflictsAndRecordsNothing) {
  expect_kind(record().raise_fence("job", 0, {"a"}), ErrorKind::conflict);
  expect_kind(record().raise_fence("job", 2, {"a"}), ErrorKind::conflict);
  EXPECT_TRUE(record().fenced_databases("job").value().empty());
  EXPECT_EQ(connection_->database->read_fence(record().repository_id(), "job").value(), 1);
}

TEST_P(RepositoryUpdate, P8LeaseStoreIsToldOnceItWasAdopted) {
  EXPECT_EQ(record().lease_store().value(), std::nullopt);
  ok(record().adopt_lease_store("store-1"));
  EXPECT_EQ(record().lease_store().value(), "store-1");
  expect_kind(record().adopt_lease_store("store-2"), ErrorKind::invalid);
  EXPECT_EQ(backend_->open()->record->lease_store().value(), "store-1");
}

TEST_P(RepositoryUpdate, P8LeaseStoreIsAdoptedOnceAndAnotherOneIsRefused) {
  ok(record().adopt_lease_store("store-1"));
  ok(record().adopt_lease_store("store-1"));
  const auto other = backend_->open();
  ok(other->record->adopt_lease_store("store-1"));
  const Status refused = other->record->adopt_lease_store("store-2");
  expect_kind(refused, ErrorKind::invalid);
  EXPECT_NE(refused.error().message.find("store-1"), std::string::npos);
  EXPECT_NE(refused.error().message.find("store-2"), std::string::npos);
  ok(record().adopt_lease_store("store-1"));
}

TEST_P(RepositoryUpdate, RepositoryIdIsTheSameForAllWhoOpenIt) {
  EXPECT_FALSE(record().repository_id().empty());
  EXPECT_EQ(backend_->open()->record->repository_id(), record().repository_id());
}

INSTANTIATE_TEST_SUITE_P(Every, RepositoryUpdate, every_repository(), backend_name);

}  // namespace
}  // namespace baton
