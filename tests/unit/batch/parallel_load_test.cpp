// The load step with several writers: chunks commit in any order, and a restart fills the holes (P11, P13).
#include "tests/doubles/inline_chunk_lanes.h"
#include "tests/unit/batch/load_fixture.h"

#include <random>
#include <set>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class ParallelLoadStep : public LoadTest {
 protected:
  ParallelLoadStep() {
    records(12);
    writers(2);
  }

  void writers(int count) { writers_ = count; }

  // Of the chunks under way the newest ends first, so that they commit out of order.
  static std::size_t newest(std::size_t waiting) { return waiting - 1; }

  StepRun load_all(std::stop_token stop = {}) {
    LoadParts parts;
    for (int i = 0; i < writers_; ++i) parts.targets.push_back(&database());
    auto reader = std::make_unique<MemoryReader>(input_);
    reader_ = reader.get();
    if (on_reader_) on_reader_(*reader);
    parts.reader = std::move(reader);
    parts.chunks = InlineChunkSource::factory();
    parts.lanes = InlineChunkLanes::factory(choice_);
    step_ = make_load_step(plan_, std::move(parts));
    return run(*step_, stop);
  }
  void dies_at(DatabaseCall call, int index) { database().breaks.next(call, {refused}, index); }

  // Sorted, since chunks commit in any order.
  std::vector<std::string> rows() {
    std::vector<std::string> all;
    const MemoryState now = state();
    for (const MemoryRow& row : now.tables.at("t").rows) all.push_back(row.at(0) + "|" + row.at(1));
    std::sort(all.begin(), all.end());
    return all;
  }
  std::vector<std::string> expected(int count) {
    std::vector<std::string> all;
    for (int i = 1; i <= count; ++i) all.push_back(std::to_string(i) + "|a" + std::to_string(i));
    std::sort(all.begin(), all.end());
    return all;
  }

  int writers_ = 1;
  InlineChunkLanes::Choice choice_ = newest;
};

TEST_F(ParallelLoadStep, EveryRecordIsWrittenOnce) {
  const StepRun done = load_all();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(rows(), expected(12));
  EXPECT_EQ(done.row.counts, (StepCounts{8, 12, 0, 12, 0, 0, 0, 0})) << "6 chunks, the pass's begin and its end";
  const Progress now = progress().value();
  EXPECT_EQ(now.low_water.record, 12U);
  EXPECT_TRUE(now.above.empty());
  EXPECT_TRUE(now.complete);
  EXPECT_EQ(memory_target_.last_durability(), Durability::full);
}

TEST_F(ParallelLoadStep, EmptyInputCompletes) {
  records(0);
  expect_end(load_all(), StepEnd::completed);
  EXPECT_TRUE(progress()->complete);
}

TEST_F(ParallelLoadStep, P11ChunkCommittedBehindAHoleIsRecordedAbove) {
  dies_at(DatabaseCall::commit, 2);
  EXPECT_EQ(load_all().end.error().kind, ErrorKind::lease_lost);
  const Progress now = progress().value();
  EXPECT_EQ(now.low_water.record, 0U);
  ASSERT_THAT(now.above, SizeIs(1));
  EXPECT_EQ(now.above[0].from.record, 2U);
  EXPECT_EQ(now.above[0].to.record, 4U);
  EXPECT_FALSE(now.complete);
}

TEST_F(ParallelLoadStep, P11HolesAreFilledByTheirRecordedEndsWhateverChunkAndWritersSay) {
  for (const int writers_then : {1, 2, 3}) {
    for (const int chunk_then : {1, 3, 5, 100}) {
      SCOPED_TRACE(testing::Message() << writers_then << " writers, chunks of " << chunk_then);
      target_store_.change([](MemoryState& state) {
        state.tables.clear();
        state.progress.clear();
      });
      writers(3);
      plan_.chunk.rows = 2;
      dies_at(DatabaseCall::commit, 3);
      EXPECT_EQ(load_all().end.error().kind, ErrorKind::lease_lost);
      ASSERT_THAT(progress()->above, testing::Not(testing::IsEmpty()));
      writers(writers_then);
      plan_.chunk.rows = static_cast<std::uint64_t>(chunk_then);
      expect_end(load_all(), StepEnd::completed);
      EXPECT_EQ(rows(), expected(12));
      EXPECT_EQ(progress()->counts.write, 12);
      EXPECT_EQ(progress()->counts.read, 12);
    }
  }
}

