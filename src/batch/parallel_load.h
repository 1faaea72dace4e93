// Chunks of one step written at the same time over several sessions (P11, P13).
#pragma once

#include "batch/load_pass.h"

#include <deque>
#include <vector>

namespace baton {

// The thread that runs the step hands each chunk, in the input's order, to an idle lane, which writes its rows. Whoever
// is done gets its turn: rejects, progress by compare-and-set on what is recorded by then, COMMIT. Chunks so commit out
// of order, and the ranges above the low-water position are recorded.
//
// A chunk is repeated alone: a session that is made again after its connection was lost ends the other transactions of
// the job (P9), so the others that are under way are rolled back and repeated behind it, one by one. After any other
// error and after a stop no new chunk is handed out, and those under way end; with `lease_lost` they are rolled back.
class ParallelLoad {
 public:
  // More than one lane, each with a thread of its own in `threads`. `pass` is open and all writers know its staging.
  ParallelLoad(LoadPass& pass, std::vector<LoadLane>& lanes, ChunkLanes& threads, std::uint64_t input_bytes)
      : pass_(pass), lanes_(lanes), work_(lanes.size()), threads_(threads), input_bytes_(input_bytes) {}
  // Waits for what is under way.
  ~ParallelLoad();
  ParallelLoad(const ParallelLoad&) = delete;
  ParallelLoad& operator=(const ParallelLoad&) = delete;

  Result<StepEnd> run(StepContext& context, ChunkSource& source);

 private:
  struct Work {
    Chunk chunk;
    Result<WrittenChunk> written = fail(ErrorKind::internal, "nothing was written");
    bool under_way = false;
  };

  bool may_begin(const StepContext& context) const;
  Status hand_out(StepContext& context, ChunkSource& source, std::size_t lane);
  Status settle(StepContext& context, std::size_t lane);
  Status repeat(StepContext& context, std::size_t lane, Status first);
  std::size_t wait_any();
  std::deque<std::size_t> roll_back_others();

  LoadPass& pass_;
  std::vector<LoadLane>& lanes_;
  std::vector<Work> work_;
  ChunkLanes& threads_;
  std::uint64_t input_bytes_;
  std::size_t under_way_ = 0;
  bool all_handed_out_ = false;
  bool given_up_ = false;  // a stop ended the repeats of a chunk
  Status failure_;         // the first error
};

}  // namespace baton
