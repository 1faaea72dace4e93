// The threads of a load with several writers, alone and under a load step.
#include "runtime/chunk_threads.h"

#include "runtime/load_pipeline.h"
#include "tests/unit/batch/load_fixture.h"

#include <atomic>
#include <set>

namespace baton {
namespace {

TEST(ChunkThreads, LanesThenWorkAtTheSameTime) {
  const auto lanes = make_chunk_threads(2).value();
  std::atomic<int> arrived = 0;
  const auto meet = [&] {
    ++arrived;
    arrived.notify_all();
    for (int seen = arrived; seen < 2; seen = arrived) arrived.wait(seen);
  };
  lanes->start(0, meet);
  lanes->start(1, meet);
  EXPECT_EQ((std::set<std::size_t>{lanes->wait_any(), lanes->wait_any()}), (std::set<std::size_t>{0, 1}));
}

TEST(ChunkThreads, DestroyedWhileSomethingIsUnderWayThenItIsDone) {
  bool done = false;
  {
    const auto lanes = make_chunk_threads(1).value();
    lanes->start(0, [&] { done = true; });
  }
  EXPECT_TRUE(done);
}

class ChunkThreadsLoad : public LoadTest {};

TEST_F(ChunkThreadsLoad, ThreeWritersThenEveryRecordOnceAndARestartFillsTheHoles) {
  records(300);
  plan_.chunk.rows = 7;
  const auto load_by_three = [&] {
    LoadParts parts;
    std::vector<std::unique_ptr<MemoryDatabase>> sessions;
    for (int i = 0; i < 3; ++i) sessions.push_back(std::make_unique<MemoryDatabase>(target_store_));
    BreakableDatabase first(*sessions[0]), second(*sessions[1]), third(*sessions[2]);
    second.breaks.next(DatabaseCall::commit, {refused}, 3);
    parts.targets = {&first, &second, &third};
    parts.reader = std::make_unique<MemoryReader>(input_);
    parts.chunks = make_load_pipeline;
    parts.lanes = make_chunk_threads;
    step_ = make_load_step(plan_, std::move(parts));
    const StepRun done = run(*step_);
    step_.reset();
    return done;
  };
  bool completed = false;
  for (int execution = 0; execution < 50 && !completed; ++execution) completed = load_by_three().end.has_value();
  ASSERT_TRUE(completed);
  const MemoryState now = state();
  std::set<std::string> ids;
  for (const MemoryRow& row : now.tables.at("t").rows) ids.insert(row.at(0));
  EXPECT_EQ(ids.size(), 300U);
  EXPECT_EQ(now.tables.at("t").rows.size(), 300U);
  EXPECT_EQ(progress()->counts.write, 300);
}

}  // namespace
}  // namespace baton