TEST_F(ParallelLoadStep, P11ChangedInputBeforeARecordedRangeIsNoticed) {
  dies_at(DatabaseCall::commit, 2);
  load_all();
  input_.records[3][1] = "changed";
  expect_failed(load_all(), ErrorKind::invalid, "baton abandon job");
}

TEST_F(ParallelLoadStep, CompletesOnlyWhenNoRangeIsUnderWay) {
  records(4);
  database().breaks.before(DatabaseCall::commit, [&] {
    const auto now = progress();
    if (!now) return;
    EXPECT_EQ(now->input_done, now->low_water.record == 4) << "at revision " << now->revision;
    EXPECT_EQ(now->complete, now->revision == 4) << "only by the transaction that follows all chunks";
  });
  expect_end(load_all(), StepEnd::completed);
  EXPECT_EQ(progress()->revision, 4);
}

TEST_F(ParallelLoadStep, RetryOfOneChunkRollsBackTheOthersAndLosesNothing) {
  database().breaks.next(DatabaseCall::save_progress, {not_done, not_done}, 2);
  const StepRun done = load_all();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(rows(), expected(12));
  EXPECT_EQ(done.row.counts.write, 12);
  EXPECT_EQ(done.row.counts.rollback, 2);
}

TEST_F(ParallelLoadStep, BeginThatFailsOnALaneIsRepeated) {
  database().breaks.next(DatabaseCall::begin, {not_done, not_done}, 1);
  expect_end(load_all(), StepEnd::completed);
  EXPECT_EQ(rows(), expected(12));
}

TEST_F(ParallelLoadStep, CommitOfUnknownOutcomeIsReadBack) {
  for (const Break& lost : {lost_answer, lost_request}) {
    for (int at = 0; at < 8; ++at) {
      SCOPED_TRACE(testing::Message() << "commit " << at << (lost.done ? ", answer lost" : ", request lost"));
      target_store_.change([](MemoryState& state) {
        state.tables.clear();
        state.progress.clear();
      });
      database().breaks.next(DatabaseCall::commit, {lost}, at);
      const StepRun done = load_all();
      expect_end(done, StepEnd::completed);
      EXPECT_EQ(rows(), expected(12));
      EXPECT_EQ(progress()->counts.write, 12);
    }
  }
}

TEST_F(ParallelLoadStep, StopLetsThoseUnderWayEnd) {
  std::stop_source stop;
  listener_.on_commit = [&] {
    if (listener_.commits.size() == 2) stop.request_stop();
  };
  expect_end(load_all(stop.get_token()), StepEnd::stopped);
  EXPECT_THAT(rows(), SizeIs(4)) << "the chunk that committed, and the one under way";
  listener_.on_commit = nullptr;
  expect_end(load_all(), StepEnd::completed);
  EXPECT_EQ(rows(), expected(12));
}

TEST_F(ParallelLoadStep, SkipIsCheckedOnTotals) {
  plan_.skip.limit = 1;
  input_.records[0][1] = "!write";
  input_.records[2][1] = "!encode";
  expect_failed(load_all(), ErrorKind::invalid, "2 of 12 records refused, skip allows 1");
  EXPECT_THAT(state().rejects, SizeIs(1));
}

TEST_F(ParallelLoadStep, ErrorOfTheInputIsToldWhenThoseUnderWayHaveEnded) {
  on_reader_ = [](MemoryReader& reader) { reader.fail_at(7, ErrorKind::invalid); };
  expect_failed(load_all(), ErrorKind::invalid, "broken by the test");
  EXPECT_EQ(progress()->low_water.record, 4U) << "the chunk that was read ahead of the error is not handed out";
}

TEST_F(ParallelLoadStep, P13UpsertStagesAndTheLastRecordOfAKeyWins) {
  mode(WriteMode::upsert);
  input_.records[5] = {"1", "later"};
  input_.records[11] = {"2", "last"};
  expect_end(load_all(), StepEnd::completed);
  EXPECT_THAT(table(), HasSubstr("1|later"));
  EXPECT_THAT(table(), HasSubstr("2|last"));
  EXPECT_THAT(rows(), SizeIs(10));
  EXPECT_EQ(state().tables.size(), 1U) << "the staging is gone";
}

