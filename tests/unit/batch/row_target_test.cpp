// A load whose rows go to a RowWriter: at least once, with stable keys (P12, P13).
#include "tests/unit/batch/load_fixture.h"

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;

// What the outside world saw, over all executions.
struct Outside {
  std::vector<std::string> columns;
  std::vector<std::pair<std::string, std::string>> batches;  // key, rows as "1|a1 2|a2"
  std::vector<std::string> runs;                             // who was told of one, and where it is
  Status begin;
  std::function<Status()> waiting;  // in the reader, before each batch
  int opened = 0;
  int finished = 0;
  std::function<Result<std::vector<RowRefusal>>(const RowBatch&)> answer;
};

class Sender final : public RowWriter {
 public:
  explicit Sender(Outside& outside) : outside_(outside) {}

  Status begin_run(const JobRun& run) override {
    outside_.runs.push_back("writer of " + run.parameter("region").value_or("nowhere"));
    return outside_.begin;
  }
  Status open(const std::vector<std::string>& columns) override {
    ++outside_.opened;
    outside_.columns = columns;
    return {};
  }
  Result<std::vector<RowRefusal>> write(const RowBatch& rows, const std::string& key) override {
    std::string text;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      text += (row == 0 ? "" : " ") + std::string(rows.view(rows.at(row, 0))) + "|";
      text += rows.view(rows.at(row, 1));
    }
    outside_.batches.emplace_back(key, text);
    if (outside_.answer) return outside_.answer(rows);
    return std::vector<RowRefusal>();
  }
  Status finish() override {
    ++outside_.finished;
    return {};
  }

 private:
  Outside& outside_;
};

class ToldReader final : public Reader {
 public:
  ToldReader(const MemoryInput& input, Outside& outside) : reader_(input), outside_(outside) {}

  Status begin_run(const JobRun& run) override {
    run_ = &run;
    outside_.runs.push_back("reader of " + run.parameter("region").value_or("nowhere"));
    return {};
  }
  Result<std::vector<std::string>> open(const std::vector<std::string>& wanted) override {
    return reader_.open(wanted);
  }
  Result<InputIdentity> identity(const Position& end) override { return reader_.identity(end); }
  Status resume(const Position& from) override { return reader_.resume(from); }
  Result<bool> read(RowBatch& batch, const ReadLimits& limits) override {
    if (outside_.waiting) BATON_CHECK(outside_.waiting());
    run_->progressed();
    EXPECT_TRUE(run_->still_owned());
    EXPECT_FALSE(run_->stop.stop_requested());
    return reader_.read(batch, limits);
  }
  Status finish() override { return reader_.finish(); }
  std::uint64_t size_bytes() const override { return reader_.size_bytes(); }

 private:
  MemoryReader reader_;
  Outside& outside_;
  const JobRun* run_ = nullptr;
};

class ToldProcessor final : public Processor {
 public:
  explicit ToldProcessor(Outside& outside) : outside_(outside) {}

  Status begin_run(const JobRun& run) override {
    outside_.runs.push_back("processor of " + run.step);
    return {};
  }
  std::vector<std::string> inputs_for(const std::vector<std::string>& outputs) const override { return outputs; }
  Result<std::vector<std::string>> bind(const std::vector<std::string>& inputs) override { return inputs; }
  Status apply(RowBatch&) override { return {}; }

 private:
  Outside& outside_;
};

class RowTargetLoad : public LoadTest {
 protected:
  StepRun send(std::stop_token stop = {}) {
    LoadParts parts;
    parts.targets = {&target_};
    parts.reader = std::make_unique<ToldReader>(input_, outside_);
    parts.processors.push_back(std::make_unique<ToldProcessor>(outside_));
    parts.rows = std::make_unique<Sender>(outside_);
    parts.chunks = InlineChunkSource::factory();
    step_ = make_load_step(plan_, std::move(parts));
    return run(*step_, stop);
  }
  std::vector<std::string> keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, rows] : outside_.batches) keys.push_back(key);
    return keys;
  }
  std::vector<std::string> sent() const {
    std::vector<std::string> sent;
    for (const auto& [key, rows] : outside_.batches) sent.push_back(rows);
    return sent;
  }

  Outside outside_;
};

