// Chunks made on the thread that asks for them: a load without threads.
#pragma once

#include "batch/chunk_source.h"
#include "batch/uncommitted_input.h"

#include <algorithm>

namespace baton {

// Counts rows only. Reads one batch ahead to know the last chunk.
class InlineChunkSource final : public ChunkSource {
 public:
  InlineChunkSource(const LoadInput& input, const ChunkLimits& limits)
      : input_(input), limits_(limits), left_(input.reader, input.from, input.committed) {}

  static ChunkSourceFactory factory() {
    return [](const LoadInput& input, const ChunkLimits& limits) {
      return std::make_unique<InlineChunkSource>(input, limits);
    };
  }

  Result<Chunk> next() override {
    BATON_CHECK(read_ahead());
    Chunk chunk;
    chunk.from = from_;
    if (more_) {
      RowBatch batch = std::exchange(ahead_, RowBatch());
      read_ = false;
      BATON_TRY(chunk.input, input_.reader.identity(batch.end));
      for (const auto& processor : input_.processors) BATON_CHECK(processor->apply(batch));
      chunk.records = batch.read;
      chunk.filtered = batch.filtered;
      chunk.to = batch.end;
      chunk.rejects = std::move(batch.rejects);
      if (batch.size() > 0) chunk.batches.push_back(input_.writer.encode(batch, chunk.rejects));
      BATON_CHECK(read_ahead());
    } else {
      BATON_TRY(chunk.input, input_.reader.identity(ahead_.end));
      chunk.to = ahead_.end;
    }
    chunk.last = !more_;
    if (chunk.last) BATON_CHECK(input_.reader.finish());
    return chunk;
  }

 private:
  Status read_ahead() {
    if (read_) return {};
    ReadLimits limits;
    limits.rows = static_cast<std::size_t>(std::min<std::uint64_t>(limits.rows, limits_.rows));
    BATON_TRY(more_, left_.read(ahead_, limits));
    from_ = left_.begin();
    read_ = true;
    return {};
  }

  LoadInput input_;
  ChunkLimits limits_;
  UncommittedInput left_;
  Position from_;  // of ahead_
  RowBatch ahead_;
  bool read_ = false;
  bool more_ = false;
};

}  // namespace baton
