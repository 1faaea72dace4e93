// One load step "load" from an input in memory into a table "t" of a database in memory.
#pragma once

#include "batch/load_step.h"
#include "tests/doubles/inline_chunk_source.h"
#include "tests/doubles/memory_reader.h"
#include "tests/unit/batch/batch_fixture.h"

namespace baton {

class LoadTest : public BatchTest {
 protected:
  LoadTest() {
    plan_.name = "load";
    plan_.input = "input.csv";
    plan_.fingerprint = "print-1";
    plan_.table.name = "t";
    plan_.table.create = true;
    plan_.chunk.rows = 2;
    records(5);
  }

  // Records 1|a1, 2|a2, …
  void records(int count) {
    input_.records.clear();
    for (int i = 1; i <= count; ++i) input_.records.push_back({std::to_string(i), "a" + std::to_string(i)});
  }
  void mode(WriteMode mode) {
    plan_.table.mode = mode;
    plan_.table.key = {"id"};
  }

  std::unique_ptr<Step> make_step() {
    LoadParts parts;
    parts.targets = {in_repository_ ? &repository_ : &target_};
    auto reader = std::make_unique<MemoryReader>(input_);
    reader_ = reader.get();
    if (on_reader_) on_reader_(*reader);
    parts.reader = std::move(reader);
    parts.chunks = InlineChunkSource::factory();
    return make_load_step(plan_, std::move(parts));
  }
  // A step of its own for each run, as sessions make them; it lives on for questions to its reader.
  StepRun load(std::stop_token stop = {}) {
    step_ = make_step();
    return run(*step_, stop);
  }

  BreakableDatabase& database() { return in_repository_ ? repository_ : target_; }
  MemoryState state() { return (in_repository_ ? repository_store_ : target_store_).committed(); }
  // "1|a1 2|a2"
  std::string table(const std::string& name = "t") {
    std::string text;
    const MemoryState now = state();
    const auto found = now.tables.find(name);
    if (found == now.tables.end()) return "none";
    for (const MemoryRow& row : found->second.rows) text += (text.empty() ? "" : " ") + row.at(0) + "|" + row.at(1);
    return text;
  }
  std::optional<Progress> progress() { return database().read_progress({"repository-1", 1, "load"}).value(); }

  static void expect_end(const StepRun& done, StepEnd end) {
    ASSERT_TRUE(done.end) << done.end.error().message;
    EXPECT_EQ(*done.end, end);
  }
  void expect_failed(const StepRun& done, ErrorKind kind, const std::string& text) {
    ASSERT_FALSE(done.end);
    EXPECT_EQ(done.end.error().kind, kind);
    EXPECT_THAT(done.end.error().message, testing::HasSubstr(text));
  }

  // The run dies at the commit of chunk `index` (from 0): the lease is refused.
  StepRun dies_at_commit(int index) {
    database().breaks.next(DatabaseCall::commit, {refused}, index);
    const StepRun died = load();
    EXPECT_EQ(died.end.error().kind, ErrorKind::lease_lost);
    return died;
  }

  const std::string all_five = "1|a1 2|a2 3|a3 4|a4 5|a5";
  bool in_repository_ = false;
  LoadPlan plan_;
  MemoryInput input_;
  MemoryReader* reader_ = nullptr;
  std::function<void(MemoryReader&)> on_reader_;
  std::unique_ptr<Step> step_;
};

}  // namespace baton