TEST_F(ParallelLoadStep, P13UpsertThatWasStagedIsCarriedOnSoByOneWriter) {
  mode(WriteMode::upsert);
  input_.records[11] = {"1", "last"};
  dies_at(DatabaseCall::commit, 3);
  load_all();
  writers(1);
  expect_end(load_all(), StepEnd::completed);
  EXPECT_THAT(table(), HasSubstr("1|last"));
  EXPECT_THAT(rows(), SizeIs(11));
  EXPECT_EQ(state().tables.size(), 1U);
}

TEST_F(ParallelLoadStep, P13UpsertThatWasNotStagedIsCarriedOnByOneWriterAlone) {
  mode(WriteMode::upsert);
  input_.records[11] = {"1", "last"};
  writers(1);
  dies_at(DatabaseCall::commit, 2);
  load_all();
  writers(3);
  expect_end(load_all(), StepEnd::completed);
  EXPECT_THAT(table(), HasSubstr("1|last"));
  EXPECT_THAT(rows(), SizeIs(11));
}

TEST_F(ParallelLoadStep, P13ReplaceAndMirrorCloseWhenAllIsStaged) {
  for (const WriteMode each : {WriteMode::replace, WriteMode::mirror}) {
    target_store_.change([](MemoryState& state) {
      state.progress.clear();
      state.tables["t"] = {{"id", "value"}, {{"99", "old"}}};
    });
    mode(each);
    dies_at(DatabaseCall::commit, 5);
    load_all();
    expect_end(load_all(), StepEnd::completed);
    EXPECT_EQ(rows(), expected(12));
  }
}

// Any order of the lanes, any number of crashes, lost answers and retries: each row once, and counts as if undisturbed.
TEST_F(ParallelLoadStep, P11AnyInterleavingAndAnyCrashesWriteEachRowOnce) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
    target_store_.change([](MemoryState& state) {
      state.tables.clear();
      state.progress.clear();
      state.rejects.clear();
    });
    repository_store_.change([](MemoryState& state) { state.executions.clear(); });
    plan_.table.mode = std::vector<WriteMode>{WriteMode::append, WriteMode::append, WriteMode::upsert,
                                              WriteMode::replace, WriteMode::mirror}[random() % 5];
    plan_.table.key =
        plan_.table.mode == WriteMode::append ? std::vector<std::string>{} : std::vector<std::string>{"id"};
    const int count = below(40);
    records(count);
    plan_.skip.limit = 1'000;
    std::int64_t refused_records = 0;
    for (auto& record : input_.records) {
      const int kind = below(12);
      if (kind > 2) continue;
      (kind == 0 ? record[0] : record[1]) = kind == 0 ? "!read" : kind == 1 ? "!encode" : "!write";
      ++refused_records;
    }
    choice_ = [&](std::size_t waiting) { return random() % waiting; };
    bool completed = false;
    for (int execution = 0; execution < 60 && !completed; ++execution) {
      writers(1 + below(4));
      plan_.chunk.rows = static_cast<std::uint64_t>(1 + below(6));
      const std::vector<Break> kinds{refused, not_done, lost_request, lost_answer};
      const std::vector<DatabaseCall> calls{DatabaseCall::begin, DatabaseCall::save_progress,
                                            DatabaseCall::save_rejects, DatabaseCall::commit};
      for (const DatabaseCall call : calls) {
        const Break broken = call == DatabaseCall::commit ? kinds[random() % 4] : kinds[random() % 2];
        database().breaks.next(call, {broken}, execution > 40 ? 1'000'000 : below(12));
      }
      const StepRun done = load_all();
      completed = done.end && *done.end == StepEnd::completed;
      if (!done.end) {
        EXPECT_EQ(done.end.error().kind, ErrorKind::lease_lost) << done.end.error().message;
      }
    }
    ASSERT_TRUE(completed);
    const Progress now = progress().value();
    EXPECT_EQ(now.counts.write, count - refused_records);
    EXPECT_EQ(now.counts.records(), count);
    EXPECT_EQ(now.counts.rejected(), refused_records);
    EXPECT_EQ(rows().size(), static_cast<std::size_t>(count - refused_records));
    const auto all = rows();
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size()) << "a row is there twice";
    EXPECT_EQ(state().rejects.size(), static_cast<std::size_t>(refused_records));
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace baton
