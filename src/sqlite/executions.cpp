#include "batch/restart_rules.h"
#include "sqlite/execution_rows.h"
#include "sqlite/fenced_transaction.h"
#include "sqlite/job_rows.h"
#include "sqlite/repository.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

namespace baton {
namespace {

constexpr const char* run_id_name = "run.id";

// A job that fails every 10 s for a week has 60,000 executions in one instance.
constexpr std::size_t newest_executions = 50;
constexpr const char* newest_of_instance = "WHERE e.JOB_INSTANCE_ID = ?1 ORDER BY e.JOB_EXECUTION_ID DESC LIMIT 50";

// The + keeps SQLite from walking through the executions of all jobs in their order.
constexpr const char* newest_ended_of_job =
    "WHERE i.JOB_NAME = ?1 AND coalesce(e.STATUS, '') NOT IN ('STARTING', 'STARTED', 'STOPPING') "
    "ORDER BY +e.JOB_EXECUTION_ID DESC LIMIT 1";

constexpr const char* newest_completed_of_job =
    "WHERE i.JOB_NAME = ?1 AND e.STATUS = 'COMPLETED' AND e.END_TIME IS NOT NULL "
    "ORDER BY +e.JOB_EXECUTION_ID DESC LIMIT 1";

std::int64_t run_id_of(const JobParameters& parameters) {
  for (const JobParameter& parameter : parameters) {
    if (parameter.name != run_id_name) continue;
    std::int64_t value = 0;
    std::from_chars(parameter.value.data(), parameter.value.data() + parameter.value.size(), value);
    return value;
  }
  return 0;
}

// Without parameters.
Result<std::optional<InstanceState>> read_last_run(SqliteConnection& connection, const std::string& job) {
  BATON_TRY(SqliteStatement * query,
            connection.prepare("SELECT max(JOB_INSTANCE_ID) FROM BATCH_JOB_INSTANCE WHERE JOB_NAME = ?1"));
  query->bind(1, std::string_view(job));
  BATON_TRY(const bool row, query->step());
  if (!row || query->is_null(0)) {
    query->reset();
    return std::optional<InstanceState>();
  }
  InstanceState state;
  state.id = query->integer(0);
  query->reset();
  BATON_TRY(state.executions, select_executions(connection, newest_of_instance, std::nullopt, state.id));
  if (state.executions.size() == newest_executions) {
    BATON_TRY(state.older, read_older_executions(connection, state.id, state.executions.back().id));
  }
  return std::optional<InstanceState>(std::move(state));
}

}  // namespace

Result<std::optional<InstanceState>> SqliteExecutions::last_run(const std::string& job) {
  BATON_TRY(std::optional<InstanceState> state, read_last_run(connection_, job));
  if (state && !state->executions.empty()) {
    BATON_TRY(state->parameters, select_parameters(connection_, state->executions.front().id));
    state->run_id = run_id_of(state->parameters);
  }
  return state;
}

// One by one: without a server that costs little more than one statement for all, and each is found by its index.
Result<std::map<std::string, InstanceState>> SqliteExecutions::last_runs(const std::vector<std::string>& jobs) {
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin_reading(connection_));
  std::map<std::string, InstanceState> runs;
  for (const std::string& job : jobs) {
    BATON_TRY(std::optional<InstanceState> state, read_last_run(connection_, job));
    if (state) runs.insert_or_assign(job, *std::move(state));
  }
  BATON_CHECK(transaction.commit());
  return runs;
}

Result<std::map<std::string, JobExecution>> SqliteExecutions::last_ended(const std::vector<std::string>& jobs) {
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin_reading(connection_));
  std::map<std::string, JobExecution> ended;
  for (const std::string& job : jobs) {
    BATON_TRY(std::vector<JobExecution> newest, select_executions(connection_, newest_ended_of_job, job));
    if (!newest.empty()) ended.insert_or_assign(job, std::move(newest.front()));
  }
  BATON_CHECK(transaction.commit());
  return ended;
}

Result<std::optional<JobExecution>> SqliteExecutions::last_completed(const std::string& job) {
  BATON_TRY(std::vector<JobExecution> newest, select_executions(connection_, newest_completed_of_job, job));
  return newest.empty() ? std::nullopt : std::optional(std::move(newest.front()));
}

Result<std::vector<JobExecution>> SqliteExecutions::open_executions(const std::string& job) {
  return select_executions(connection_,
                           fmt::format("WHERE i.JOB_NAME = ?1 AND e.JOB_EXECUTION_ID IN ({}) ORDER BY "
                                       "e.JOB_EXECUTION_ID",
                                       open_execution_ids),
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
  // That it started may be forgotten with the power: it is an open execution either way. Its end may not.
  const Durability durability = is_running(execution.status) ? Durability::relaxed : Durability::full;
  BATON_TRY(FencedTransaction transaction, FencedTransaction::begin(connection_, authority, durability));
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
