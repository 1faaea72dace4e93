#include "batch/step.h"

#include "batch/persist.h"

#include <fmt/format.h>

namespace baton {

std::string idempotency_key(const StepContext& context, std::uint64_t chunk) {
  return fmt::format("{}/{}/{}/{}", context.job, context.instance, context.step.name, chunk);
}

JobRun job_run(const StepContext& context) {
  JobRun run;
  run.job = context.job;
  run.instance = context.instance;
  run.execution = context.job_execution_id;
  run.step = context.step.name;
  run.parameters = context.parameters;
  run.fence = context.ownership.in(context.repository_database).fence.value;
  run.stop = context.stop;
  run.progressed = [&context] { context.progressed(); };
  run.still_owned = [&context] { return context.ownership.guard.passed(); };
  return run;
}

Result<bool> save_step(StepContext& context) {
  const Authority authority = context.ownership.in(context.repository_database);
  bool unknown = false;  // an earlier attempt may have been written
  const auto job_status = persist<BatchStatus>(context.clock, authority.guard, [&]() -> Result<BatchStatus> {
    const std::int64_t version = context.step.version;
    Result<BatchStatus> updated = context.executions.update_step(authority, context.step);
    if (updated) return updated;
    if (updated.error().kind == ErrorKind::unknown_outcome) {
      unknown = true;
      return fail(ErrorKind::retry, updated.error().message);
    }
    if (updated.error().kind == ErrorKind::conflict && unknown) {  // it was written: go on from its version
      unknown = false;
      context.step.version = version + 1;
      return fail(ErrorKind::retry, updated.error().message);
    }
    return updated;
  });
  if (!job_status) return fail(job_status.error());
  return *job_status == BatchStatus::stopping || *job_status == BatchStatus::stopped;
}

}  // namespace baton
