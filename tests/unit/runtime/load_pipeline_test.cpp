// The threads inside a load: what comes out is in order, whole, and knows its end.
#include "runtime/load_pipeline.h"

#include "baton/rows.h"
#include "tests/doubles/memory_database.h"
#include "tests/doubles/memory_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <atomic>

namespace baton {
namespace {

using testing::ElementsAre;

class LoadPipelineRun : public testing::Test {
 protected:
  LoadPipelineRun() {
    TableSpec spec;
    spec.name = "t";
    spec.create = true;
    writer_ = database_.table_writer(spec, "job/load");
    EXPECT_TRUE(writer_->bind(input_.columns));
  }

  void records(int count) {
    for (int i = 1; i <= count; ++i) input_.records.push_back({std::to_string(i), "a"});
  }
  std::unique_ptr<ChunkSource> source(std::uint64_t rows, std::uint64_t bytes = 8ULL << 20) {
    reader_.emplace(input_);
    if (on_reader_) on_reader_(*reader_);
    return make_load_pipeline({*reader_, processors_, *writer_, from_}, {rows, bytes});
  }
  static std::size_t rows(const Chunk& chunk) {
    std::size_t sum = 0;
    for (const auto& batch : chunk.batches) sum += batch->rows();
    return sum;
  }
  // Rows of each chunk, up to the last or an error.
  std::vector<std::size_t> drain(ChunkSource& chunks) {
    std::vector<std::size_t> sizes;
    while (true) {
      auto chunk = chunks.next();
      if (!chunk) {
        error_ = chunk.error();
        return sizes;
      }
      sizes.push_back(rows(*chunk));
      if (chunk->last) return sizes;
    }
  }

  MemoryStore store_{"memory:target"};
  MemoryDatabase database_{store_};
  MemoryInput input_;
  std::optional<MemoryReader> reader_;
  std::function<void(MemoryReader&)> on_reader_;
  std::vector<std::unique_ptr<Processor>> processors_;
  std::unique_ptr<TableWriter> writer_;
  Position from_;
  std::optional<Error> error_;
};

// Refuses rows of one value, filters those of another, or breaks.
class Sieve final : public Processor {
 public:
  explicit Sieve(std::uint64_t breaks_at) : breaks_at_(breaks_at) {}

  std::vector<std::string> inputs_for(const std::vector<std::string>& outputs) const override { return outputs; }
  Result<std::vector<std::string>> bind(const std::vector<std::string>& inputs) override { return inputs; }
  Status apply(RowBatch& batch) override {
    for (const RowPlace& place : batch.rows) {
      if (place.record == breaks_at_) return fail(ErrorKind::invalid, "the sieve is broken");
    }
    batch.filtered += 1;
    batch.rows.pop_back();
    batch.fields.resize(batch.rows.size() * batch.columns);
    return {};
  }

 private:
  std::uint64_t breaks_at_;
};

// As a program's own reader: made with the public helpers, in batches of its own size, and without counting bytes.
class WideReader final : public Reader {
 public:
  WideReader(std::uint64_t records, bool refuses) : records_(records), refuses_(refuses) {}

  Result<std::vector<std::string>> open(const std::vector<std::string>&) override { return std::vector<std::string>{}; }
  Result<InputIdentity> identity(const Position&) override { return InputIdentity{"wide", 0, 0, ""}; }
  Status resume(const Position& from) override {
    next_ = from.record;
    return {};
  }
  Result<bool> read(RowBatch& batch, const ReadLimits&) override {
    batch.clear();
    batch.columns = 2;
    for (; next_ < records_ && batch.read < 2; ++next_) add(batch);
    batch.end.offset = batch.end.record = next_;
    return batch.read > 0;
  }
  Status finish() override { return {}; }
  std::uint64_t size_bytes() const override { return 0; }

 private:
  void add(RowBatch& batch) const {
    const std::string wide(1000, 'w');
    if (refuses_) return refuse_record(batch, next_ + 1, "expected less", wide);
    begin_row(batch, next_ + 1);
    add_field(batch, std::to_string(next_ + 1));
    add_field(batch, wide);
  }

