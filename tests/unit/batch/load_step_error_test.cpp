// The load step where records are refused and where calls break (P12).
#include "tests/unit/batch/load_fixture.h"

namespace baton {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class LoadStepError : public LoadTest {};

TEST_F(LoadStepError, RejectsWithinSkipAreRecordedAndCountedByPhase) {
  plan_.skip.limit = 3;
  input_.records[0][0] = "!read";
  input_.records[2][1] = "!encode";
  input_.records[3][1] = "!write";
  const StepRun done = load();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(table(), "2|a2 5|a5");
  EXPECT_EQ(done.row.counts, (StepCounts{3, 4, 0, 2, 1, 0, 2, 0}));
  EXPECT_EQ(done.row.counts.records(), 5) << "read = written + filtered + rejected";
  const auto rejects = state().rejects;
  ASSERT_THAT(rejects, SizeIs(3));
  EXPECT_EQ(rejects[0].phase, "read");
  EXPECT_EQ(rejects[0].reject.record, 1U);
  EXPECT_EQ(rejects[1].phase, "write");
  EXPECT_EQ(rejects[0].job_execution_id, 1);
}

TEST_F(LoadStepError, RejectAboveSkipFailsWithTheSentenceAndNothingOfTheChunkStays) {
  plan_.skip.limit = 1;
  input_.records[0][1] = "!write";
  input_.records[3][1] = "!encode";
  const StepRun done = load();
  expect_failed(done, ErrorKind::invalid, "input.csv:5 (record 4), column \"value\", value \"!encode\": refused");
  const std::string& message = done.end.error().message;
  EXPECT_THAT(message, HasSubstr("2 of 4 records refused, skip allows 1"));
  EXPECT_THAT(message, HasSubstr("nothing of records 3 to 4 was written"));
  EXPECT_EQ(table(), "2|a2");
  EXPECT_THAT(state().rejects, SizeIs(1));
  EXPECT_EQ(progress()->low_water.record, 2U);
  EXPECT_EQ(done.row.counts.write, 1);
  EXPECT_EQ(done.row.counts.rollback, 1);
}

TEST_F(LoadStepError, P13RowsThatAClosingChunkRefusesAreRejectsAndCountAsWrittenNoMore) {
  mode(WriteMode::replace);
  plan_.skip.limit = 3;
  input_.records[0][1] = "!write";
  input_.records[2][1] = "!merge";
  input_.records[4][1] = "!merge";
  const StepRun done = load();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(table(), "2|a2 4|a4");
  EXPECT_EQ(done.row.counts, (StepCounts{4, 5, 0, 2, 0, 0, 3, 0})) << "read = written + filtered + rejected";
  EXPECT_EQ(progress()->counts, done.row.counts);
  const auto rejects = state().rejects;
  ASSERT_THAT(rejects, SizeIs(3));
  EXPECT_EQ(rejects[1].phase, "write");
  EXPECT_EQ(rejects[1].reject.record, 3U);
  EXPECT_EQ(rejects[2].reject.record, 5U);
}

TEST_F(LoadStepError, RowsThatTheTableLeavesOutThenTheyCountAsFiltered) {
  for (const WriteMode each : {WriteMode::append, WriteMode::replace, WriteMode::mirror}) {
    SCOPED_TRACE(static_cast<int>(each));
    target_store_.change([](MemoryState& state) { state.progress.clear(), state.tables.clear(); });
    repository_store_.change([](MemoryState& state) { state.executions.clear(), state.instances.clear(); });
    mode(each);
    input_.records[1][1] = "!filter";
    input_.records[4][1] = "!filter";
    const StepRun done = load();
    expect_end(done, StepEnd::completed);
    EXPECT_EQ(table(), "1|a1 3|a3 4|a4");
    EXPECT_EQ(done.row.counts.filter, 2);
    EXPECT_EQ(done.row.counts.write, 3);
    EXPECT_EQ(done.row.counts.read, 5);
    EXPECT_EQ(progress()->counts, done.row.counts);
  }
}

TEST_F(LoadStepError, P13ClosingChunkAboveSkipFailsAndIsCarriedOnOnceSkipAllowsIt) {
  target_store_.change([](MemoryState& state) { state.tables["t"] = {{"id", "value"}, {{"9", "old"}}}; });
  mode(WriteMode::replace);
  plan_.skip.limit = 1;
  input_.records[2][1] = "!merge";
  input_.records[4][1] = "!merge";
  expect_failed(load(), ErrorKind::invalid, "input.csv (record 3), value \"!merge\": refused. 2 of 5 records refused");
  EXPECT_EQ(table(), "9|old");
  EXPECT_THAT(state().rejects, SizeIs(0));
  EXPECT_EQ(progress()->counts.write, 5);
  plan_.skip.limit = 2;
  const StepRun done = load();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(table(), "1|a1 2|a2 4|a4");
  EXPECT_EQ(done.row.counts.write, -2) << "of those that the execution before counted";
  EXPECT_EQ(progress()->counts, (StepCounts{4, 5, 0, 3, 0, 0, 2, 0}));
}

TEST_F(LoadStepError, P13MirrorDeletesNothingAfterARejectOfItsMerge) {
  for (const int dies_before : {0, 1}) {
    SCOPED_TRACE(dies_before);
    target_store_.change([](MemoryState& state) {
      state.progress.clear();
      state.rejects.clear();
      state.tables["t"] = {{"id", "value"}, {{"9", "old"}}};
    });
    repository_store_.change([](MemoryState& state) { state.executions.clear(), state.instances.clear(); });
    mode(WriteMode::mirror);
    plan_.skip.limit = 1;
    input_.records[2][1] = "!merge";
    if (dies_before > 0) dies_at_commit(4);
    expect_end(load(), StepEnd::completed);
    EXPECT_EQ(table(), "9|old 1|a1 2|a2 4|a4 5|a5");
    EXPECT_EQ(progress()->counts, (StepCounts{5, 5, 0, 4, 0, 0, 1, 0}));
    EXPECT_THAT(state().rejects, SizeIs(1));
  }
}

TEST_F(LoadStepError, P12RejectsOfAClosingChunkOfUnknownOutcomeAreCountedOnce) {
  for (const bool committed : {false, true}) {
    SCOPED_TRACE(committed);
    target_store_.change([](MemoryState& state) {
      state.progress.clear();
      state.rejects.clear();
      state.tables.clear();
    });
    repository_store_.change([](MemoryState& state) { state.executions.clear(), state.instances.clear(); });
    mode(WriteMode::replace);
    plan_.skip.limit = 1;
    input_.records[2][1] = "!merge";
    target_.breaks.next(DatabaseCall::commit, {committed ? lost_answer : lost_request}, 3);
    const StepRun done = load();
    expect_end(done, StepEnd::completed);
    EXPECT_EQ(table(), "1|a1 2|a2 4|a4 5|a5");
    EXPECT_EQ(done.row.counts, (StepCounts{4, 5, 0, 4, 0, 0, 1, committed ? 0 : 1}));
    EXPECT_EQ(progress()->counts.write_skip, 1);
    EXPECT_THAT(state().rejects, SizeIs(1));
  }
}

TEST_F(LoadStepError, PercentLimitsTheRejectsOfAClosingChunk) {
  mode(WriteMode::replace);
  input_.records[2][1] = "!merge";
  plan_.skip.percent = 19;
  expect_failed(load(), ErrorKind::invalid, "skip allows 19 %");
  plan_.skip.percent = 20;
  expect_end(load(), StepEnd::completed);
}

TEST_F(LoadStepError, SkipCountsTheRejectsOfEarlierExecutions) {
  plan_.skip.limit = 1;
  input_.records[0][1] = "!write";
  dies_at_commit(1);
  input_.records[3][1] = "!write";
  expect_failed(load(), ErrorKind::invalid, "2 of 4");
}

TEST_F(LoadStepError, PercentIsJudgedAtTheEnd) {
  plan_.skip.percent = 20;
  input_.records[0][1] = "!write";
  expect_end(load(), StepEnd::completed);
}

TEST_F(LoadStepError, PercentAboveFailsTheLastChunk) {
  plan_.skip.percent = 19;
  input_.records[0][1] = "!write";
  expect_failed(load(), ErrorKind::invalid, "skip allows 19 %");
  EXPECT_EQ(table(), "2|a2 3|a3 4|a4");
}

TEST_F(LoadStepError, RejectsOfAPassThatBeginsAnewAreForgotten) {
  mode(WriteMode::upsert);
  plan_.skip.limit = 2;
  input_.records[0][1] = "!write";
  dies_at_commit(1);
  EXPECT_THAT(state().rejects, SizeIs(1));
  input_.modified_ns = 2;
  expect_end(load(), StepEnd::completed);
  EXPECT_THAT(state().rejects, SizeIs(1)) << "not recorded twice";
  EXPECT_EQ(progress()->counts.write_skip, 1);
}

TEST_F(LoadStepError, RetryThenSuccessWritesOnceAndCountsTheRollbacks) {
  target_.breaks.next(DatabaseCall::save_progress, {not_done, not_done}, 1);
  const StepRun done = load();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(table(), all_five);
  EXPECT_EQ(done.row.counts, (StepCounts{3, 5, 0, 5, 0, 0, 0, 2}));
  EXPECT_EQ(stored_step().counts.rollback, 2);
  EXPECT_EQ(clock_.waits(), (std::vector<Duration>{Duration(100), Duration(200)}));
  EXPECT_THAT(listener_.notes, SizeIs(2));
}

TEST_F(LoadStepError, RetryOfTheFirstChunkMakesTheTableAgain) {
  target_.breaks.next(DatabaseCall::commit, {not_done});
  expect_end(load(), StepEnd::completed);
  EXPECT_EQ(table(), all_five);
}

TEST_F(LoadStepError, RetryLimitEndsItWithTheError) {
  plan_.retry_limit = 2;
  target_.breaks.next(DatabaseCall::begin, {not_done, not_done, not_done}, 1);
  const StepRun done = load();
  expect_failed(done, ErrorKind::retry, "broken by the test");
  EXPECT_EQ(table(), "1|a1 2|a2");
  EXPECT_EQ(target_.breaks.count(DatabaseCall::begin), 4);
}

TEST_F(LoadStepError, StopWhileARetryWaitsStopsTheStep) {
  std::stop_source stop;
  target_.breaks.next(DatabaseCall::begin, {not_done}, 1);
  target_.breaks.before(DatabaseCall::begin, [&] {
    if (target_.breaks.count(DatabaseCall::begin) == 2) stop.request_stop();
  });
  expect_end(load(stop.get_token()), StepEnd::stopped);
  EXPECT_EQ(table(), "1|a1 2|a2");
}

TEST_F(LoadStepError, P12UnknownOutcomeThatWasCommittedIsNotRepeated) {
  for (const bool here : {false, true}) {
    SCOPED_TRACE(here);
    in_repository_ = here;
    database().breaks.next(DatabaseCall::commit, {lost_answer, lost_answer}, 1);
    const StepRun done = load();
    expect_end(done, StepEnd::completed);
    EXPECT_EQ(table(), all_five);
    EXPECT_EQ(done.row.counts, (StepCounts{3, 5, 0, 5, 0, 0, 0, 0}));
    EXPECT_EQ(step_row_lost_, "") << "the row's version is the one that was committed";
    EXPECT_EQ(stored_step().counts.write, 5);
    target_store_.change([](MemoryState& state) { state.progress.clear(); });
    repository_store_.change([](MemoryState& state) { state.executions.clear(), state.instances.clear(); });
  }
}

TEST_F(LoadStepError, P12UnknownOutcomeThatWasNotCommittedIsRepeated) {
  for (const bool here : {false, true}) {
    SCOPED_TRACE(here);
    in_repository_ = here;
    database().breaks.next(DatabaseCall::commit, {lost_request}, 1);
    const StepRun done = load();
    expect_end(done, StepEnd::completed);
    EXPECT_EQ(table(), all_five);
    EXPECT_EQ(done.row.counts, (StepCounts{3, 5, 0, 5, 0, 0, 0, 1}));
    EXPECT_EQ(step_row_lost_, "");
    target_store_.change([](MemoryState& state) { state.progress.clear(); });
    repository_store_.change([](MemoryState& state) { state.executions.clear(), state.instances.clear(); });
  }
}

TEST_F(LoadStepError, P12ProgressThatCannotBeReadBackForAMomentIsReadAgain) {
  in_repository_ = true;
  plan_.retry_limit = 0;
  repository_.breaks.next(DatabaseCall::commit, {lost_answer}, 1);
  repository_.breaks.next(DatabaseCall::read_progress, {not_done, not_done}, 1);
  const StepRun done = load();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(table(), all_five);
  EXPECT_EQ(step_row_lost_, "");
}

TEST_F(LoadStepError, P11ConflictOnProgressFailsTheStepAndWritesNothing) {
  target_.breaks.before(DatabaseCall::begin, [this] {
    if (target_.breaks.count(DatabaseCall::begin) != 2) return;
    target_store_.change([](MemoryState& state) { ++state.progress.begin()->second.revision; });
  });
  const StepRun done = load();
  expect_failed(done, ErrorKind::conflict, "progress");
  EXPECT_EQ(table(), "1|a1 2|a2");
}

TEST_F(LoadStepError, P12RefusedFenceIsPassedOnWithoutARetry) {
  target_.breaks.before(DatabaseCall::begin, [this] {
    if (target_.breaks.count(DatabaseCall::begin) == 2) fence(target_store_, 2);
  });
  expect_failed(load(), ErrorKind::lease_lost, "fence");
  EXPECT_EQ(target_.breaks.count(DatabaseCall::begin), 2);
  EXPECT_EQ(table(), "1|a1 2|a2");
}

TEST_F(LoadStepError, P12TrustThatRanOutCommitsNothing) {
  lease_.trust_until(clock_.now() + Duration(10));
  target_.breaks.before(DatabaseCall::commit, [this] { clock_.advance(Duration(10)); });
  const StepRun done = load();
  EXPECT_EQ(done.end.error().kind, ErrorKind::lease_lost);
  EXPECT_EQ(table(), "none");
}

TEST_F(LoadStepError, P12RepositoryElsewhereThatIsAwayIsAskedAgainWhileTheLeaseIsTrusted) {
  executions_.breaks.next(ExecutionsCall::update_step, {not_done, not_done, not_done});
  const StepRun done = load();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(table(), all_five);
  EXPECT_EQ(step_row_lost_, "");
}

TEST_F(LoadStepError, P12RepositoryElsewhereThatRefusesTheFenceEndsTheStep) {
  executions_.breaks.next(ExecutionsCall::update_step, {refused}, 1);
  expect_failed(load(), ErrorKind::lease_lost, "");
  EXPECT_EQ(table(), "1|a1 2|a2 3|a3 4|a4");
  expect_end(load(), StepEnd::completed);
  EXPECT_EQ(table(), all_five) << "the target's progress is the truth";
}

TEST_F(LoadStepError, ReaderThatFailsKeepsTheChunksBefore) {
  on_reader_ = [](MemoryReader& reader) { reader.fail_at(4, ErrorKind::invalid); };
  expect_failed(load(), ErrorKind::invalid, "input.csv");
  EXPECT_EQ(table(), "1|a1 2|a2");
}

TEST_F(LoadStepError, InputThatChangedWhileItWasReadFailsBeforeTheLastChunk) {
  on_reader_ = [](MemoryReader& reader) { reader.change_while_read(); };
  expect_failed(load(), ErrorKind::invalid, "changed");
  EXPECT_EQ(table(), "1|a1 2|a2 3|a3 4|a4");
  EXPECT_FALSE(progress()->input_done);
}

TEST_F(LoadStepError, MissingTableFailsBeforeAnythingIsWritten) {
  plan_.table.create = false;
  expect_failed(load(), ErrorKind::invalid, "missing");
  EXPECT_FALSE(progress());
}

}  // namespace
}  // namespace baton
