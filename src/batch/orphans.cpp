#include "batch/orphans.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

BatchStatus closed_status(BatchStatus status) {
  return status == BatchStatus::stopping ? BatchStatus::stopped : BatchStatus::failed;
}

}  // namespace

ProgressLookup progress_lookup(const std::vector<std::unique_ptr<Step>>& steps, const std::string& repository_id) {
  return [&steps, repository_id](std::int64_t instance, const std::string& name) -> Result<std::optional<Progress>> {
    for (const auto& step : steps) {
      if (step->name() != name || step->database() == nullptr) continue;
      return step->database()->read_progress({repository_id, instance, name});
    }
    return std::optional<Progress>();
  };
}

Result<JobExecution> closed(JobExecution execution, const std::string& closed_by, WallTime now,
                            const ProgressLookup& progress_of) {
  const std::string who = execution.replica.empty() ? "a program other than Baton" : "replica " + execution.replica;
  const std::string message =
      fmt::format("orphaned: {} ended without closing this execution; closed by {}", who, closed_by);
  // Progress that the repository has not heard of yet belongs to the newest row of the step.
  for (StepExecution& step : execution.steps) {
    if (!is_running(step.status)) continue;
    BATON_TRY(const std::optional<Progress> progress, progress_of(execution.instance_id, step.name));
    if (progress && progress->step_execution_id == step.id) {
      const std::int64_t rollbacks = step.counts.rollback;
      step.counts = progress->counts - progress->counts_before;
      step.counts.rollback = std::max(rollbacks, step.counts.rollback);
    }
    step.status = closed_status(step.status);
    step.exit = exit_status(step.status, message);
    step.ended = now;
  }
  if (is_running(execution.status)) {
    execution.ended_by = execution.status == BatchStatus::stopping ? EndedBy::person : EndedBy::orphaned;
    execution.status = closed_status(execution.status);
    execution.exit = exit_status(execution.status, message);
    execution.ended = now;
  }
  return execution;
}

Result<std::vector<JobExecution>> close_orphans(const Authority& authority, const std::string& closed_by, WallTime now,
                                                Executions& executions, const ProgressLookup& progress_of) {
  BATON_TRY(std::vector<JobExecution> open, executions.open_executions(authority.fence.job));
  for (JobExecution& execution : open) {
    BATON_TRY(execution, closed(std::move(execution), closed_by, now, progress_of));
    BATON_CHECK(executions.close(authority, execution));
  }
  return open;
}

}  // namespace baton
