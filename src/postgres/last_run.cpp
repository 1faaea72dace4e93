// What became of a job's newest instance (P10).
#include "postgres/execution_rows.h"

#include <fmt/format.h>
#include <charconv>

namespace baton {
namespace {

constexpr const char* run_id_name = "run.id";

// A job that fails every 10 s for a week has 60,000 executions in one instance.
constexpr std::size_t newest_executions = 50;
constexpr const char* newest_of_instance = "WHERE e.job_instance_id = $1 ORDER BY e.job_execution_id DESC LIMIT 50";

std::int64_t run_id_of(const JobParameters& parameters) {
  for (const JobParameter& parameter : parameters) {
    if (parameter.name != run_id_name) continue;
    std::int64_t value = 0;
    std::from_chars(parameter.value.data(), parameter.value.data() + parameter.value.size(), value);
    return value;
  }
  return 0;
}

}  // namespace

Result<std::optional<InstanceState>> read_last_run(const PgTables& tables, const std::string& job) {
  BATON_TRY(const PgResult newest,
            tables.connection.query(fmt::format("SELECT job_instance_id FROM {} WHERE job_name = $1 ORDER BY "
                                                "job_instance_id DESC LIMIT 1",
                                                tables["batch_job_instance"]),
                                    PgParameters::of(job)));
  if (newest.rows() == 0) return std::optional<InstanceState>();
  InstanceState state;
  state.id = newest.integer(0, 0);
  BATON_TRY(state.executions, select_executions(tables, newest_of_instance, PgParameters::of(state.id)));
  if (state.executions.size() == newest_executions) {
    BATON_TRY(state.older, read_older_executions(tables, state.id, state.executions.back().id));
  }
  if (!state.executions.empty()) {
    BATON_TRY(state.parameters, select_parameters(tables, state.executions.front().id));
    state.run_id = run_id_of(state.parameters);
  }
  return std::optional(std::move(state));
}

Result<OlderExecutions> read_older_executions(const PgTables& tables, std::int64_t instance, std::int64_t before) {
  OlderExecutions older;
  const PgParameters values = PgParameters::of(instance, before);
  BATON_TRY(const PgResult steps,
            tables.connection.query(
                fmt::format("SELECT s.step_name, sum(s.write_count)::bigint, (array_agg(s.status ORDER BY "
                            "s.step_execution_id DESC))[1] FROM {} e JOIN {} s USING (job_execution_id) "
                            "WHERE e.job_instance_id = $1 AND e.job_execution_id < $2 GROUP BY s.step_name "
                            "ORDER BY max(s.step_execution_id) DESC",
                            tables["batch_job_execution"], tables["batch_step_execution"]),
                values));
  for (int row = 0; row < steps.rows(); ++row) {
    older.steps.push_back({steps.text(row, 0), steps.integer(row, 1),
                           parse_batch_status(steps.view(row, 2)).value_or(BatchStatus::unknown)});
  }
  // The row of failures ends, looking back, with an execution that the schedule or a person started, or that a person
  // stopped.
  BATON_TRY(const PgResult failures,
            tables.connection.query(
                fmt::format("SELECT count(*) FROM {0} e LEFT JOIN {1} b USING (job_execution_id) "
                            "WHERE e.job_instance_id = $1 AND e.job_execution_id < $2 AND e.status = 'FAILED' "
                            "AND coalesce(b.ended_by, '') NOT IN ('person', 'shutdown', 'orphaned') "
                            "AND e.job_execution_id >= coalesce((SELECT x.job_execution_id FROM {0} x "
                            "LEFT JOIN {1} y USING (job_execution_id) "
                            "WHERE x.job_instance_id = $1 AND x.job_execution_id < $2 "
                            "AND (coalesce(y.reason, '') NOT IN ('restart', 'carry_on') OR y.ended_by = 'person') "
                            "ORDER BY x.job_execution_id DESC LIMIT 1), 0)",
                            tables["batch_job_execution"], tables["baton_execution"]),
                values));
  older.failures = static_cast<int>(failures.integer(0, 0));
  return older;
}

}  // namespace baton
