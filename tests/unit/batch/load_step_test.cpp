// The load step where nothing breaks, where it is carried on, and where a stop is wanted (P11–P13).
#include "tests/unit/batch/load_fixture.h"

namespace baton {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class LoadStepRun : public LoadTest {};

TEST_F(LoadStepRun, EveryRecordIsWrittenOnceInChunks) {
  const StepRun done = load();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(table(), all_five);
  EXPECT_EQ(done.row.counts, (StepCounts{3, 5, 0, 5, 0, 0, 0, 0}));
  EXPECT_EQ(stored_step().counts, done.row.counts);
  EXPECT_THAT(listener_.commits, SizeIs(3));
  EXPECT_EQ(listener_.commits.back().bytes, 50U);
  EXPECT_EQ(listener_.commits.back().bytes_total, 50U);
}

TEST_F(LoadStepRun, P11ProgressTellsHowFarItCame) {
  const StepRun done = load();
  const Progress now = progress().value();
  EXPECT_EQ(now.revision, 3);
  EXPECT_EQ(now.low_water.record, 5U);
  EXPECT_TRUE(now.above.empty());
  EXPECT_TRUE(now.input_done);
  EXPECT_TRUE(now.complete);
  EXPECT_EQ(now.counts, done.row.counts);
  EXPECT_EQ(now.step_execution_id, done.row.id);
  EXPECT_EQ(now.fingerprint, "print-1");
  EXPECT_EQ(now.job, "job");
}

TEST_F(LoadStepRun, P13LastChunkIsDurable) {
  plan_.chunk.rows = 5;
  load();
  EXPECT_EQ(memory_target_.last_durability(), Durability::full);
}

TEST_F(LoadStepRun, P13ChunkBeforeTheLastIsRelaxed) {
  std::vector<Durability> seen;
  target_.breaks.before(DatabaseCall::commit, [&] { seen.push_back(memory_target_.last_durability()); });
  load();
  EXPECT_EQ(seen, (std::vector<Durability>{Durability::relaxed, Durability::relaxed, Durability::full}));
}

TEST_F(LoadStepRun, EmptyInputCompletesWithOneEmptyChunk) {
  records(0);
  const StepRun done = load();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(table(), "");
  EXPECT_EQ(done.row.counts.commit, 1);
  EXPECT_TRUE(progress()->complete);
}

TEST_F(LoadStepRun, P12StepsRowFollowsWhereTheRepositoryIsElsewhere) {
  load();
  EXPECT_EQ(executions_.breaks.count(ExecutionsCall::update_step), 3);
  EXPECT_EQ(target_.breaks.count(DatabaseCall::update_step), 0);
}

TEST_F(LoadStepRun, P12StepsRowIsInTheSameTransactionWhereTheTargetIsTheRepository) {
  in_repository_ = true;
  const StepRun done = load();
  EXPECT_EQ(table(), all_five);
  EXPECT_EQ(executions_.breaks.count(ExecutionsCall::update_step), 0);
  EXPECT_EQ(repository_.breaks.count(DatabaseCall::update_step), 3);
  EXPECT_EQ(done.row.version, 5) << "1, a chunk each, and the end";
  EXPECT_EQ(step_row_lost_, "");
}

TEST_F(LoadStepRun, P11CarriedOnItGoesOnBehindTheLastCommittedChunk) {
  dies_at_commit(1);
  EXPECT_EQ(table(), "1|a1 2|a2");
  const StepRun done = load();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(table(), all_five);
  EXPECT_EQ(reader_->records_read(), 3U);
  EXPECT_EQ(done.row.counts.write, 3) << "of this step execution";
  EXPECT_EQ(progress()->counts.write, 5) << "of the pass";
  EXPECT_EQ(progress()->counts_before.write, 2);
}

TEST_F(LoadStepRun, P11CarriedOnWithOtherChunksNothingIsRepeated) {
  dies_at_commit(1);
  plan_.chunk.rows = 100;
  expect_end(load(), StepEnd::completed);
  EXPECT_EQ(table(), all_five);
}

TEST_F(LoadStepRun, P11CompleteStepDoesNothingMore) {
  load();
  const StepRun again = load();
  expect_end(again, StepEnd::completed);
  EXPECT_EQ(table(), all_five);
  EXPECT_EQ(again.row.counts, StepCounts());
  EXPECT_EQ(progress()->revision, 3);
}

TEST_F(LoadStepRun, P11ChangedInputOfAnAppendIsRefusedAndNamesAbandon) {
  dies_at_commit(1);
  input_.modified_ns = 2;
  const StepRun done = load();
  expect_failed(done, ErrorKind::invalid, "baton abandon job");
  EXPECT_THAT(done.end.error().message, HasSubstr("2 rows"));
  EXPECT_EQ(table(), "1|a1 2|a2");
}

TEST_F(LoadStepRun, P11ShorterInputOfAnAppendIsRefused) {
  dies_at_commit(1);
  records(1);
  expect_failed(load(), ErrorKind::invalid, "not the input it was");
}

TEST_F(LoadStepRun, P11ChangedFingerprintOfAnAppendIsRefusedAndNamesAbandon) {
  dies_at_commit(1);
  plan_.fingerprint = "print-2";
  expect_failed(load(), ErrorKind::invalid, "baton abandon job");
}

TEST_F(LoadStepRun, P11ChangedInputOfTheOtherModesBeginsAnew) {
  for (const WriteMode each : {WriteMode::upsert, WriteMode::replace, WriteMode::mirror}) {
    SCOPED_TRACE(static_cast<int>(each));
    target_store_.change([](MemoryState& state) {
      state.tables.clear();
      state.progress.clear();
    });
    records(5);
    input_.modified_ns = 1;
    mode(each);
    dies_at_commit(1);
    input_.records.erase(input_.records.begin(), input_.records.begin() + 3);
    input_.modified_ns = 2;
    const StepRun done = load();
    expect_end(done, StepEnd::completed);
    EXPECT_EQ(table(), each == WriteMode::upsert ? "1|a1 2|a2 4|a4 5|a5" : "4|a4 5|a5");
    EXPECT_EQ(progress()->counts.write, 2) << "of this pass alone";
    EXPECT_THAT(listener_.notes.back(), HasSubstr("begins anew"));
  }
}

TEST_F(LoadStepRun, P11ChangedFingerprintOfAnUpsertBeginsAnew) {
  mode(WriteMode::upsert);
  dies_at_commit(1);
  plan_.fingerprint = "print-2";
  expect_end(load(), StepEnd::completed);
  EXPECT_EQ(reader_->records_read(), 5U);
  EXPECT_EQ(table(), all_five);
  EXPECT_EQ(progress()->fingerprint, "print-2");
}

TEST_F(LoadStepRun, P11RangesOfSeveralWritersAreNotCarriedOnByThisVersion) {
  dies_at_commit(1);
  target_store_.change([](MemoryState& state) {
    state.progress.begin()->second.above = {{{30, 3, 4, ""}, {40, 4, 5, ""}}};
  });
  expect_failed(load(), ErrorKind::invalid, "baton abandon job");
}

TEST_F(LoadStepRun, P13ReplaceIsSwappedInOneClosingChunk) {
  target_store_.change([](MemoryState& state) { state.tables["t"] = {{"id", "value"}, {{"9", "old"}}}; });
  mode(WriteMode::replace);
  std::string before_the_swap;
  listener_.on_commit = [&] {
    if (listener_.commits.size() == 3) before_the_swap = table();
  };
  const StepRun done = load();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(before_the_swap, "9|old");
  EXPECT_EQ(table(), all_five);
  EXPECT_EQ(done.row.counts.commit, 4);
  EXPECT_EQ(state().tables.size(), 1U) << "no staging stays";
}

TEST_F(LoadStepRun, P13ReplaceThatDiedBeforeTheSwapOnlySwaps) {
  mode(WriteMode::replace);
  dies_at_commit(3);
  EXPECT_EQ(table(), "");
  EXPECT_TRUE(progress()->input_done);
  const StepRun done = load();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(table(), all_five);
  EXPECT_EQ(reader_->records_read(), 0U);
  EXPECT_EQ(done.row.counts, (StepCounts{1, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_F(LoadStepRun, P13MirrorThatDiedBetweenItsClosingChunksGoesOnWithTheSecond) {
  target_store_.change([](MemoryState& state) { state.tables["t"] = {{"id", "value"}, {{"9", "old"}, {"1", "x"}}}; });
  mode(WriteMode::mirror);
  dies_at_commit(4);
  EXPECT_EQ(progress()->closing_done, 1);
  EXPECT_EQ(table(), "9|old 1|a1 2|a2 3|a3 4|a4 5|a5");
  expect_end(load(), StepEnd::completed);
  EXPECT_EQ(table(), all_five);
  EXPECT_EQ(progress()->closing_done, 2);
}

TEST_F(LoadStepRun, P13MirrorWithARejectDeletesNothing) {
  target_store_.change([](MemoryState& state) { state.tables["t"] = {{"id", "value"}, {{"9", "old"}}}; });
  mode(WriteMode::mirror);
  plan_.skip.limit = 1;
  input_.records[1][1] = "!write";
  expect_end(load(), StepEnd::completed);
  EXPECT_EQ(table(), "9|old 1|a1 3|a3 4|a4 5|a5");
}

TEST_F(LoadStepRun, P13MirrorWithARejectInAnEarlierExecutionDeletesNothing) {
  target_store_.change([](MemoryState& state) { state.tables["t"] = {{"id", "value"}, {{"9", "old"}}}; });
  mode(WriteMode::mirror);
  plan_.skip.limit = 1;
  input_.records[1][1] = "!encode";
  dies_at_commit(2);
  expect_end(load(), StepEnd::completed);
  EXPECT_EQ(table(), "9|old 1|a1 3|a3 4|a4 5|a5");
}

TEST_F(LoadStepRun, P10StopByStatusEndsItAtTheNextChunk) {
  for (const bool here : {false, true}) {
    SCOPED_TRACE(here);
    in_repository_ = here;
    listener_.on_commit = {};
    listener_.on_commit = [this] {
      EXPECT_TRUE(control_.request_stop("job", "anna"));
      listener_.on_commit = {};
    };
    const StepRun stopped = load();
    expect_end(stopped, StepEnd::stopped);
    EXPECT_EQ(table(), "1|a1 2|a2 3|a3 4|a4") << "the chunk after the request hears of it";
    listener_.on_commit = {};
    expect_end(load(), StepEnd::completed);
    EXPECT_EQ(table(), all_five);
    target_store_.change([](MemoryState& state) {
      state.tables.clear();
      state.progress.clear();
    });
  }
}

TEST_F(LoadStepRun, StopTokenEndsItBeforeTheNextChunk) {
  std::stop_source stop;
  listener_.on_commit = [&] { stop.request_stop(); };
  expect_end(load(stop.get_token()), StepEnd::stopped);
  EXPECT_EQ(table(), "1|a1 2|a2");
  listener_.on_commit = {};
  expect_end(load(), StepEnd::completed);
  EXPECT_EQ(table(), all_five);
}

TEST_F(LoadStepRun, StopBetweenClosingChunksLeavesTheRestForTheNextExecution) {
  mode(WriteMode::mirror);
  std::stop_source stop;
  listener_.on_commit = [&] {
    if (progress()->closing_done == 1) stop.request_stop();
  };
  expect_end(load(stop.get_token()), StepEnd::stopped);
  EXPECT_FALSE(progress()->complete);
  listener_.on_commit = {};
  expect_end(load(), StepEnd::completed);
  EXPECT_TRUE(progress()->complete);
}

TEST_F(LoadStepRun, StopDuringTheLastChunkIsTooLateToStopTheStep) {
  std::stop_source stop;
  listener_.on_commit = [&] {
    if (progress()->complete) stop.request_stop();
  };
  expect_end(load(stop.get_token()), StepEnd::completed);
}

TEST_F(LoadStepRun, DiscardDropsTheStaging) {
  mode(WriteMode::replace);
  dies_at_commit(1);
  EXPECT_EQ(state().tables.size(), 2U);
  ASSERT_TRUE(step_->discard(ownership_, 1));
  EXPECT_EQ(state().tables.size(), 1U);
}

TEST_F(LoadStepRun, P11TargetThatMovedIsRefusedForAnAppendAndBeginsAnewOtherwise) {
  written_before_ = 2;
  expect_failed(load(), ErrorKind::invalid, "another database");
  EXPECT_EQ(table(), "none");
  mode(WriteMode::upsert);
  expect_end(load(), StepEnd::completed);
  EXPECT_EQ(table(), all_five);
}

TEST_F(LoadStepRun, CompleteStepDoesNotNeedItsInputAnyMore) {
  load();
  on_reader_ = [](MemoryReader& reader) { reader.refuse_to_open("input.csv is gone"); };
  expect_end(load(), StepEnd::completed);
}

}  // namespace
}  // namespace baton
