#include "batch/parallel_load.h"

#include <optional>

namespace baton {

ParallelLoad::~ParallelLoad() { roll_back_others(); }

bool ParallelLoad::may_begin(const StepContext& context) const {
  return failure_ && !given_up_ && !all_handed_out_ && !pass_.stop_wanted() && !context.stop.stop_requested();
}

Result<StepEnd> ParallelLoad::run(StepContext& context, ChunkSource& source) {
  while (true) {
    for (std::size_t lane = 0; lane < lanes_.size() && may_begin(context); ++lane) {
      if (!work_[lane].under_way) failure_ = hand_out(context, source, lane);
    }
    if (under_way_ == 0) break;
    const Status settled = settle(context, wait_any());
    if (!settled && settled.error().kind == ErrorKind::lease_lost) return fail(settled.error());
    if (!settled && failure_) failure_ = settled;
  }
  BATON_CHECK(failure_);
  if (pass_.recorded().input_done) return StepEnd::completed;
  if (may_begin(context) || all_handed_out_) return fail(ErrorKind::internal, "ranges of the input were left out");
  return StepEnd::stopped;
}

Status ParallelLoad::hand_out(StepContext& context, ChunkSource& source, std::size_t lane) {
  Work& work = work_[lane];
  BATON_TRY(work.chunk, source.next());
  all_handed_out_ = work.chunk.last;
  work.under_way = true;
  ++under_way_;
  const Authority authority = context.ownership.in(lanes_[lane].target->identity());
  threads_.start(lane, [&work, &lane = lanes_[lane], authority] {
    work.written = write_chunk(lane, work.chunk, authority, Durability::relaxed);
  });
  return {};
}

std::size_t ParallelLoad::wait_any() {
  const std::size_t lane = threads_.wait_any();
  work_[lane].under_way = false;
  --under_way_;
  return lane;
}

// The turn of a lane that has written its rows.
Status ParallelLoad::settle(StepContext& context, std::size_t lane) {
  Work& work = work_[lane];
  Status done;
  if (work.written) {
    done = pass_.record_chunk(context, lanes_[lane], work.chunk, std::move(*work.written), false);
  } else {
    done = fail(work.written.error());
  }
  work.written = fail(ErrorKind::internal, "nothing was written");
  if (!done && done.error().kind == ErrorKind::retry) return repeat(context, lane, std::move(done));
  if (!done) ++context.step.counts.rollback;
  BATON_CHECK(done);
  work.chunk = {};
  return pass_.after_commit(context, lanes_[lane], input_bytes_);
}

// The chunk of `lane` after its first attempt, then those that were rolled back for it.
Status ParallelLoad::repeat(StepContext& context, std::size_t lane, Status first) {
  std::deque<std::size_t> alone = roll_back_others();
  alone.push_front(lane);
  std::optional<Status> failed = std::move(first);
  for (const std::size_t one : alone) {
    BATON_TRY(const bool done, pass_.attempt(context, [&]() -> Status {
      if (failed) return *std::exchange(failed, std::nullopt);
      return pass_.commit_chunk(context, lanes_[one], work_[one].chunk);
    }));
    if (!done) {
      given_up_ = true;
      return {};
    }
    work_[one].chunk = {};
    BATON_CHECK(pass_.after_commit(context, lanes_[one], input_bytes_));
  }
  return {};
}

// Waits until nobody writes. Nothing of those chunks is done then.
std::deque<std::size_t> ParallelLoad::roll_back_others() {
  std::deque<std::size_t> lanes;
  while (under_way_ > 0) {
    const std::size_t lane = wait_any();
    work_[lane].written = fail(ErrorKind::internal, "nothing was written");
    lanes.push_back(lane);
  }
  return lanes;
}

}  // namespace baton
