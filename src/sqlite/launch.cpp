// P10, P18: a launch is one transaction that finds what people asked for meanwhile.
#include "batch/request_rules.h"
#include "batch/restart_rules.h"
#include "sqlite/execution_rows.h"
#include "sqlite/fenced_transaction.h"
#include "sqlite/job_rows.h"
#include "sqlite/repository.h"
#include "sqlite/time_text.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace baton {
namespace {

std::string local_date_time(WallTime time) {
  std::string text = time_text(time).substr(0, 19);
  text[10] = 'T';
  return text;
}

// A stop request that is there is cleared. True where it was for the instance to carry on, which is then marked as
// stopped by a person.
Result<std::optional<StoppedInstead>> obey_stop(SqliteConnection& connection, const std::string& job,
                                                const LaunchRequest& request,
                                                const std::optional<InstanceState>& last) {
  BATON_TRY(const std::optional<StopRequest> stop, read_stop_request(connection, job));
  if (!stop) return std::optional<StoppedInstead>();
  BATON_CHECK(clear_stop_request(connection, job));
  if (stop->instance != request.instance || request.overrides_stop) return std::optional<StoppedInstead>();
  if (!last->executions.empty()) {
    JobExecution marked = last->executions.front();
    marked.ended_by = EndedBy::person;
    BATON_CHECK(update_job_row(connection, marked));
  }
  return std::optional(StoppedInstead{stop->instance, stop->by});
}

Result<std::int64_t> insert_instance(SqliteConnection& connection, const std::string& job,
                                     const JobParameters& parameters, JobKeyFormat format) {
  BATON_TRY(SqliteStatement * insert,
            connection.prepare("INSERT INTO BATCH_JOB_INSTANCE (VERSION, JOB_NAME, JOB_KEY) VALUES (0, ?1, ?2)"));
  insert->bind(1, std::string_view(job)).bind(2, std::string_view(job_key(parameters, format)));
  BATON_CHECK(insert->run());
  return sqlite3_last_insert_rowid(connection.handle());
}

}  // namespace

Result<Launched> SqliteExecutions::launch(const Authority& authority, const LaunchRequest& request) {
  const std::string& job = authority.fence.job;
  BATON_TRY(FencedTransaction transaction, FencedTransaction::begin(connection_, authority, Durability::full));
  const WallTime now = clock_.wall_now();
  BATON_CHECK(note_job(connection_, job, now));
  BATON_TRY(const std::optional<InstanceState> last, last_run(job));
  const bool unfinished = last && is_unfinished(*last);
  if (unfinished != request.instance.has_value() || (unfinished && last->id != *request.instance)) {
    return fail(ErrorKind::conflict, fmt::format("\"{}\": the last run is not what it was a moment ago", job));
  }
  BATON_TRY(const JobControl control, read_job(connection_, job));
  const LaunchDecision decision = decide_launch(control, last, request, now);
  if (decision.withdrawn) return Launched(WithdrawnInstead{});
  BATON_TRY(std::optional<StoppedInstead> stopped, obey_stop(connection_, job, request, last));
  if (stopped) {
    BATON_CHECK(transaction.commit());
    return Launched(std::move(*stopped));
  }
  if (decision.paused) return Launched(PausedInstead{*decision.paused});
  if (decision.refused) {
    BATON_CHECK(write_request(connection_, job, std::nullopt));
    BATON_CHECK(write_answer(connection_, job, *request.request, *decision.refused));
    BATON_CHECK(transaction.commit());
    return Launched(RefusedInstead{*decision.refused});
  }
  JobExecution execution;
  execution.created = now;
  BATON_CHECK(create_execution(authority, request, decision, last, execution));
  if (decision.answered) BATON_CHECK(write_request(connection_, job, std::nullopt));
  if (request.due) BATON_CHECK(write_due(connection_, job, *request.due));
  BATON_CHECK(transaction.commit());
  return Launched(std::move(execution));
}

Status SqliteExecutions::create_execution(const Authority& authority, const LaunchRequest& request,
                                          const LaunchDecision& decision, const std::optional<InstanceState>& last,
                                          JobExecution& execution) {
  execution.job = authority.fence.job;
  execution.fence = authority.fence.value;
  execution.replica = request.replica;
  execution.reason = request.reason;
  execution.missed = request.missed;
  if (decision.answered) execution.request = decision.answered->id;
  JobParameters parameters = launch_parameters(request, decision, last);
  if (request.instance) {
    execution.instance_id = *request.instance;
  } else {
    BATON_TRY(execution.instance_id, insert_instance(connection_, execution.job, parameters, request.key_format));
  }
  if (request.due) {
    parameters.push_back({"baton.due", "java.time.LocalDateTime", local_date_time(*request.due), false});
  }
  BATON_CHECK(insert_job_row(connection_, execution));
  BATON_CHECK(insert_parameters(connection_, execution.id, parameters));
  execution.parameters = std::move(parameters);
  return insert_context(connection_, "BATCH_JOB_EXECUTION_CONTEXT", "JOB_EXECUTION_ID", execution.id, contexts_);
}

}  // namespace baton
