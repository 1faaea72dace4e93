#include "batch/abandon.h"

#include "batch/orphans.h"
#include "batch/restart_rules.h"

#include <fmt/format.h>

namespace baton {

Result<JobExecution> abandon_run(const SessionRequest& request) {
  const Authority authority = request.ownership->in(request.repository_database);
  BATON_TRY(const auto steps, request.make_steps());
  BATON_TRY([[maybe_unused]] const auto closed,
            close_orphans(authority, request.ownership->replica, request.clock->wall_now(), *request.executions,
                          progress_lookup(steps, request.ownership->repository_id)));
  BATON_TRY(const std::optional<InstanceState> last, request.executions->last_run(request.plan->name));
  if (!last || !is_unfinished(*last) || last->executions.empty()) {
    return fail(ErrorKind::invalid, fmt::format("\"{}\" has no unfinished run to abandon", request.plan->name));
  }
  for (const auto& step : steps) BATON_CHECK(step->discard(*request.ownership, last->id));
  JobExecution execution = last->executions.front();
  execution.status = BatchStatus::abandoned;
  execution.exit.description = fmt::format("abandoned; it was {} before: {}", name(last->executions.front().status),
                                           last->executions.front().exit.description);
  execution.exit = exit_status(BatchStatus::abandoned, execution.exit.description);
  if (!execution.ended) execution.ended = request.clock->wall_now();
  BATON_CHECK(request.executions->update_job(authority, execution));
  return execution;
}

}  // namespace baton
