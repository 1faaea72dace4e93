#include "batch/last_run.h"

#include "batch/restart_rules.h"

namespace baton {
namespace {

// Executions that a shutdown or the end of a process cut short say nothing about the work. What was before a person's
// stop does not count any more; that may stand beside an execution that had failed before.
int failures_of(const InstanceState& instance) {
  int failures = 0;
  for (const JobExecution& execution : instance.executions) {
    if (execution.ended_by == EndedBy::person) return failures;
    if (execution.status == BatchStatus::failed && execution.ended_by == EndedBy::itself) ++failures;
    if (execution.reason == StartReason::schedule || execution.reason == StartReason::request) return failures;
  }
  return failures + instance.older.failures;
}

}  // namespace

LastRun last_run_of(const InstanceState& instance) {
  LastRun last;
  last.instance = instance.id;
  last.unfinished = is_unfinished(instance);
  last.orphans_without_progress = orphans_without_progress(instance);
  last.failures = failures_of(instance);
  if (instance.executions.empty()) return last;
  const JobExecution& newest = instance.executions.front();
  last.execution = newest.id;
  last.status = newest.status;
  last.ended_by = newest.ended_by;
  last.ended = newest.ended;
  return last;
}

}  // namespace baton