TEST_F(RowTargetLoad, RowsGoOutInChunksThenFinishAndComplete) {
  const StepRun done = send();
  expect_end(done, StepEnd::completed);
  EXPECT_THAT(outside_.columns, ElementsAre("id", "value"));
  EXPECT_THAT(sent(), ElementsAre("1|a1 2|a2", "3|a3 4|a4", "5|a5"));
  EXPECT_THAT(keys(),
              ElementsAre(MatchesRegex("job/1/load/1-2-[0-9a-f]{16}"), MatchesRegex("job/1/load/3-4-[0-9a-f]{16}"),
                          MatchesRegex("job/1/load/5-5-[0-9a-f]{16}")));
  EXPECT_EQ(outside_.finished, 1);
  EXPECT_EQ(done.row.counts.write, 5);
  EXPECT_TRUE(progress()->complete);
  EXPECT_TRUE(target_store_.committed().tables.empty());
}

TEST_F(RowTargetLoad, PartsAreToldOnceOfTheRunBeforeTheyBegin) {
  given_ = {{"region", "java.lang.String", "north", true}};
  expect_end(send(), StepEnd::completed);
  EXPECT_THAT(outside_.runs, ElementsAre("reader of north", "processor of load", "writer of north"));
}

TEST_F(RowTargetLoad, PartRefusesTheRunThenTheStepFailsAndNothingIsOpened) {
  outside_.begin = fail(ErrorKind::invalid, "the parameter `region` is missing");
  expect_failed(send(), ErrorKind::invalid, "the parameter `region` is missing");
  EXPECT_EQ(outside_.opened, 0);
}

TEST_F(RowTargetLoad, StopWhileTheReaderWaitsThenItIsStoppedAndGoesOnThere) {
  std::stop_source stop;
  int batches = 0;
  outside_.waiting = [&]() -> Status {
    if (++batches < 2) return {};
    stop.request_stop();
    return fail(ErrorKind::retry, "nothing came so far");
  };
  expect_end(send(stop.get_token()), StepEnd::stopped);
  const std::size_t before = outside_.batches.size();
  outside_.waiting = {};
  expect_end(send(), StepEnd::completed);
  EXPECT_GT(outside_.batches.size(), before);
  EXPECT_EQ(progress()->counts.write, 5);
}

TEST_F(RowTargetLoad, ReaderGivesUpWithoutAStopThenTheStepFails) {
  outside_.waiting = [] { return fail(ErrorKind::retry, "nothing came so far"); };
  expect_failed(send(), ErrorKind::retry, "nothing came so far");
}

TEST_F(RowTargetLoad, CompletedStepSendsNothingAgain) {
  send();
  expect_end(send(), StepEnd::completed);
  EXPECT_THAT(outside_.batches, SizeIs(3));
  EXPECT_EQ(outside_.opened, 1);
}

TEST_F(RowTargetLoad, P12DiedBeforeACommitThenTheSameRowsComeWithTheSameKey) {
  target_.breaks.next(DatabaseCall::commit, {refused}, 1);
  EXPECT_EQ(send().end.error().kind, ErrorKind::lease_lost);
  expect_end(send(), StepEnd::completed);
  EXPECT_THAT(sent(), ElementsAre("1|a1 2|a2", "3|a3 4|a4", "3|a3 4|a4", "5|a5"));
  EXPECT_EQ(keys()[1], keys()[2]);
}

TEST_F(RowTargetLoad, RowsThatWereCorrectedMeanwhileHaveAnotherKey) {
  target_.breaks.next(DatabaseCall::commit, {refused}, 1);
  send();
  input_.records[3][1] = "b4";
  expect_end(send(), StepEnd::completed);
  EXPECT_EQ(sent()[2], "3|a3 4|b4");
  EXPECT_NE(keys()[1], keys()[2]);
}

TEST_F(RowTargetLoad, RetryThenTheChunkIsSentAgainAndCountedOnce) {
  int calls = 0;
  outside_.answer = [&](const RowBatch&) -> Result<std::vector<RowRefusal>> {
    if (++calls == 2) return fail(ErrorKind::retry, "busy");
    return std::vector<RowRefusal>();
  };
  const StepRun done = send();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(keys()[1], keys()[2]);
  EXPECT_EQ(done.row.counts.write, 5);
  EXPECT_EQ(done.row.counts.rollback, 1);
}

