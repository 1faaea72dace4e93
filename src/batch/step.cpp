#include "batch/step.h"

#include <fmt/format.h>

namespace baton {

std::string idempotency_key(const StepContext& context, std::uint64_t chunk) {
  return fmt::format("{}/{}/{}/{}", context.job, context.instance, context.step.name, chunk);
}

Result<bool> save_step(StepContext& context) {
  const Authority authority = context.ownership.in(context.repository_database);
  Duration pause(10);
  while (true) {
    const Result<BatchStatus> job_status = context.executions.update_step(authority, context.step);
    if (job_status) return *job_status == BatchStatus::stopping || *job_status == BatchStatus::stopped;
    if (job_status.error().kind != ErrorKind::retry || !authority.guard.passed()) return fail(job_status.error());
    context.clock.wait_until(context.clock.now() + pause, {});
    pause = std::min(pause * 2, Duration(1'000));
  }
}

}  // namespace baton
