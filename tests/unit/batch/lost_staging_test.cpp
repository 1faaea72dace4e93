// Staging that somebody drops or empties (P13): the step begins anew by itself, since the target holds nothing of it,
// or what a merge repeats.
#include "tests/doubles/inline_chunk_lanes.h"
#include "tests/unit/batch/load_fixture.h"

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct LostStaging {
  const char* name;
  WriteMode mode;
  std::size_t writers;
  bool dropped;  // or emptied
};

class LostStagingTest : public LoadTest, public testing::WithParamInterface<LostStaging> {
 protected:
  LostStagingTest() {
    target_store_.change([](MemoryState& state) {
      state.tables["t"] = {{"id", "value"}, {{"1", "old"}, {"9", "old"}}};
    });
    mode(GetParam().mode);
  }

  StepRun load_by_all() {
    LoadParts parts;
    parts.targets.assign(GetParam().writers, &database());
    auto reader = std::make_unique<MemoryReader>(input_);
    reader_ = reader.get();
    parts.reader = std::move(reader);
    parts.chunks = InlineChunkSource::factory();
    parts.lanes = InlineChunkLanes::factory([](std::size_t) { return 0; });
    step_ = make_load_step(plan_, std::move(parts));
    return run(*step_);
  }
  // The run dies after `commits`.
  void dies_after(int commits) {
    database().breaks.next(DatabaseCall::commit, {refused}, commits);
    EXPECT_EQ(load_by_all().end.error().kind, ErrorKind::lease_lost);
  }
  void lose_staging() {
    target_store_.change([](MemoryState& state) {
      for (auto table = state.tables.begin(); table != state.tables.end();) {
        const bool staging = table->first.starts_with("baton_");
        if (staging) table->second.rows.clear();
        table = staging && GetParam().dropped ? state.tables.erase(table) : std::next(table);
      }
    });
  }
  // Pass, then chunks of 2, then what closes it.
  int commits_before_closing() const { return 3 + (GetParam().writers > 1 ? 1 : 0); }
  void expect_undisturbed(const StepRun& done) {
    expect_end(done, StepEnd::completed);
    EXPECT_EQ(table(), GetParam().mode == WriteMode::upsert ? "1|a1 9|old 2|a2 3|a3 4|a4 5|a5" : all_five);
    EXPECT_EQ(done.row.counts.read, 5);
    EXPECT_EQ(done.row.counts.write, 5);
    EXPECT_EQ(state().tables.size(), 1U) << "no staging stays";
    EXPECT_THAT(listener_.notes,
                ElementsAre(HasSubstr("step \"load\" begins anew: rows that were staged for table t are "
                                      "lost")));
  }
};

TEST_P(LostStagingTest, BetweenTwoExecutionsThenTheStepBeginsAnew) {
  dies_after(2);
  lose_staging();
  expect_undisturbed(load_by_all());
}

TEST_P(LostStagingTest, WhenAllIsStagedThenTheStepBeginsAnew) {
  dies_after(commits_before_closing());
  ASSERT_TRUE(progress()->input_done);
  lose_staging();
  expect_undisturbed(load_by_all());
}

TEST_P(LostStagingTest, WhileItRunsThenTheStepBeginsAnewInTheSameExecution) {
  bool lost = false;
  listener_.on_commit = [&] {
    if (listener_.commits.size() == 2 && !std::exchange(lost, true)) lose_staging();
  };
  const StepRun done = load_by_all();
  EXPECT_TRUE(lost);
  expect_undisturbed(done);
  EXPECT_EQ(progress()->counts.write, 5);
}

TEST_P(LostStagingTest, NothingIsLostThenNothingIsReadTwice) {
  dies_after(commits_before_closing());
  const StepRun done = load_by_all();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(done.row.counts.read, 0);
  EXPECT_THAT(listener_.notes, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Modes, LostStagingTest,
                         testing::Values(LostStaging{"ReplaceDropped", WriteMode::replace, 1, true},
                                         LostStaging{"ReplaceEmptied", WriteMode::replace, 1, false},
                                         LostStaging{"MirrorDropped", WriteMode::mirror, 1, true},
                                         LostStaging{"MirrorEmptied", WriteMode::mirror, 2, false},
                                         LostStaging{"UpsertDropped", WriteMode::upsert, 2, true},
                                         LostStaging{"UpsertEmptied", WriteMode::upsert, 2, false}),
                         [](const auto& one) { return std::string(one.param.name); });

class LostStagingOfAMirror : public LoadTest {};

// The merge is done, and is done again.
TEST_F(LostStagingOfAMirror, BetweenItsClosingChunksThenTheStepBeginsAnew) {
  target_store_.change([](MemoryState& state) { state.tables["t"] = {{"id", "value"}, {{"9", "old"}}}; });
  mode(WriteMode::mirror);
  dies_at_commit(4);
  ASSERT_EQ(progress()->closing_done, 1);
  target_store_.change([](MemoryState& state) {
    std::erase_if(state.tables, [](const auto& table) { return table.first.starts_with("baton_"); });
  });
  expect_end(load(), StepEnd::completed);
  EXPECT_EQ(table(), all_five);
}

}  // namespace
}  // namespace baton
