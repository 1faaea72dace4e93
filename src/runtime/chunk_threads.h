// The threads of a load with several writers.
#pragma once

#include "batch/chunk_lanes.h"

namespace baton {

// A thread for each lane.
Result<std::unique_ptr<ChunkLanes>> make_chunk_threads(std::size_t lanes);

}  // namespace baton
