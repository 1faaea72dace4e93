#include "batch/request_rules.h"
#include "batch/restart_rules.h"
#include "sqlite/execution_rows.h"
#include "sqlite/job_rows.h"
#include "sqlite/repository.h"
#include "sqlite/time_text.h"

namespace baton {

Result<JobControl> SqliteControl::state(const std::string& job) { return read_job(connection_, job); }

Result<StopAnswer> SqliteControl::request_stop(const std::string& job, const std::string& by) {
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection_));
  SqliteExecutions executions(connection_, clock_, ContextFormat::none);
  BATON_TRY(const std::optional<InstanceState> last, executions.last_run(job));
  if (!last || !is_unfinished(*last)) return StopAnswer::not_needed;
  const WallTime now = clock_.wall_now();
  BATON_CHECK(note_job(connection_, job, now));
  BATON_TRY(SqliteStatement * ask,
            connection_.prepare("UPDATE baton_job SET stop_instance = ?2, stop_by = ?3, stop_at = ?4 WHERE job = ?1"));
  ask->bind(1, std::string_view(job)).bind(2, last->id).bind(3, std::string_view(by));
  BATON_CHECK(ask->bind(4, std::string_view(time_text(now))).run());
  StopAnswer answer = StopAnswer::recorded;
  if (!last->executions.empty() && is_running(last->executions.front().status)) {
    JobExecution running = last->executions.front();
    running.status = BatchStatus::stopping;
    BATON_CHECK(update_job_row(connection_, running));
    answer = StopAnswer::stopping;
  }
  BATON_CHECK(transaction.commit());
  return answer;
}

Result<bool> SqliteControl::stop_requested(std::int64_t job_execution_id) {
  BATON_TRY(SqliteStatement * query,
            connection_.prepare("SELECT e.STATUS IN ('STOPPING', 'STOPPED') OR EXISTS (SELECT 1 FROM baton_job j "
                                "WHERE j.job = i.JOB_NAME AND j.stop_instance = e.JOB_INSTANCE_ID) "
                                "FROM BATCH_JOB_EXECUTION e JOIN BATCH_JOB_INSTANCE i USING (JOB_INSTANCE_ID) "
                                "WHERE e.JOB_EXECUTION_ID = ?1"));
  query->bind(1, job_execution_id);
  BATON_TRY(const bool row, query->step());
  const bool requested = row && query->integer(0) != 0;
  query->reset();
  return requested;
}

Status SqliteControl::pause(const std::string& job, const Pause& pause) {
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection_));
  BATON_CHECK(note_job(connection_, job, clock_.wall_now()));
  BATON_CHECK(write_pause(connection_, job, pause));
  return transaction.commit();
}

Result<bool> SqliteControl::resume(const std::string& job) {
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection_));
  BATON_TRY(const JobControl control, read_job(connection_, job));
  if (!control.pause) return false;
  BATON_CHECK(write_pause(connection_, job, std::nullopt));
  BATON_CHECK(transaction.commit());
  return control.paused(clock_.wall_now());
}

Result<std::string> SqliteControl::ask(const std::string& job, JobRequest request) {
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection_));
  const WallTime now = clock_.wall_now();
  BATON_CHECK(note_job(connection_, job, now));
  BATON_TRY(const JobControl control, read_job(connection_, job));
  request.after_instance.reset();
  std::optional<InstanceState> last;
  if (request.kind == RequestKind::run) {
    BATON_TRY(last, SqliteExecutions(connection_, clock_, ContextFormat::none).last_run(job));
    request.after_instance = running_instance(last);
  }
  BATON_TRY(const JobRequest pending, admit_request(control, last, request, now));
  if (control.request && control.request->id != pending.id) {
    BATON_CHECK(write_answer(connection_, job, control.request->id, replaced_text(pending)));
  }
  BATON_CHECK(write_request(connection_, job, pending));
  BATON_CHECK(transaction.commit());
  return pending.id;
}

Result<bool> SqliteControl::withdraw(const std::string& job, const std::string& request_id) {
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection_));
  BATON_TRY(const JobControl control, read_job(connection_, job));
  if (!control.request || control.request->id != request_id) return false;
  BATON_CHECK(write_request(connection_, job, std::nullopt));
  BATON_CHECK(transaction.commit());
  return true;
}

// One statement, so that the answer is of one moment.
Result<std::optional<RequestAnswer>> SqliteControl::answer(const std::string& job, const std::string& request_id) {
  BATON_TRY(SqliteStatement * query,
            connection_.prepare("SELECT 0, NULL, NULL, NULL FROM baton_job WHERE job = ?1 AND request_id = ?2 "
                                "UNION ALL SELECT 1, NULL, NULL, answer_text FROM baton_job WHERE job = ?1 AND "
                                "answer_id = ?2 "
                                "UNION ALL SELECT 2, e.JOB_EXECUTION_ID, e.STATUS, NULL FROM baton_execution b JOIN "
                                "BATCH_JOB_EXECUTION e ON e.JOB_EXECUTION_ID = b.job_execution_id WHERE b.request = ?2 "
                                "AND b.job = ?1"));
  query->bind(1, std::string_view(job)).bind(2, std::string_view(request_id));
  BATON_TRY(const bool row, query->step());
  if (!row) return std::optional<RequestAnswer>();
  RequestAnswer answer;
  answer.pending = query->integer(0) == 0;
  answer.text = query->optional_text(3);
  if (!query->is_null(1)) {
    answer.execution = query->integer(1);
    answer.status = parse_batch_status(query->text(2)).value_or(BatchStatus::unknown);
  }
  query->reset();
  return std::optional(std::move(answer));
}

}  // namespace baton