  std::uint64_t records_;
  bool refuses_;
  std::uint64_t next_ = 0;
};

TEST_F(LoadPipelineRun, ChunksEndAtTheLimitOfRows) {
  records(7);
  EXPECT_THAT(drain(*source(3)), ElementsAre(3, 3, 1));
  EXPECT_FALSE(error_);
}

TEST_F(LoadPipelineRun, ChunksEndAtTheLimitOfBytes) {
  records(7);
  EXPECT_THAT(drain(*source(100, 25)), ElementsAre(3, 3, 1)) << "the record that passes the limit is in";
}

TEST_F(LoadPipelineRun, ReaderThatCountsNoBytesThenChunksEndByWhatTheirRowsHold) {
  WideReader reader(10, false);
  const auto chunks = make_load_pipeline({reader, processors_, *writer_, from_}, {1'000, 3'000});
  EXPECT_THAT(drain(*chunks), ElementsAre(4, 4, 2)) << "the batch that passes the limit is in";
}

TEST_F(LoadPipelineRun, ReaderThatCountsNoBytesThenChunksEndByWhatTheirRejectsHold) {
  WideReader reader(6, true);
  const auto chunks = make_load_pipeline({reader, processors_, *writer_, from_}, {1'000, 3'000});
  EXPECT_EQ(chunks->next().value().rejects.size(), 4U);
  EXPECT_EQ(chunks->next().value().rejects.size(), 2U);
}

TEST_F(LoadPipelineRun, ChunkOfManyBatchesHoldsThemAll) {
  records(10'000);
  EXPECT_THAT(drain(*source(9'000)), ElementsAre(9'000, 1'000));
}

TEST_F(LoadPipelineRun, ExactMultipleEndsWithAFullChunkThatIsTheLast) {
  records(6);
  EXPECT_THAT(drain(*source(3)), ElementsAre(3, 3));
}

TEST_F(LoadPipelineRun, EmptyInputIsOneEmptyChunkThatIsTheLast) {
  const auto chunks = source(3);
  const Chunk chunk = chunks->next().value();
  EXPECT_TRUE(chunk.last);
  EXPECT_EQ(rows(chunk), 0U);
  EXPECT_EQ(chunk.records, 0U);
  EXPECT_EQ(chunk.from, chunk.to);
}

TEST_F(LoadPipelineRun, P11ChunksJoinUpAndTheirIdentityIsThatOfTheirEnd) {
  records(5);
  const auto chunks = source(2);
  Position before;
  for (const std::uint64_t end : {2U, 4U, 5U}) {
    const Chunk chunk = chunks->next().value();
    EXPECT_EQ(chunk.from, before);
    EXPECT_EQ(chunk.to.record, end);
    EXPECT_EQ(chunk.records, end - before.record);
    MemoryReader other(input_);
    EXPECT_EQ(chunk.input, other.identity(chunk.to).value());
    before = chunk.to;
  }
}

TEST_F(LoadPipelineRun, ResumedReaderBeginsAtItsPosition) {
  records(5);
  from_ = {20, 2, 3, ""};
  on_reader_ = [this](MemoryReader& reader) { EXPECT_TRUE(reader.resume(from_)); };
  const auto chunks = source(2);
  const Chunk chunk = chunks->next().value();
  EXPECT_EQ(chunk.from, from_);
  EXPECT_EQ(chunk.to.record, 4U);
}

TEST_F(LoadPipelineRun, RejectsAndFilteredRowsAreCountedInTheirChunk) {
  records(4);
  input_.records[0][0] = "!read";
  input_.records[2][1] = "!encode";
  processors_.push_back(std::make_unique<Sieve>(0));
  const auto chunks = source(2);
  const Chunk first = chunks->next().value();
  EXPECT_EQ(first.records, 2U);
  EXPECT_EQ(first.filtered, 1U);
  ASSERT_EQ(first.rejects.size(), 1U);
  EXPECT_EQ(first.rejects[0].phase, RejectPhase::read);
  const Chunk second = chunks->next().value();
  ASSERT_EQ(second.rejects.size(), 1U);
  EXPECT_EQ(second.rejects[0].phase, RejectPhase::write);
  EXPECT_EQ(second.rejects[0].record, 3U);
}

TEST_F(LoadPipelineRun, ErrorOfTheReaderComesAfterTheGoodChunks) {
  records(7);
  on_reader_ = [](MemoryReader& reader) { reader.fail_at(5, ErrorKind::invalid); };
  EXPECT_THAT(drain(*source(2)), ElementsAre(2, 2));
  ASSERT_TRUE(error_);
  EXPECT_EQ(error_->kind, ErrorKind::invalid);
}

TEST_F(LoadPipelineRun, ErrorOfAProcessorComesAfterTheGoodChunks) {
  records(7);
  processors_.push_back(std::make_unique<Sieve>(5));
  EXPECT_THAT(drain(*source(2)), ElementsAre(1, 1));
  EXPECT_EQ(error_->message, "the sieve is broken");
}

TEST_F(LoadPipelineRun, ChangedInputIsAnErrorInPlaceOfTheLastChunk) {
  records(5);
  on_reader_ = [](MemoryReader& reader) { reader.change_while_read(); };
  const auto sizes = drain(*source(2));
  EXPECT_THAT(sizes, ElementsAre(2, 2));
  EXPECT_TRUE(error_);
}

TEST_F(LoadPipelineRun, EarlyEndLetsItsThreadsGo) {
  records(100'000);
  for (int taken = 0; taken < 3; ++taken) {
    const auto chunks = source(10);
    for (int i = 0; i < taken; ++i) EXPECT_TRUE(chunks->next());
  }
  SUCCEED() << "no thread hangs in a full queue";
}

// A slow input makes progress before its first chunk is whole.
TEST_F(LoadPipelineRun, EachBatchThatIsReadThenProgress) {
  records(10);
  reader_.emplace(input_);
  std::atomic<int> progress = 0;
  const LoadInput input{*reader_, processors_, *writer_, from_, {}, [&] { ++progress; }};
  const auto chunks = make_load_pipeline(input, {2, 8ULL << 20});
  EXPECT_THAT(drain(*chunks), ElementsAre(2, 2, 2, 2, 2));
  EXPECT_EQ(progress, 5);
}

}  // namespace
}  // namespace baton
