#include "postgres/retention.h"

#include "postgres/array_parameter.h"
#include "postgres/row_values.h"
#include "postgres/short_transaction.h"

#include <fmt/format.h>

namespace baton {
namespace {

std::string array_of(const std::vector<std::int64_t>& ids) {
  return PgConnection::quoted_text(array_parameter(ids)) + "::bigint[]";
}

std::string array_of(const std::vector<std::string>& names) {
  return PgConnection::quoted_text(array_parameter(names)) + "::text[]";
}

// Rows that another one is about to delete are passed over: nobody waits, and no two can wait for each other. Returns
// the first statement's one value, or how many rows it has changed.
Result<std::int64_t> delete_by(PgSession& session, const std::string& statements) {
  constexpr Duration lock_wait(5'000);
  return repeated(session, [&]() -> Result<std::int64_t> {
    BATON_TRY(PgConnection* const connection, session.connection());
    BATON_TRY(const std::vector<PgResult> results, run_relaxed(*connection, statements, PgEffect::none, lock_wait));
    const PgResult& result = results.front();
    return result.columns() > 0 ? result.integer(0, 0) : result.changed();
  });
}

}  // namespace

Result<std::int64_t> PgTraces::prune_rejects(const std::string& repository_id,
                                             const std::vector<std::int64_t>& instances, std::int64_t most) {
  BATON_TRY(const bool there, session_.has_table("baton_reject"));
  if (!there) return 0;
  return delete_by(
      session_,
      fmt::format("DELETE FROM {0} WHERE reject_id = ANY(ARRAY(SELECT reject_id FROM {0} WHERE "
                  "repository_id = {1} AND instance_id = ANY({2}) ORDER BY reject_id LIMIT {3} FOR UPDATE "
                  "SKIP LOCKED))",
                  session_.table("baton_reject"), PgConnection::quoted_text(repository_id), array_of(instances), most));
}

Result<std::int64_t> PgTraces::prune_progress(const std::string& repository_id,
                                              const std::vector<std::int64_t>& instances) {
  BATON_TRY(const bool there, session_.has_table("baton_progress"));
  if (!there) return 0;
  return delete_by(
      session_,
      fmt::format("DELETE FROM {0} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {0} WHERE repository_id = {1} "
                  "AND instance_id = ANY({2}) ORDER BY instance_id, step FOR UPDATE SKIP LOCKED))",
                  session_.table("baton_progress"), PgConnection::quoted_text(repository_id), array_of(instances)));
}

// One pass over the tables, whatever the number of jobs.
Result<std::vector<std::int64_t>> PgRetention::prunable(const PrunableFilter& filter) {
  BATON_TRY(PgConnection* const connection, session_.connection());
  BATON_TRY(const PgResult rows,
            connection->query(fmt::format(
                R"sql(
WITH kept AS (
  SELECT max(job_instance_id) AS id FROM {instance} WHERE job_name = ANY({jobs}) GROUP BY job_name
  UNION ALL
  SELECT max(job_instance_id) FROM {instance} JOIN {execution} e USING (job_instance_id)
    WHERE job_name = ANY({jobs}) AND e.status = 'COMPLETED' GROUP BY job_name),
execution AS (
  SELECT job_execution_id, job_instance_id, status IN ('COMPLETED', 'ABANDONED') AS done,
    status NOT IN ('STARTING', 'STARTED', 'STOPPING')
      AND timezone({zone}, coalesce(end_time, last_updated, create_time)) < '{before}'::timestamptz
      AND job_execution_id NOT IN (SELECT job_execution_id FROM {step}
        WHERE status IN ('STARTING', 'STARTED', 'STOPPING')) AS past
  FROM {execution})
SELECT i.job_instance_id FROM {instance} i LEFT JOIN execution e USING (job_instance_id)
  WHERE i.job_name = ANY({jobs}) AND i.job_instance_id > {after} AND i.job_instance_id NOT IN (SELECT id FROM kept)
  GROUP BY i.job_instance_id
  HAVING max(e.job_execution_id) IS NULL OR (
    max(e.job_execution_id) = max(e.job_execution_id) FILTER (WHERE e.done) AND bool_and(coalesce(e.past, false)))
  ORDER BY i.job_instance_id LIMIT {limit})sql",
                fmt::arg("instance", session_.table("batch_job_instance")),
                fmt::arg("execution", session_.table("batch_job_execution")),
                fmt::arg("step", session_.table("batch_step_execution")), fmt::arg("jobs", array_of(filter.jobs)),
                fmt::arg("zone", PgConnection::quoted_text(session_.zone())),
                fmt::arg("before", timestamp_text(filter.before)), fmt::arg("after", filter.after),
                fmt::arg("limit", filter.limit))));
  std::vector<std::int64_t> ids;
  for (int row = 0; row < rows.rows(); ++row) ids.push_back(rows.integer(row, 0));
  return ids;
}

// Foreign keys are checked at the end of the statement, when what hangs on an execution is gone as well. ANY(ARRAY(…))
// looks each id up by an index, whatever the planner believes of the tables.
Result<std::int64_t> PgRetention::prune_executions(const std::vector<std::int64_t>& instances, std::int64_t most) {
  const std::string executions = "ANY(ARRAY(SELECT id FROM gone))";
  const std::string steps = "ANY(ARRAY(SELECT id FROM step))";
  const std::string statements = fmt::format(
      R"sql(
WITH gone AS MATERIALIZED (
  SELECT job_execution_id AS id FROM {execution} WHERE job_instance_id = ANY({instances})
  ORDER BY job_execution_id LIMIT {most} FOR UPDATE SKIP LOCKED),
step AS MATERIALIZED (SELECT step_execution_id AS id FROM {step} WHERE job_execution_id = {executions}),
d1 AS (DELETE FROM {step_context} WHERE step_execution_id = {steps}),
d2 AS (DELETE FROM {step} WHERE step_execution_id = {steps}),
d3 AS (DELETE FROM {job_context} WHERE job_execution_id = {executions}),
d4 AS (DELETE FROM {params} WHERE job_execution_id = {executions}),
d5 AS (DELETE FROM {baton} WHERE job_execution_id = {executions}),
d6 AS (DELETE FROM {execution} WHERE job_execution_id = {executions})
SELECT count(*) FROM gone;
DELETE FROM {instance} i WHERE job_instance_id = ANY(ARRAY(SELECT job_instance_id FROM {instance}
    WHERE job_instance_id = ANY({instances}) ORDER BY job_instance_id FOR UPDATE SKIP LOCKED))
  AND NOT EXISTS (SELECT 1 FROM {execution} e WHERE e.job_instance_id = i.job_instance_id))sql",
      fmt::arg("execution", session_.table("batch_job_execution")),
      fmt::arg("step", session_.table("batch_step_execution")),
      fmt::arg("step_context", session_.table("batch_step_execution_context")),
      fmt::arg("job_context", session_.table("batch_job_execution_context")),
      fmt::arg("params", session_.table("batch_job_execution_params")),
      fmt::arg("baton", session_.table("baton_execution")), fmt::arg("instance", session_.table("batch_job_instance")),
      fmt::arg("instances", array_of(instances)), fmt::arg("most", most), fmt::arg("executions", executions),
      fmt::arg("steps", steps));
  return delete_by(session_, statements);
}

Result<std::int64_t> PgRetention::prune_alerts(WallTime before, std::int64_t most) {
  return delete_by(
      session_, fmt::format("DELETE FROM {0} WHERE alert_id = ANY(ARRAY(SELECT alert_id FROM {0} WHERE resolved_at < "
                            "'{1}'::timestamptz ORDER BY alert_id LIMIT {2} FOR UPDATE SKIP LOCKED))",
                            session_.table("baton_alert"), timestamp_text(before), most));
}

}  // namespace baton
