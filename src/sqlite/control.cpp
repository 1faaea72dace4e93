#include "batch/restart_rules.h"
#include "sqlite/execution_rows.h"
#include "sqlite/repository.h"
#include "sqlite/stop_requests.h"
#include "sqlite/time_text.h"

namespace baton {

Result<StopAnswer> SqliteControl::request_stop(const std::string& job, const std::string& by) {
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection_));
  SqliteExecutions executions(connection_, clock_, ContextFormat::none);
  BATON_TRY(const std::optional<InstanceState> last, executions.last_run(job));
  if (!last || !is_unfinished(*last)) return StopAnswer::not_needed;
  const std::string now = time_text(clock_.wall_now());
  BATON_CHECK(note_job(connection_, job, now));
  BATON_TRY(SqliteStatement * ask,
            connection_.prepare("UPDATE baton_job SET stop_instance = ?2, stop_by = ?3, stop_at = ?4 WHERE job = ?1"));
  ask->bind(1, std::string_view(job)).bind(2, last->id).bind(3, std::string_view(by)).bind(4, std::string_view(now));
  BATON_CHECK(ask->run());
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

}  // namespace baton
