#include "postgres/execution_rows.h"
#include "postgres/fenced_transaction.h"
#include "postgres/job_rows.h"
#include "postgres/open_executions.h"
#include "postgres/repository_parts.h"
#include "postgres/short_transaction.h"

#include <fmt/format.h>

namespace baton {

namespace {

// An execution of Java's has no row of Baton's, or one without a fence. That its process died is written down, so that
// the run is carried on as one of Baton's would be, and does not count as a failure.
Status note_how_javas_ended(const PgTables& tables, const JobExecution& closed) {
  BATON_TRY([[maybe_unused]] const PgResult noted,
            tables.connection.query(
                fmt::format("INSERT INTO {} (job_execution_id, job, ended_by, open) VALUES ($1, $2, $3, false) ON "
                            "CONFLICT (job_execution_id) DO UPDATE SET ended_by = excluded.ended_by",
                            tables["baton_execution"]),
                PgParameters::of(closed.id, closed.job, name(closed.ended_by))));
  return {};
}

}  // namespace

Result<std::optional<InstanceState>> PgExecutions::last_run(const std::string& job) {
  BATON_TRY(PgConnection * connection, session_.connection());
  return read_last_run({*connection, session_}, job);
}

Result<std::map<std::string, InstanceState>> PgExecutions::last_runs(const std::vector<std::string>& jobs) {
  BATON_TRY(PgConnection * connection, session_.connection());
  return read_last_runs({*connection, session_}, jobs);
}

Result<std::map<std::string, JobExecution>> PgExecutions::last_ended(const std::vector<std::string>& jobs) {
  BATON_TRY(PgConnection * connection, session_.connection());
  return read_last_ended({*connection, session_}, jobs);
}

Result<std::optional<JobExecution>> PgExecutions::last_completed(const std::string& job) {
  BATON_TRY(PgConnection * connection, session_.connection());
  return read_last_completed({*connection, session_}, job);
}

Result<std::vector<JobExecution>> PgExecutions::open_executions(const std::string& job) {
  BATON_TRY(PgConnection * connection, session_.connection());
  BATON_TRY(const auto found,
            run_in_transaction(*connection, "READ ONLY",
                               fmt::format("{}; SELECT {}", open_candidates_settings, open_candidates(session_)),
                               PgEffect::none));
  return select_executions({*connection, session_},
                           fmt::format("WHERE i.job_name = $1 AND e.job_execution_id = ANY($2::bigint[]) AND {} "
                                       "ORDER BY e.job_execution_id",
                                       is_open(session_)),
                           PgParameters::of(job, found.at(3).view(0, 0)));
}

Status PgExecutions::close(const Authority& authority, const JobExecution& closed) {
  return repeated(session_, [&]() -> Status {
    BATON_TRY(PgFencedTransaction transaction, PgFencedTransaction::begin(session_, authority, Durability::full));
    JobExecution execution = closed;
    for (StepExecution& step : execution.steps) {
      BATON_TRY([[maybe_unused]] const BatchStatus job_status,
                update_pg_step_row(transaction.connection(), session_, step));
    }
    const PgTables tables{transaction.connection(), session_};
    BATON_CHECK(update_job_row(tables, execution));
    if (!execution.fence) BATON_CHECK(note_how_javas_ended(tables, execution));
    return transaction.commit();
  });
}

Result<StepExecution> PgExecutions::start_step(const Authority& authority, std::int64_t job_execution_id,
                                               const std::string& step) {
  return repeated(session_, [&]() -> Result<StepExecution> {
    BATON_TRY(PgFencedTransaction transaction, PgFencedTransaction::begin(session_, authority, Durability::relaxed));
    const PgTables tables{transaction.connection(), session_};
    StepExecution row;
    row.name = step;
    row.job_execution_id = job_execution_id;
    row.version = 1;  // inserted STARTING and then STARTED, in one transaction
    row.created = clock_.at(transaction.server_time());
    row.started = row.created;
    row.status = BatchStatus::started;
    BATON_CHECK(insert_step_row(tables, row));
    BATON_CHECK(insert_context(tables, "batch_step_execution_context", "step_execution_id", row.id, contexts_));
    BATON_CHECK(transaction.commit());
    return row;
  });
}

Result<BatchStatus> PgExecutions::update_step(const Authority& authority, StepExecution& step) {
  return repeated(session_, [&]() -> Result<BatchStatus> {
    BATON_TRY(PgFencedTransaction transaction, PgFencedTransaction::begin(session_, authority, Durability::relaxed));
    StepExecution written = step;
    BATON_TRY(const BatchStatus job_status, update_pg_step_row(transaction.connection(), session_, written));
    BATON_CHECK(transaction.commit());
    step = std::move(written);
    return job_status;
  });
}

Status PgExecutions::update_job(const Authority& authority, JobExecution& execution) {
  return repeated(session_, [&] { return try_update_job(authority, execution); });
}

Status PgExecutions::try_update_job(const Authority& authority, JobExecution& execution) {
  // That it started may be forgotten with the power: it is an open execution either way. Its end may not.
  const Durability durability = is_running(execution.status) ? Durability::relaxed : Durability::full;
  BATON_TRY(PgFencedTransaction transaction, PgFencedTransaction::begin(session_, authority, durability));
  const PgTables tables{transaction.connection(), session_};
  // The locks make reading and writing one: no stop, Baton's or Java's, gets in between.
  BATON_TRY(const JobControl control, lock_job(tables, execution.job, clock_.at(transaction.server_time())));
  BATON_CHECK(lock_execution(tables, execution.id));
  BATON_TRY(const std::vector<JobExecution> rows,
            select_executions(tables, "WHERE e.job_execution_id = $1", PgParameters::of(execution.id)));
  if (rows.empty()) return fail(ErrorKind::invalid, fmt::format("job execution {} was deleted", execution.id));
  JobExecution written = execution;
  if (rows.front().version != written.version) {
    written.version = rows.front().version;
    written.status = upgraded(written.status, rows.front().status);
    if (written.status == BatchStatus::stopping && written.ended) written.status = BatchStatus::stopped;
    if (!is_running(written.status)) written.exit = exit_status(written.status, written.exit.description);
  }
  const bool asked = control.stop_instance == written.instance_id;
  if (written.status == BatchStatus::stopped &&
      (asked || rows.front().status == BatchStatus::stopping || rows.front().status == BatchStatus::stopped)) {
    written.ended_by = EndedBy::person;
  }
  // A request outlives a failure: it must keep the restart that would follow from running.
  const bool answered = !is_running(written.status) && written.status != BatchStatus::failed;
  if (asked && answered) BATON_CHECK(clear_stop_request(tables, written.job));
  BATON_CHECK(update_job_row(tables, written));
  BATON_CHECK(transaction.commit());
  execution = std::move(written);
  return {};
}

Result<std::vector<JobExecution>> PgExecutions::history(const std::optional<std::string>& job, std::int64_t limit) {
  BATON_TRY(PgConnection * connection, session_.connection());
  const PgTables tables{*connection, session_};
  if (job) {
    return select_executions(tables, "WHERE i.job_name = $1 ORDER BY e.job_execution_id DESC LIMIT $2::bigint",
                             PgParameters::of(*job, limit));
  }
  return select_executions(tables, "ORDER BY e.job_execution_id DESC LIMIT $1::bigint", PgParameters::of(limit));
}

}  // namespace baton