TEST_F(RowTargetLoad, InvalidThenTheStepFailsAndNothingOfTheChunkIsCommitted) {
  outside_.answer = [](const RowBatch& rows) -> Result<std::vector<RowRefusal>> {
    if (rows.rows.front().record == 3) return fail(ErrorKind::invalid, "no such customer");
    return std::vector<RowRefusal>();
  };
  expect_failed(send(), ErrorKind::invalid, "no such customer");
  EXPECT_EQ(progress()->counts.write, 2);
  EXPECT_EQ(outside_.finished, 0);
}

TEST_F(RowTargetLoad, RefusedRowsBecomeRejectsWithinSkip) {
  plan_.skip.limit = 1;
  outside_.answer = [](const RowBatch& rows) -> Result<std::vector<RowRefusal>> {
    std::vector<RowRefusal> refused;
    if (rows.rows.front().record == 3) refused.push_back({1, "value", "expected a known article"});
    return refused;
  };
  const StepRun done = send();
  expect_end(done, StepEnd::completed);
  EXPECT_EQ(done.row.counts.write, 4);
  EXPECT_EQ(done.row.counts.write_skip, 1);
  const auto rejects = target_store_.committed().rejects;
  ASSERT_THAT(rejects, SizeIs(1));
  EXPECT_EQ(rejects.front().reject.record, 4U);
  EXPECT_EQ(rejects.front().reject.value, "a4");
  EXPECT_EQ(rejects.front().reject.reason, "expected a known article");
}

// The writer has sent the other rows by then: the message must not say that nothing was written.
TEST_F(RowTargetLoad, P12RefusalsBeyondSkipThenNothingIsCommittedAndWhatWasSentComesAgainWithTheSameKey) {
  outside_.answer = [](const RowBatch& rows) -> Result<std::vector<RowRefusal>> {
    std::vector<RowRefusal> refused;
    if (rows.rows.front().record == 3) refused.push_back({1, "value", "expected a known article"});
    return refused;
  };
  const StepRun failed = send();
  expect_failed(failed, ErrorKind::invalid, "1 of 4 records refused, skip allows 0");
  expect_failed(failed, ErrorKind::invalid, "nothing of records 3 to 4 was committed; those of them that were sent");
  EXPECT_THAT(failed.end.error().message, Not(HasSubstr("written")));
  EXPECT_EQ(progress()->counts.write, 2);
  EXPECT_TRUE(target_store_.committed().rejects.empty());
  plan_.skip.limit = 1;
  expect_end(send(), StepEnd::completed);
  EXPECT_THAT(sent(), ElementsAre("1|a1 2|a2", "3|a3 4|a4", "3|a3 4|a4", "5|a5"));
  EXPECT_EQ(keys()[1], keys()[2]);
  EXPECT_EQ(progress()->counts.write_skip, 1);
}

TEST_F(RowTargetLoad, RefusedRowThatIsNotThereFailsTheStep) {
  outside_.answer = [](const RowBatch&) -> Result<std::vector<RowRefusal>> {
    return std::vector<RowRefusal>{{7, "", "?"}};
  };
  expect_failed(send(), ErrorKind::invalid, "refused row 7 of a batch of 2 rows");
}

TEST_F(RowTargetLoad, DiedBeforeTheEndWasRecordedThenItFinishesAgain) {
  target_.breaks.next(DatabaseCall::commit, {refused}, 3);
  send();
  expect_end(send(), StepEnd::completed);
  EXPECT_EQ(outside_.finished, 2);
  EXPECT_THAT(outside_.batches, SizeIs(3));
}

TEST_F(RowTargetLoad, P11ChangedCommittedInputThenRefusedAsForAppend) {
  target_.breaks.next(DatabaseCall::commit, {refused}, 1);
  send();
  input_.records[0][1] = "other";
  expect_failed(send(), ErrorKind::invalid, "is not the input it was");
}

TEST_F(RowTargetLoad, AbandonedRunLeavesNothingToDrop) {
  target_.breaks.next(DatabaseCall::commit, {refused}, 1);
  send();
  EXPECT_TRUE(step_->discard(ownership_, 1));
}

}  // namespace
}  // namespace baton
