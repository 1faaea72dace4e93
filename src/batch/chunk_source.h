// Where a load step's chunks come from: the reader and the processors, with their threads or without.
#pragma once

#include "batch/progress.h"
#include "baton/position.h"
#include "baton/processor.h"
#include "baton/reader.h"
#include "baton/result.h"
#include "data/writer.h"

#include <functional>
#include <memory>
#include <vector>

namespace baton {

// One transaction's worth of input, whole in memory. Nothing of it is committed yet.
struct Chunk {
  std::vector<std::unique_ptr<EncodedBatch>> batches;
  std::vector<Reject> rejects;  // refused by reader, processors or the encoder
  std::uint64_t records = 0;    // read, refused and filtered ones included
  std::uint64_t filtered = 0;
  Position from;
  Position to;
  InputIdentity input;  // as of `to`
  bool last = false;    // nothing follows, and the input did not change while it was read
};

struct ChunkLimits {
  std::uint64_t rows = 50'000;
  std::uint64_t bytes = 8ULL << 20;
};

// Used by one thread. The destructor ends whatever runs for it.
class ChunkSource {
 public:
  ChunkSource() = default;
  ChunkSource(const ChunkSource&) = delete;
  ChunkSource& operator=(const ChunkSource&) = delete;
  virtual ~ChunkSource() = default;

  // The next chunk in the input's order; not to be called after the last one. An empty input is one empty chunk. A
  // chunk ends where a committed range begins, and the next one begins where that ends.
  virtual Result<Chunk> next() = 0;
};

struct LoadInput {
  Reader& reader;  // opened, at `from`
  std::vector<std::unique_ptr<Processor>>& processors;
  TableWriter& writer;  // bound; encode() is called
  Position from;
  std::vector<CommittedRange> committed{};  // behind `from`, in order: not to be read again
  std::function<void()> progressed{};       // rows were read; thread-safe; may be empty
};

using ChunkSourceFactory =
    std::function<std::unique_ptr<ChunkSource>(const LoadInput& input, const ChunkLimits& limits)>;

}  // namespace baton
