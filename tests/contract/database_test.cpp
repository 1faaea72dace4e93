// What every database that jobs write to promises (batch/database.h), as tests.
#include "tests/contract/repository_contract.h"

namespace baton {
namespace {

// The repository as a database, so that a step's row can be updated in its transactions.
class DatabaseContract : public RepositoryContract {
 protected:
  Database& database() { return *connection_->database; }
  std::string id() { return record().repository_id(); }
  ProgressKey key(const std::string& step = "load") { return {id(), 4, step}; }
  std::unique_ptr<Transaction> begin() {
    auto begun = database().begin(authority(), Durability::relaxed);
    EXPECT_TRUE(begun) << begun.error().message;
    return std::move(*begun);
  }
  std::optional<Progress> recorded(const std::string& step = "load") {
    return database().read_progress(key(step)).value();
  }
  void save(Progress progress, std::int64_t expected) {
    const auto transaction = begin();
    ok(transaction->save_progress(key(), progress, expected));
    ok(transaction->commit());
  }
};

Progress some_progress() {
  Progress progress;
  progress.job = "job";
  progress.low_water = {120, 10, 11, "k"};
  progress.above = {{{200, 20, 21, ""}, {300, 30, 31, ""}}};
  progress.counts = {1, 2, 3, 4, 5, 6, 7, 8};
  progress.input = {"/data/ü \"x\".csv", 1'000, 123'456'789'012, "00ff"};
  progress.fingerprint = "abc";
  progress.input_done = true;
  progress.closing_done = 2;
  progress.complete = true;
  progress.step_execution_id = 17;
  progress.counts_before = {8, 7, 6, 5, 4, 3, 2, 1};
  return progress;
}

TEST_P(DatabaseContract, IdentityIsTheSameForAllConnections) {
  EXPECT_EQ(backend_->open()->database->identity(), database().identity());
}

TEST_P(DatabaseContract, FenceIsZeroWhereTheJobWasNeverFenced) {
  EXPECT_EQ(database().read_fence(id(), "other").value(), 0);
  EXPECT_EQ(database().read_fence("other repository", "job").value(), 0);
  EXPECT_EQ(database().read_fence(id(), "job").value(), 1);
}

TEST_P(DatabaseContract, P8RaiseFenceIsACompareAndSet) {
  ok(database().raise_fence(id(), "other", 0));
  EXPECT_EQ(database().read_fence(id(), "other").value(), 1);
  expect_kind(database().raise_fence(id(), "other", 0), ErrorKind::conflict);
  expect_kind(database().raise_fence(id(), "other", 2), ErrorKind::conflict);
  ok(database().raise_fence(id(), "other", 1));
  EXPECT_EQ(backend_->open()->database->read_fence(id(), "other").value(), 2);
  expect_kind(database().raise_fence(id(), "new", 1), ErrorKind::conflict);
  EXPECT_EQ(database().read_fence(id(), "new").value(), 0);
}

TEST_P(DatabaseContract, P12BeginRefusesAnyOtherFenceAndAMissingOne) {
  ok(database().raise_fence(id(), "job", 1));
  for (const std::int64_t other : {0, 1, 3})
    expect_kind(database().begin(authority(other), Durability::full), ErrorKind::lease_lost);
  expect_kind(database().begin(authority(1, "never"), Durability::full), ErrorKind::lease_lost);
  expect_kind(database().begin(authority(0, "never"), Durability::full), ErrorKind::lease_lost);
  EXPECT_TRUE(database().begin(authority(2), Durability::full)) << "what was refused holds no lock";
}

TEST_P(DatabaseContract, NothingIsVisibleBeforeTheCommitAndNothingStaysOfARollback) {
  const auto other = backend_->open();
  {
    const auto transaction = begin();
    ok(transaction->save_progress(key(), some_progress(), 0));
    EXPECT_FALSE(other->database->read_progress(key()).value());
  }
  EXPECT_FALSE(recorded());
  save(some_progress(), 0);
  EXPECT_TRUE(other->database->read_progress(key()).value());
}

TEST_P(DatabaseContract, P12CommitPastTheGuardIsRefusedAndNothingStays) {
  {
    const auto transaction = database().begin(untrusted(), Durability::relaxed).value();
    ok(transaction->save_progress(key(), some_progress(), 0));
    expect_kind(transaction->commit(), ErrorKind::lease_lost);
  }
  EXPECT_FALSE(recorded());
}

TEST_P(DatabaseContract, P12GuardIsAskedWhenCommitIsSent) {
  lease_.trust_until(clock_.now() + std::chrono::hours(1));
  auto late = begin();
  ok(late->save_progress(key(), some_progress(), 0));
  clock_.advance(std::chrono::hours(1));
  expect_kind(late->commit(), ErrorKind::lease_lost);
  late.reset();
  const auto renewed = begin();
  ok(renewed->save_progress(key(), some_progress(), 0));
  lease_.trust_until(clock_.now() + std::chrono::hours(1));
  ok(renewed->commit());
}

TEST_P(DatabaseContract, P11ProgressComesBackEqual) {
  const Progress written = some_progress();
  save(written, 0);
  const Progress read = recorded().value();
  EXPECT_EQ(read.job, written.job);
  EXPECT_EQ(read.revision, 1);
  EXPECT_EQ(read.low_water, written.low_water);
  EXPECT_EQ(read.above, written.above);
  EXPECT_EQ(read.counts, written.counts);
  EXPECT_EQ(read.input, written.input);
  EXPECT_EQ(read.fingerprint, written.fingerprint);
  EXPECT_EQ(read.input_done, written.input_done);
  EXPECT_EQ(read.closing_done, written.closing_done);
  EXPECT_EQ(read.complete, written.complete);
  EXPECT_EQ(read.step_execution_id, written.step_execution_id);
  EXPECT_EQ(read.counts_before, written.counts_before);
  EXPECT_FALSE(recorded("another step"));
}

TEST_P(DatabaseContract, P11SaveProgressIsACompareAndSetOnTheRevision) {
  {
    const auto transaction = begin();
    expect_kind(transaction->save_progress(key(), some_progress(), 1), ErrorKind::conflict);
  }
  save(some_progress(), 0);
  for (const std::int64_t other : {0, 2}) {
    const auto transaction = begin();
    Progress changed = some_progress();
    changed.fingerprint = "changed";
    expect_kind(transaction->save_progress(key(), changed, other), ErrorKind::conflict);
  }
  EXPECT_EQ(recorded()->fingerprint, "abc");
  Progress next = some_progress();
  next.fingerprint = "next";
  next.complete = false;
  save(next, 1);
  EXPECT_EQ(recorded()->revision, 2);
  EXPECT_EQ(recorded()->fingerprint, "next");
  EXPECT_FALSE(recorded()->complete);
}

TEST_P(DatabaseContract, P14ExecuteRefusesTransactionControl) {
  for (const char* text : {"BEGIN", "commit", "ROLLBACK", "SAVEPOINT a"}) {
    SCOPED_TRACE(text);
    const auto transaction = begin();
    expect_kind(transaction->execute(text), ErrorKind::invalid);
    ok(transaction->save_progress(key(), some_progress(), 0));
  }
  EXPECT_FALSE(recorded()) << "what is refused ends no transaction";
}

TEST_P(DatabaseContract, P14UnprotectedStatementsCheckFenceAndGuardFirst) {
  const std::string text = "CREATE TABLE IF NOT EXISTS made (a TEXT)";
  expect_kind(database().execute_unprotected(authority(7), text), ErrorKind::lease_lost);
  expect_kind(database().execute_unprotected(untrusted(), text), ErrorKind::lease_lost);
  EXPECT_TRUE(database().execute_unprotected(authority(), text));
}

TEST_P(DatabaseContract, P12StepIsUpdatedInTheSameTransaction) {
  const JobExecution execution = started();
  StepExecution step = executions().start_step(authority(), execution.id, "load").value();
  {
    StepExecution undone = step;
    undone.counts.write = 5;
    const auto transaction = begin();
    EXPECT_EQ(transaction->update_step(undone).value(), BatchStatus::started);
    EXPECT_EQ(undone.version, step.version + 1);
  }
  EXPECT_EQ(stored().steps.at(0).counts.write, 0);
  EXPECT_EQ(stored().steps.at(0).version, 1);
  backend_->change_job(execution.id, BatchStatus::stopping, false);
  step.counts.write = 7;
  const auto transaction = begin();
  EXPECT_EQ(transaction->update_step(step).value(), BatchStatus::stopping);
  ok(transaction->commit());
  EXPECT_EQ(stored().steps.at(0).counts.write, 7);
  EXPECT_EQ(stored().steps.at(0).version, 2);
}

TEST_P(DatabaseContract, RejectsAreSavedAndForgottenInTheTransaction) {
  const Reject first{RejectPhase::read, 3, 4, "", "", "two fields where three were expected", "a;b"};
  const Reject second{RejectPhase::write, 5, 6, "price", "x", "not a number", "a;b;x"};
  const auto logged = [&](RejectFilter filter = {}) {
    filter.repository_id = id();
    return connection_->rejects->list(filter).value();
  };
  {
    const auto undone = begin();
    ok(undone->save_rejects(key(), "job", 9, {first}));
  }
  EXPECT_TRUE(logged().empty());
  {
    const auto transaction = begin();
    ok(transaction->save_rejects(key(), "job", 9, {first, second}));
    ok(transaction->save_rejects(key("other"), "job", 10, {first}));
    ok(transaction->commit());
  }
  ASSERT_EQ(logged().size(), 3U);
  const LoggedReject row = logged()[1];
  EXPECT_EQ(row.job, "job");
  EXPECT_EQ(row.instance, 4);
  EXPECT_EQ(row.step, "load");
  EXPECT_EQ(row.job_execution_id, 9);
  EXPECT_EQ(row.phase, "write");
  EXPECT_EQ(row.reject.record, 5U);
  EXPECT_EQ(row.reject.line, 6U);
  EXPECT_EQ(row.reject.column, "price");
  EXPECT_EQ(row.reject.value, "x");
  EXPECT_EQ(row.reject.reason, "not a number");
  EXPECT_EQ(row.reject.raw, "a;b;x");
  RejectFilter page;
  page.job = "job";
  page.job_execution_id = 9;
  page.after = row.reject_id - 1;
  page.limit = 1;
  ASSERT_EQ(logged(page).size(), 1U);
  EXPECT_EQ(logged(page)[0].reject_id, row.reject_id);
  {
    const auto undone = begin();
    ok(undone->forget_rejects(key()));
  }
  EXPECT_EQ(logged().size(), 3U);
  const auto transaction = begin();
  ok(transaction->forget_rejects(key()));
  ok(transaction->commit());
  ASSERT_EQ(logged().size(), 1U);
  EXPECT_EQ(logged()[0].step, "other");
}

TEST_P(DatabaseContract, StepAtAnotherVersionConflicts) {
  const JobExecution execution = started();
  StepExecution step = executions().start_step(authority(), execution.id, "load").value();
  backend_->change_step(step.id);
  const auto transaction = begin();
  expect_kind(transaction->update_step(step), ErrorKind::conflict);
}

INSTANTIATE_TEST_SUITE_P(Every, DatabaseContract, every_repository(), backend_name);

}  // namespace
}  // namespace baton
