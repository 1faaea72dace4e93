// What became of a job's newest instance (P10).
#include "postgres/array_parameter.h"
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

using NewestInstances = std::map<std::string, std::int64_t>;  // by job

// In `from`: a table or a part of it.
Status add_newest_instances(const PgTables& tables, const std::string& from, const PgParameters& parameters,
                            NewestInstances& found) {
  BATON_TRY(const PgResult rows,
            tables.connection.query(
                fmt::format("SELECT job_name, max(job_instance_id) FROM {} WHERE job_name = ANY($1::text[]) GROUP BY "
                            "job_name",
                            from),
                parameters));
  for (int row = 0; row < rows.rows(); ++row) found.emplace(rows.text(row, 0), rows.integer(row, 1));
  return {};
}

// Nearly all jobs have one among the newest; the others have few, or are few, and are looked for by name. To look for
// all of them by name would cost more with each run that was ever made.
Result<NewestInstances> find_newest_instances(const PgTables& tables, const std::vector<std::string>& jobs) {
  constexpr std::int64_t looked_at_per_job = 5;
  NewestInstances found;
  if (jobs.empty()) return found;
  const std::int64_t looked_at = looked_at_per_job * static_cast<std::int64_t>(jobs.size());
  const std::string table = tables["batch_job_instance"];
  BATON_CHECK(add_newest_instances(
      tables,
      fmt::format("(SELECT job_name, job_instance_id FROM {} ORDER BY job_instance_id DESC LIMIT $2::bigint) newest",
                  table),
      PgParameters::of(array_parameter(jobs), looked_at), found));
  std::vector<std::string> others;
  for (const std::string& job : jobs) {
    if (!found.contains(job)) others.push_back(job);
  }
  if (!others.empty()) {
    BATON_CHECK(add_newest_instances(tables, table, PgParameters::of(array_parameter(others)), found));
  }
  return found;
}

// Instances, and the oldest execution of each that is loaded.
struct LongInstances {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> before;

  void add(const InstanceState& state) {
    if (state.executions.size() < newest_executions) return;
    ids.push_back(state.id);
    before.push_back(state.executions.back().id);
  }
};

// What their executions before came to, by instance.
Result<std::map<std::int64_t, OlderExecutions>> read_older_executions(const PgTables& tables,
                                                                      const LongInstances& instances) {
  std::map<std::int64_t, OlderExecutions> older;
  if (instances.ids.empty()) return older;
  const PgParameters values = PgParameters::of(array_parameter(instances.ids), array_parameter(instances.before));
  BATON_TRY(
      const PgResult steps,
      tables.connection.query(
          fmt::format("SELECT l.instance, s.step_name, sum(s.write_count)::bigint, (array_agg(s.status ORDER BY "
                      "s.step_execution_id DESC))[1] FROM unnest($1::bigint[], $2::bigint[]) l (instance, before) "
                      "JOIN {} e ON e.job_instance_id = l.instance AND e.job_execution_id < l.before "
                      "JOIN {} s USING (job_execution_id) GROUP BY l.instance, s.step_name "
                      "ORDER BY max(s.step_execution_id) DESC",
                      tables["batch_job_execution"], tables["batch_step_execution"]),
          values));
  for (int row = 0; row < steps.rows(); ++row) {
    older[steps.integer(row, 0)].steps.push_back(
        {steps.text(row, 1), steps.integer(row, 2),
         parse_batch_status(steps.view(row, 3)).value_or(BatchStatus::unknown)});
  }
  // The row of failures ends, looking back, with an execution that the schedule or a person started, or that a person
  // stopped.
  BATON_TRY(
      const PgResult failures,
      tables.connection.query(
          fmt::format("WITH older AS (SELECT l.instance, e.job_execution_id AS id, e.status, b.reason, b.ended_by "
                      "FROM unnest($1::bigint[], $2::bigint[]) l (instance, before) "
                      "JOIN {} e ON e.job_instance_id = l.instance AND e.job_execution_id < l.before "
                      "LEFT JOIN {} b USING (job_execution_id)), "
                      "began AS (SELECT instance, max(id) AS id FROM older WHERE coalesce(reason, '') NOT IN "
                      "('restart', 'carry_on') OR ended_by = 'person' GROUP BY instance) "
                      "SELECT o.instance, count(*) FROM older o LEFT JOIN began USING (instance) WHERE o.status = "
                      "'FAILED' AND coalesce(o.ended_by, '') NOT IN ('person', 'shutdown', 'orphaned') AND "
                      "o.id >= coalesce(began.id, 0) GROUP BY o.instance",
                      tables["batch_job_execution"], tables["baton_execution"]),
          values));
  for (int row = 0; row < failures.rows(); ++row) {
    older[failures.integer(row, 0)].failures = static_cast<int>(failures.integer(row, 1));
  }
  return older;
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
  LongInstances has_more;
  has_more.add(state);
  BATON_TRY(auto older, read_older_executions(tables, has_more));
  state.older = std::move(older[state.id]);
  if (!state.executions.empty()) {
    BATON_TRY(state.parameters, select_parameters(tables, state.executions.front().id));
    state.run_id = run_id_of(state.parameters);
  }
  return std::optional(std::move(state));
}

