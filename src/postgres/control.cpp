#include "batch/request_rules.h"
#include "batch/restart_rules.h"
#include "postgres/execution_rows.h"
#include "postgres/job_rows.h"
#include "postgres/repository_parts.h"
#include "postgres/short_transaction.h"

#include <fmt/format.h>

namespace baton {

Result<JobControl> PgControl::state(const std::string& job) {
  BATON_TRY(PgConnection * connection, session_.connection());
  return read_job({*connection, session_}, job);
}

Result<StopAnswer> PgControl::request_stop(const std::string& job, const std::string& by) {
  return repeated(session_, [&] { return try_request_stop(job, by); });
}

Result<StopAnswer> PgControl::try_request_stop(const std::string& job, const std::string& by) {
  BATON_TRY(PgShortTransaction transaction, PgShortTransaction::begin(session_, Durability::full));
  const PgTables tables = transaction.tables();
  const WallTime now = clock_.at(transaction.server_time());
  BATON_TRY(const JobControl control, lock_job(tables, job, now));
  BATON_TRY(const std::optional<InstanceState> last, read_last_run(tables, job));
  if (!last || !is_unfinished(*last)) return StopAnswer::not_needed;
  BATON_CHECK(write_stop_request(tables, job, {last->id, by}, now));
  StopAnswer answer = StopAnswer::recorded;
  if (!last->executions.empty() && is_running(last->executions.front().status)) {
    BATON_CHECK(lock_execution(tables, last->executions.front().id));
    BATON_TRY(std::vector<JobExecution> locked, select_executions(tables, "WHERE e.job_execution_id = $1",
                                                                  PgParameters::of(last->executions.front().id)));
    if (!locked.empty() && is_running(locked.front().status)) {
      locked.front().status = BatchStatus::stopping;
      BATON_CHECK(update_job_row(tables, locked.front()));
      answer = StopAnswer::stopping;
    }
  }
  BATON_CHECK(notify_repository_change(tables));
  BATON_CHECK(transaction.commit());
  return answer;
}

Result<bool> PgControl::stop_requested(std::int64_t job_execution_id) {
  BATON_TRY(PgConnection * connection, session_.connection());
  const PgTables tables{*connection, session_};
  BATON_TRY(
      const PgResult rows,
      connection->query(fmt::format("SELECT e.status IN ('STOPPING', 'STOPPED') OR EXISTS (SELECT 1 FROM {} j "
                                    "WHERE j.job = i.job_name AND j.stop_instance = e.job_instance_id) "
                                    "FROM {} e JOIN {} i USING (job_instance_id) WHERE e.job_execution_id = $1",
                                    tables["baton_job"], tables["batch_job_execution"], tables["batch_job_instance"]),
                        PgParameters::of(job_execution_id)));
  return rows.rows() > 0 && rows.boolean(0, 0);
}

Status PgControl::pause(const std::string& job, const Pause& pause) {
  return repeated(session_, [&]() -> Status {
    BATON_TRY(PgShortTransaction transaction, PgShortTransaction::begin(session_, Durability::full));
    const PgTables tables = transaction.tables();
    BATON_TRY(const JobControl control, lock_job(tables, job, clock_.at(transaction.server_time())));
    BATON_CHECK(write_pause(tables, job, pause));
    BATON_CHECK(notify_repository_change(tables));
    return transaction.commit();
  });
}

Result<bool> PgControl::resume(const std::string& job) {
  return repeated(session_, [&]() -> Result<bool> {
    BATON_TRY(PgShortTransaction transaction, PgShortTransaction::begin(session_, Durability::full));
    const PgTables tables = transaction.tables();
    const WallTime now = clock_.at(transaction.server_time());
    BATON_TRY(const JobControl control, lock_job(tables, job, now));
    if (!control.pause) return false;
    BATON_CHECK(write_pause(tables, job, std::nullopt));
    BATON_CHECK(notify_repository_change(tables));
    BATON_CHECK(transaction.commit());
    return control.paused(now);
  });
}

Result<std::string> PgControl::ask(const std::string& job, JobRequest request) {
  request.after_instance.reset();
  return repeated(session_, [&]() -> Result<std::string> {
    BATON_TRY(PgShortTransaction transaction, PgShortTransaction::begin(session_, Durability::full));
    const PgTables tables = transaction.tables();
    const WallTime now = clock_.at(transaction.server_time());
    BATON_TRY(const JobControl control, lock_job(tables, job, now));
    std::optional<InstanceState> last;
    if (request.kind == RequestKind::run) {
      BATON_TRY(last, read_last_run(tables, job));
      request.after_instance = running_instance(last);
    }
    BATON_TRY(const JobRequest pending, admit_request(control, last, request, now));
    if (control.request && control.request->id != pending.id) {
      BATON_CHECK(write_answer(tables, job, control.request->id, replaced_text(pending)));
    }
    BATON_CHECK(write_request(tables, job, pending));
    BATON_CHECK(notify_repository_change(tables));
    BATON_CHECK(transaction.commit());
    return pending.id;
  });
}

Result<bool> PgControl::withdraw(const std::string& job, const std::string& request_id) {
  return repeated(session_, [&]() -> Result<bool> {
    BATON_TRY(PgShortTransaction transaction, PgShortTransaction::begin(session_, Durability::full));
    const PgTables tables = transaction.tables();
    BATON_TRY(const JobControl control, lock_job(tables, job, clock_.at(transaction.server_time())));
    if (!control.request || control.request->id != request_id) return false;
    BATON_CHECK(write_request(tables, job, std::nullopt));
    BATON_CHECK(notify_repository_change(tables));
    BATON_CHECK(transaction.commit());
    return true;
  });
}

// One statement, so that the answer is of one moment.
Result<std::optional<RequestAnswer>> PgControl::answer(const std::string& job, const std::string& request_id) {
  BATON_TRY(PgConnection * connection, session_.connection());
  const PgTables tables{*connection, session_};
  BATON_TRY(const PgResult rows,
            connection->query(
                fmt::format("SELECT 0, NULL::bigint, NULL, NULL FROM {0} WHERE job = $1 AND request_id = $2 UNION ALL "
                            "SELECT 1, NULL, NULL, answer_text FROM {0} WHERE job = $1 AND answer_id = $2 UNION ALL "
                            "SELECT 2, e.job_execution_id, e.status, NULL FROM {1} b JOIN {2} e USING "
                            "(job_execution_id) WHERE b.request = $2 AND b.job = $1 ORDER BY 1",
                            tables["baton_job"], tables["baton_execution"], tables["batch_job_execution"]),
                PgParameters::of(job, request_id)));
  if (rows.rows() == 0) return std::optional<RequestAnswer>();
  RequestAnswer answer;
  answer.pending = rows.integer(0, 0) == 0;
  answer.text = rows.optional_text(0, 3);
  if (!rows.is_null(0, 1)) {
    answer.execution = rows.integer(0, 1);
    answer.status = parse_batch_status(rows.view(0, 2)).value_or(BatchStatus::unknown);
  }
  return std::optional(std::move(answer));
}

}  // namespace baton
