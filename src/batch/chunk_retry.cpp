#include "batch/chunk_retry.h"

#include "batch/persist.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

// Who ended our session may be a new owner: a renewal that was sent after that proves that there is none.
Status still_owner(const StepContext& context) {
  const Status renewed = context.ownership.guard.lease->renew_now();
  if (renewed || renewed.error().kind == ErrorKind::lease_lost) return renewed;
  return fail(ErrorKind::lease_lost, fmt::format("step \"{}\": the session was ended by another program, and {}",
                                                 context.step.name, renewed.error().message));
}

}  // namespace

Status with_retry(StepContext& context, int limit, const std::function<Status()>& attempt) {
  Duration pause(100);
  for (int repeat = 0;; ++repeat) {
    const Status done = attempt();
    if (done) return done;
    ++context.step.counts.rollback;
    if (done.error().kind != ErrorKind::retry) return done;
    if (context.stop.stop_requested()) return done;
    if (done.error().session_ended) {
      BATON_CHECK(still_owner(context));
      context.listener.note(
          fmt::format("step \"{}\": {}; the lease is still held: going on", context.step.name, done.error().message));
      --repeat;
      continue;
    }
    if (repeat >= limit) return done;
    context.listener.note(fmt::format("step \"{}\": {}; trying again in {} ms ({} of {})", context.step.name,
                                      done.error().message, pause.count(), repeat + 1, limit));
    context.clock.wait_until(context.clock.now() + pause, context.stop);
    pause = std::min(pause * 2, Duration(5'000));
  }
}

Error not_done(Error unknown_outcome) {
  unknown_outcome.kind = ErrorKind::retry;
  return unknown_outcome;
}

Result<bool> was_committed(StepContext& context, Database& target, std::int64_t revision) {
  BATON_TRY(const auto recorded, persist<std::optional<Progress>>(context.clock, context.ownership.guard, [&] {
              return target.read_progress(context.progress_key());
            }));
  return recorded && recorded->revision == revision && recorded->step_execution_id == context.step.id;
}

}  // namespace baton
