#include "batch/restart_rules.h"
#include "sqlite/execution_rows.h"
#include "sqlite/fenced_transaction.h"
#include "sqlite/repository.h"
#include "sqlite/stop_requests.h"
#include "sqlite/time_text.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <algorithm>
#include <charconv>

namespace baton {
namespace {

constexpr const char* run_id_name = "run.id";

std::int64_t run_id_of(const JobParameters& parameters) {
  for (const JobParameter& parameter : parameters) {
    if (parameter.name != run_id_name) continue;
    std::int64_t value = 0;
    std::from_chars(parameter.value.data(), parameter.value.data() + parameter.value.size(), value);
    return value;
  }
  return 0;
}

Status insert_context(SqliteConnection& connection, const char* table, const char* id_column, std::int64_t id,
                      ContextFormat format) {
  const std::optional<std::string> text = empty_context(format);
  if (!text) return {};
  BATON_TRY(SqliteStatement * insert,
            connection.prepare(fmt::format("INSERT INTO {} ({}, SHORT_CONTEXT) VALUES (?1, ?2)", table, id_column)));
  return insert->bind(1, id).bind(2, std::string_view(*text)).run();
}

}  // namespace

Result<std::optional<InstanceState>> SqliteExecutions::last_run(const std::string& job) {
  BATON_TRY(SqliteStatement * query,
            connection_.prepare("SELECT max(JOB_INSTANCE_ID) FROM BATCH_JOB_INSTANCE WHERE JOB_NAME = ?1"));
  query->bind(1, std::string_view(job));
  BATON_TRY(const bool row, query->step());
  if (!row || query->is_null(0)) {
    query->reset();
    return std::optional<InstanceState>();
  }
  InstanceState state;
  state.id = query->integer(0);
  query->reset();
  BATON_TRY(state.executions,
            select_executions(connection_, "WHERE e.JOB_INSTANCE_ID = ?1 ORDER BY e.JOB_EXECUTION_ID DESC",
                              std::nullopt, state.id));
  if (!state.executions.empty()) {
    BATON_TRY(state.parameters, select_parameters(connection_, state.executions.front().id));
    state.run_id = run_id_of(state.parameters);
  }
  return std::optional<InstanceState>(std::move(state));
}

Result<std::vector<JobExecution>> SqliteExecutions::open_executions(const std::string& job) {
  return select_executions(connection_,
                           "WHERE i.JOB_NAME = ?1 AND (e.STATUS IN ('STARTING', 'STARTED', 'STOPPING') OR EXISTS "
                           "(SELECT 1 FROM BATCH_STEP_EXECUTION s WHERE s.JOB_EXECUTION_ID = e.JOB_EXECUTION_ID AND "
                           "s.STATUS IN ('STARTING', 'STARTED', 'STOPPING'))) ORDER BY e.JOB_EXECUTION_ID",
                           job);
}

Status SqliteExecutions::close(const Authority& authority, const JobExecution& closed) {
  BATON_TRY(FencedTransaction transaction, FencedTransaction::begin(connection_, authority, Durability::full));
  JobExecution execution = closed;
  for (StepExecution& step : execution.steps) {
    BATON_TRY([[maybe_unused]] const BatchStatus job_status, update_step_row(connection_, step));
  }
  BATON_CHECK(update_job_row(connection_, execution));
  return transaction.commit();
}

Result<std::int64_t> SqliteExecutions::new_instance(const std::string& job, const LaunchRequest& request,
                                                    JobParameters& parameters,
                                                    const std::optional<InstanceState>& last) {
  const std::int64_t run_id = last ? last->run_id + 1 : 1;
  parameters = request.parameters;
  parameters.insert(parameters.begin(), {run_id_name, "java.lang.Long", std::to_string(run_id), true});
  BATON_TRY(SqliteStatement * insert,
            connection_.prepare("INSERT INTO BATCH_JOB_INSTANCE (VERSION, JOB_NAME, JOB_KEY) VALUES (0, ?1, ?2)"));
  insert->bind(1, std::string_view(job)).bind(2, std::string_view(job_key(parameters, request.key_format)));
  BATON_CHECK(insert->run());
  return sqlite3_last_insert_rowid(connection_.handle());
}

Result<Launched> SqliteExecutions::launch(const Authority& authority, const LaunchRequest& request) {
  const std::string& job = authority.fence.job;
  BATON_TRY(FencedTransaction transaction, FencedTransaction::begin(connection_, authority, Durability::full));
  const WallTime now = clock_.wall_now();
  BATON_CHECK(note_job(connection_, job, time_text(now)));
  BATON_TRY(const std::optional<InstanceState> last, last_run(job));
  const bool unfinished = last && is_unfinished(*last);
  if (unfinished != request.instance.has_value() || (unfinished && last->id != *request.instance)) {
    return fail(ErrorKind::conflict, fmt::format("\"{}\": the last run is not what it was a moment ago", job));
  }
  BATON_TRY(const std::optional<StopRequest> stop, read_stop_request(connection_, job));
  if (stop) {
    BATON_CHECK(clear_stop_request(connection_, job));
    if (unfinished && stop->instance == last->id && !request.overrides_stop) {
      if (!last->executions.empty()) {
        JobExecution marked = last->executions.front();
        marked.ended_by = EndedBy::person;
        BATON_CHECK(update_job_row(connection_, marked));
      }
      BATON_CHECK(transaction.commit());
      return Launched(StoppedInstead{stop->instance, stop->by});
    }
  }
  JobExecution execution;
  execution.job = job;
  execution.created = now;
  execution.fence = authority.fence.value;
  execution.replica = request.replica;
  JobParameters parameters = last ? last->parameters : JobParameters();
  if (unfinished) {
    execution.instance_id = last->id;
  } else {
    BATON_TRY(execution.instance_id, new_instance(job, request, parameters, last));
  }
  std::erase_if(parameters, [](const JobParameter& parameter) { return parameter.name == "baton.due"; });
  if (request.due) {
    std::string due = time_text(*request.due).substr(0, 19);
    due[10] = 'T';
    parameters.push_back({"baton.due", "java.time.LocalDateTime", std::move(due), false});
  }
  BATON_CHECK(insert_job_row(connection_, execution));
  BATON_CHECK(insert_parameters(connection_, execution.id, parameters));
  BATON_CHECK(insert_context(connection_, "BATCH_JOB_EXECUTION_CONTEXT", "JOB_EXECUTION_ID", execution.id, contexts_));
  BATON_CHECK(transaction.commit());
  return Launched(std::move(execution));
}

Result<StepExecution> SqliteExecutions::start_step(const Authority& authority, std::int64_t job_execution_id,
                                                   const std::string& step) {
  BATON_TRY(FencedTransaction transaction, FencedTransaction::begin(connection_, authority, Durability::relaxed));
  StepExecution row;
  row.name = step;
  row.job_execution_id = job_execution_id;
  row.version = 1;  // inserted STARTING and then STARTED, in one transaction
  row.created = clock_.wall_now();
  row.started = row.created;
  row.status = BatchStatus::started;
  BATON_CHECK(insert_step_row(connection_, row));
  BATON_CHECK(insert_context(connection_, "BATCH_STEP_EXECUTION_CONTEXT", "STEP_EXECUTION_ID", row.id, contexts_));
  BATON_CHECK(transaction.commit());
  return row;
}

Result<BatchStatus> SqliteExecutions::update_step(const Authority& authority, StepExecution& step) {
  BATON_TRY(FencedTransaction transaction, FencedTransaction::begin(connection_, authority, Durability::relaxed));
  StepExecution written = step;
  BATON_TRY(const BatchStatus job_status, update_step_row(connection_, written));
  BATON_CHECK(transaction.commit());
  step = std::move(written);
  return job_status;
}

Status SqliteExecutions::update_job(const Authority& authority, JobExecution& execution) {
  BATON_TRY(FencedTransaction transaction, FencedTransaction::begin(connection_, authority, Durability::full));
  BATON_TRY(const std::vector<JobExecution> rows,
            select_executions(connection_, "WHERE e.JOB_EXECUTION_ID = ?1", std::nullopt, execution.id));
  if (rows.empty()) return fail(ErrorKind::invalid, fmt::format("job execution {} was deleted", execution.id));
  JobExecution written = execution;
  if (rows.front().version != written.version) {
    written.version = rows.front().version;
    written.status = upgraded(written.status, rows.front().status);
    if (written.status == BatchStatus::stopping && written.ended) written.status = BatchStatus::stopped;
    if (!is_running(written.status)) written.exit = exit_status(written.status, written.exit.description);
  }
  BATON_TRY(const std::optional<StopRequest> stop, read_stop_request(connection_, written.job));
  const bool asked = stop && stop->instance == written.instance_id;
  if (written.status == BatchStatus::stopped &&
      (asked || rows.front().status == BatchStatus::stopping || rows.front().status == BatchStatus::stopped)) {
    written.ended_by = EndedBy::person;
  }
  // A request outlives a failure: it must keep the restart that would follow from running.
  const bool answered = !is_running(written.status) && written.status != BatchStatus::failed;
  if (asked && answered) BATON_CHECK(clear_stop_request(connection_, written.job));
  BATON_CHECK(update_job_row(connection_, written));
  BATON_CHECK(transaction.commit());
  execution = std::move(written);
  return {};
}

Result<std::vector<JobExecution>> SqliteExecutions::history(const std::optional<std::string>& job, std::int64_t limit) {
  if (job) {
    return select_executions(connection_, "WHERE i.JOB_NAME = ?1 ORDER BY e.JOB_EXECUTION_ID DESC LIMIT ?2", job,
                             limit);
  }
  return select_executions(connection_, "ORDER BY e.JOB_EXECUTION_ID DESC LIMIT ?1", std::nullopt, limit);
}

}  // namespace baton
