// P10, P18: a launch is one transaction that finds what people asked for meanwhile. It begins with the lock of the
// job's row, so that of two launches the second sees the first, in READ COMMITTED: nobody meets a serialization
// failure.
#include "batch/request_rules.h"
#include "batch/restart_rules.h"
#include "postgres/execution_rows.h"
#include "postgres/fenced_transaction.h"
#include "postgres/job_rows.h"
#include "postgres/repository_parts.h"
#include "postgres/short_transaction.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr const char* run_id_name = "run.id";

std::string local_date_time(WallTime time) {
  std::string text = timestamp_text(time).substr(0, 19);
  text[10] = 'T';
  return text;
}

// A stop request that is there is cleared. Where it was for the instance to carry on, that is marked as stopped by a
// person.
Result<std::optional<StoppedInstead>> obey_stop(const PgTables& tables, const std::string& job,
                                                const LaunchRequest& request,
                                                const std::optional<InstanceState>& last) {
  BATON_TRY(const std::optional<PgStopRequest> stop, read_stop_request(tables, job));
  if (!stop) return std::optional<StoppedInstead>();
  BATON_CHECK(clear_stop_request(tables, job));
  if (stop->instance != request.instance || request.overrides_stop) return std::optional<StoppedInstead>();
  if (!last->executions.empty()) {
    JobExecution marked = last->executions.front();
    marked.ended_by = EndedBy::person;
    BATON_CHECK(update_job_row(tables, marked));
  }
  return std::optional(StoppedInstead{stop->instance, stop->by});
}

// Of the instance to carry on: a launch of Java's that was under way is waited for, and then seen.
Status lock_instance(const PgTables& tables, std::int64_t instance) {
  BATON_TRY(const PgResult locked,
            tables.connection.query(
                fmt::format("SELECT 1 FROM {} WHERE job_instance_id = $1 FOR UPDATE", tables["batch_job_instance"]),
                PgParameters::of(instance)));
  return {};
}

Result<bool> key_is_taken(const PgTables& tables, const std::string& job, const std::string& key) {
  BATON_TRY(const PgResult rows, tables.connection.query(fmt::format("SELECT 1 FROM {} WHERE job_name = $1 AND job_key "
                                                                     "= $2",
                                                                     tables["batch_job_instance"]),
                                                         PgParameters::of(job, key)));
  return rows.rows() > 0;
}

// The greatest run.id of any instance of the job.
Result<std::int64_t> greatest_run_id(const PgTables& tables, const std::string& job) {
  BATON_TRY(const PgResult rows,
            tables.connection.query(
                fmt::format("SELECT max(p.parameter_value::numeric)::bigint FROM {} p JOIN {} e USING "
                            "(job_execution_id) JOIN {} i USING (job_instance_id) WHERE i.job_name = $1 AND "
                            "p.parameter_name = '{}' AND p.parameter_value ~ '^[0-9]{{1,18}}$'",
                            tables["batch_job_execution_params"], tables["batch_job_execution"],
                            tables["batch_job_instance"], run_id_name),
                PgParameters::of(job)));
  return rows.integer(0, 0);
}

// run.id = last + 1, unless Java has launched instances with parameters of its own in between, so that an older one has
// that number already: then the first that none has.
Result<std::int64_t> create_instance(const PgTables& tables, const std::string& job, JobParameters& parameters,
                                     JobKeyFormat format) {
  BATON_TRY(const bool taken, key_is_taken(tables, job, job_key(parameters, format)));
  const auto run_id = std::find_if(parameters.begin(), parameters.end(),
                                   [](const JobParameter& parameter) { return parameter.name == run_id_name; });
  if (taken && run_id != parameters.end()) {
    BATON_TRY(const std::int64_t greatest, greatest_run_id(tables, job));
    run_id->value = std::to_string(greatest + 1);
  }
  return insert_instance_row(tables, job, job_key(parameters, format));
}

}  // namespace

Result<Launched> PgExecutions::launch(const Authority& authority, const LaunchRequest& request) {
  return repeated(session_, [&] { return try_launch(authority, request); });
}

Result<Launched> PgExecutions::try_launch(const Authority& authority, const LaunchRequest& request) {
  const std::string& job = authority.fence.job;
  BATON_TRY(PgFencedTransaction transaction, PgFencedTransaction::begin(session_, authority, Durability::full));
  const PgTables tables{transaction.connection(), session_};
  const WallTime now = clock_.at(transaction.server_time());
  BATON_TRY(const JobControl control, lock_job(tables, job, now));
  if (request.instance) BATON_CHECK(lock_instance(tables, *request.instance));
  BATON_TRY(const std::optional<InstanceState> last, read_last_run(tables, job));
  const bool unfinished = last && is_unfinished(*last);
  if (unfinished != request.instance.has_value() || (unfinished && last->id != *request.instance)) {
    return fail(ErrorKind::conflict, fmt::format("\"{}\": the last run is not what it was a moment ago", job));
  }
  // The owner has closed what others left open (P15): this one has come since.
  if (unfinished && !last->executions.empty() && is_running(last->executions.front().status)) {
    return fail(ErrorKind::conflict, fmt::format("\"{}\": another program has launched it at this moment", job));
  }
  const LaunchDecision decision = decide_launch(control, last, request, now);
  if (decision.withdrawn) return Launched(WithdrawnInstead{});
  BATON_TRY(std::optional<StoppedInstead> stopped, obey_stop(tables, job, request, last));
  if (stopped) {
    BATON_CHECK(transaction.commit());
    return Launched(std::move(*stopped));
  }
  if (decision.paused) return Launched(PausedInstead{*decision.paused});
  if (decision.refused) {
    BATON_CHECK(write_request(tables, job, std::nullopt));
    BATON_CHECK(write_answer(tables, job, *request.request, *decision.refused));
    BATON_CHECK(transaction.commit());
    return Launched(RefusedInstead{*decision.refused});
  }
  JobExecution execution;
  execution.created = now;
  BATON_CHECK(create_execution(tables, authority, request, decision, last, execution));
  if (decision.answered) BATON_CHECK(write_request(tables, job, std::nullopt));
  if (request.due) BATON_CHECK(write_due(tables, job, *request.due));
  BATON_CHECK(transaction.commit());
  return Launched(std::move(execution));
}

Status PgExecutions::create_execution(const PgTables& tables, const Authority& authority, const LaunchRequest& request,
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
    BATON_TRY(execution.instance_id, create_instance(tables, execution.job, parameters, request.key_format));
  }
  if (request.due) {
    parameters.push_back({"baton.due", "java.time.LocalDateTime", local_date_time(*request.due), false});
  }
  BATON_CHECK(insert_job_row(tables, execution));
  BATON_CHECK(insert_parameters(tables, execution.id, parameters));
  execution.parameters = std::move(parameters);
  return insert_context(tables, "batch_job_execution_context", "job_execution_id", execution.id, contexts_);
}

}  // namespace baton