Result<std::map<std::string, InstanceState>> read_last_runs(const PgTables& tables,
                                                            const std::vector<std::string>& jobs) {
  BATON_TRY(const NewestInstances newest, find_newest_instances(tables, jobs));
  std::map<std::string, InstanceState> runs;
  std::vector<std::int64_t> instances;
  for (const auto& [job, instance] : newest) {
    runs[job].id = instance;
    instances.push_back(instance);
  }
  if (instances.empty()) return runs;
  BATON_TRY(std::vector<JobExecution> executions, select_newest_executions(tables, instances, newest_executions));
  for (JobExecution& execution : executions) runs.at(execution.job).executions.push_back(std::move(execution));
  LongInstances have_more;
  for (const auto& [job, run] : runs) have_more.add(run);
  BATON_TRY(auto older, read_older_executions(tables, have_more));
  for (auto& [job, run] : runs) {
    if (const auto found = older.find(run.id); found != older.end()) run.older = std::move(found->second);
  }
  return runs;
}

Result<std::map<std::string, JobExecution>> read_last_ended(const PgTables& tables,
                                                            const std::vector<std::string>& jobs) {
  std::map<std::string, JobExecution> ended;
  if (jobs.empty()) return ended;
  BATON_TRY(const PgResult newest,
            tables.connection.query(
                fmt::format("SELECT max(e.job_execution_id) FROM {} i JOIN {} e USING (job_instance_id) WHERE "
                            "i.job_name = ANY($1::text[]) AND coalesce(e.status, '') NOT IN ('STARTING', 'STARTED', "
                            "'STOPPING') GROUP BY i.job_name",
                            tables["batch_job_instance"], tables["batch_job_execution"]),
                PgParameters::of(array_parameter(jobs))));
  std::vector<std::int64_t> ids;
  for (int row = 0; row < newest.rows(); ++row) ids.push_back(newest.integer(row, 0));
  if (ids.empty()) return ended;
  BATON_TRY(std::vector<JobExecution> executions,
            select_executions(tables, "WHERE e.job_execution_id = ANY($1::bigint[])",
                              PgParameters::of(array_parameter(ids))));
  for (JobExecution& execution : executions) ended.emplace(execution.job, std::move(execution));
  return ended;
}

Result<std::optional<JobExecution>> read_last_completed(const PgTables& tables, const std::string& job) {
  BATON_TRY(std::vector<JobExecution> newest,
            select_executions(tables,
                              fmt::format("WHERE e.job_execution_id = (SELECT max(x.job_execution_id) FROM {} y JOIN "
                                          "{} x USING (job_instance_id) WHERE y.job_name = $1 AND x.status = "
                                          "'COMPLETED' AND x.end_time IS NOT NULL)",
                                          tables["batch_job_instance"], tables["batch_job_execution"]),
                              PgParameters::of(job)));
  return newest.empty() ? std::nullopt : std::optional(std::move(newest.front()));
}

}  // namespace baton
