#include "batch/chunk_retry.h"

#include "batch/persist.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {

Status with_retry(StepContext& context, int limit, const std::function<Status()>& attempt) {
  Duration pause(100);
  for (int repeat = 0;; ++repeat) {
    const Status done = attempt();
    if (done) return done;
    ++context.step.counts.rollback;
    if (done.error().kind != ErrorKind::retry) return done;
    if (repeat >= limit || context.stop.stop_requested()) return done;
    context.listener.note(fmt::format("step \"{}\": {}; trying again in {} ms ({} of {})", context.step.name,
                                      done.error().message, pause.count(), repeat + 1, limit));
    context.clock.wait_until(context.clock.now() + pause, context.stop);
    pause = std::min(pause * 2, Duration(5'000));
  }
}

Result<bool> was_committed(StepContext& context, Database& target, std::int64_t revision) {
  BATON_TRY(const auto recorded, persist<std::optional<Progress>>(context.clock, context.ownership.guard, [&] {
              return target.read_progress(context.progress_key());
            }));
  return recorded && recorded->revision == revision && recorded->step_execution_id == context.step.id;
}

}  // namespace baton
