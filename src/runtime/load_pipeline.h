// The threads inside a load: one reads, one processes and encodes, the caller writes. Bounded queues stand between.
#pragma once

#include "batch/chunk_source.h"

#include <memory>

namespace baton {

std::unique_ptr<ChunkSource> make_load_pipeline(const LoadInput& input, const ChunkLimits& limits);

}  // namespace baton
