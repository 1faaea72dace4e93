// Who writes the rows of several chunks at the same time: threads, or a test's own order. Only writing is theirs:
// progress, rejects and COMMIT take turns on the thread that runs the step.
#pragma once

#include "baton/result.h"

#include <cstddef>
#include <functional>
#include <memory>

namespace baton {

// Used by one thread. The destructor waits for what is under way.
class ChunkLanes {
 public:
  ChunkLanes() = default;
  ChunkLanes(const ChunkLanes&) = delete;
  ChunkLanes& operator=(const ChunkLanes&) = delete;
  virtual ~ChunkLanes() = default;

  // Does `work` once on lane `lane`, from 0. REQUIRES: nothing is under way there.
  virtual void start(std::size_t lane, std::function<void()> work) = 0;

  // Waits until what a lane was given is done, and says which lane. What the work wrote is visible then. REQUIRES:
  // something was started that was not told of yet.
  virtual std::size_t wait_any() = 0;
};

// `retry` where no threads can be had.
using ChunkLanesFactory = std::function<Result<std::unique_ptr<ChunkLanes>>(std::size_t lanes)>;

}  // namespace baton
