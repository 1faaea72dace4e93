#include "runtime/load_pipeline.h"

#include "batch/uncommitted_input.h"
#include "runtime/bounded_queue.h"

#include <algorithm>
#include <thread>
#include <variant>

namespace baton {
namespace {

struct ReadBatch {
  std::unique_ptr<RowBatch> batch;
  Position from;
  InputIdentity input;  // as of the batch's end
  bool ends_chunk = false;
  bool last = false;
};

template <class T>
using OrError = std::variant<T, Error>;

class LoadPipeline final : public ChunkSource {
 public:
  LoadPipeline(const LoadInput& input, const ChunkLimits& limits)
      : input_(input), limits_(limits), left_(input.reader, input.from, input.committed) {
    reading_ = std::jthread([this] { read_all(); });
    encoding_ = std::jthread([this] { encode_all(); });
  }

  ~LoadPipeline() override {
    batches_.close();
    chunks_.close();
    spare_.close();
  }

  Result<Chunk> next() override {
    std::optional<OrError<Chunk>> item = chunks_.pop();
    if (!item) return fail(ErrorKind::internal, "the input was read past its end");
    if (auto* error = std::get_if<Error>(&*item)) return fail(std::move(*error));
    return std::get<Chunk>(std::move(*item));
  }

 private:
  void read_all();
  Status read_batches();
  Result<ReadBatch> read_batch(const ReadLimits& limits, bool& at_end);
  void encode_all();
  Status encode(ReadBatch item, Chunk& chunk);

  LoadInput input_;
  ChunkLimits limits_;
  UncommittedInput left_;
  BoundedQueue<OrError<ReadBatch>> batches_{4};
  BoundedQueue<OrError<Chunk>> chunks_{1};
  BoundedQueue<std::unique_ptr<RowBatch>> spare_{8};  // buffers that can be filled again
  std::jthread reading_;
  std::jthread encoding_;
};

void LoadPipeline::read_all() {
  const Status done = read_batches();
  if (!done) batches_.push(done.error());
  batches_.close();
}

Result<ReadBatch> LoadPipeline::read_batch(const ReadLimits& limits, bool& at_end) {
  ReadBatch item;
  if (auto spare = spare_.try_pop()) {
    item.batch = std::move(*spare);
  } else {
    item.batch = std::make_unique<RowBatch>();
  }
  BATON_TRY(const bool more, left_.read(*item.batch, limits));
  at_end = !more;
  if (more && input_.progressed) input_.progressed();
  item.from = left_.begin();
  BATON_TRY(item.input, input_.reader.identity(item.batch->end));
  return item;
}

// Reads one batch ahead, so that the last chunk is known to be the last before it is committed.
Status LoadPipeline::read_batches() {
  std::uint64_t rows = 0, bytes = 0;
  std::optional<ReadBatch> held;
  while (true) {
    ReadLimits limits;
    limits.rows = static_cast<std::size_t>(std::min<std::uint64_t>(limits.rows, limits_.rows - rows));
    limits.bytes = static_cast<std::size_t>(std::min<std::uint64_t>(limits.bytes, limits_.bytes - bytes));
    bool at_end = false;
    Result<ReadBatch> read = read_batch(limits, at_end);
    if (!read) {  // the chunk before the error is whole
      if (held && held->ends_chunk) batches_.push(std::move(*held));
      return fail(std::move(read).error());
    }
    ReadBatch item = std::move(*read);
    if (at_end) {
      BATON_CHECK(input_.reader.finish());
      if (!held) held = std::move(item);  // an input without records
      held->last = held->ends_chunk = true;
      batches_.push(std::move(*held));
      return {};
    }
    rows += item.batch->read;
    bytes += std::max(item.batch->bytes, item.batch->held_bytes());  // not every reader counts its input
    item.ends_chunk = rows >= limits_.rows || bytes >= limits_.bytes || left_.at_committed();
    if (item.ends_chunk) rows = bytes = 0;
    if (held && !batches_.push(std::move(*held))) return {};
    held = std::move(item);
  }
}

void LoadPipeline::encode_all() {
  Chunk chunk;
  bool begun = false;
  while (auto item = batches_.pop()) {
    if (auto* error = std::get_if<Error>(&*item)) {
      chunks_.push(std::move(*error));
      break;
    }
    auto& read = std::get<ReadBatch>(*item);
    const bool complete = read.ends_chunk;
    if (!std::exchange(begun, true)) chunk.from = read.from;
    if (const Status encoded = encode(std::move(read), chunk); !encoded) {
      chunks_.push(encoded.error());
      break;
    }
    if (!complete) continue;
    // One chunk is in memory at most, beside those being written.
    begun = false;
    if (!chunks_.push(std::exchange(chunk, Chunk{})) || !chunks_.wait_until_empty()) break;
  }
  batches_.close();
  chunks_.close();
}

Status LoadPipeline::encode(ReadBatch item, Chunk& chunk) {
  RowBatch& batch = *item.batch;
  for (const auto& processor : input_.processors) BATON_CHECK(processor->apply(batch));
  chunk.records += batch.read;
  chunk.filtered += batch.filtered;
  chunk.to = batch.end;
  chunk.input = std::move(item.input);
  chunk.last = item.last;
  std::move(batch.rejects.begin(), batch.rejects.end(), std::back_inserter(chunk.rejects));
  batch.rejects.clear();
  if (batch.size() > 0) chunk.batches.push_back(input_.writer.encode(batch, chunk.rejects));
  spare_.push(std::move(item.batch));
  return {};
}

}  // namespace

std::unique_ptr<ChunkSource> make_load_pipeline(const LoadInput& input, const ChunkLimits& limits) {
  return std::make_unique<LoadPipeline>(input, limits);
}

}  // namespace baton
