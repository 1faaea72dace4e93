#include "postgres/execution_rows.h"

#include "postgres/array_parameter.h"
#include "postgres/row_values.h"

#include <fmt/format.h>
#include <array>
#include <map>

namespace baton {
namespace {

constexpr std::size_t longest_exit = 2'500;  // characters of EXIT_CODE and of EXIT_MESSAGE

BatchStatus status_at(const PgResult& rows, int row, int column) {
  return parse_batch_status(rows.view(row, column)).value_or(BatchStatus::unknown);
}

// SQL for time_at: the digits of Spring's column, the instant that they mean in the zone, and Baton's note.
std::string time_columns(const std::string& column, const std::string& note, const std::string& zone) {
  return fmt::format("{}, {}, {}", micros_of(column),
                     micros_of(fmt::format("timezone({}, {})", PgConnection::quoted_text(zone), column)),
                     micros_of(note));
}

// Local times mean two instants when clocks are set back, so Baton notes its own. The note holds as long as Spring's
// column shows that very time, in whatever zone: offsets are multiples of a quarter of an hour. If not, another program
// has changed it since.
std::optional<WallTime> time_at(const PgResult& rows, int row, int column) {
  constexpr std::chrono::hours widest_offset(15);
  const auto shown = wall_time_at(rows, row, column);
  const auto noted = wall_time_at(rows, row, column + 2);
  if (shown && noted && std::chrono::abs(*shown - *noted) <= widest_offset &&
      (*shown - *noted) % std::chrono::minutes(15) == std::chrono::microseconds(0)) {
    return noted;
  }
  return wall_time_at(rows, row, column + 1);
}

Status changed_by_another(const std::string& what, std::int64_t id) {
  return fail(ErrorKind::conflict, fmt::format("{} execution {} was changed by another program", what, id));
}

StepExecution step_from(const PgResult& rows, int row) {
  const auto number = [&](int column) { return rows.integer(row, column); };
  StepExecution step;
  step.id = number(0);
  step.version = number(1);
  step.name = rows.text(row, 2);
  step.job_execution_id = number(3);
  step.created = wall_time_at(rows, row, 4).value_or(WallTime{});
  step.started = wall_time_at(rows, row, 5);
  step.ended = wall_time_at(rows, row, 6);
  step.status = status_at(rows, row, 7);
  step.counts = {number(8), number(9), number(10), number(11), number(12), number(13), number(14), number(15)};
  step.exit = {rows.text(row, 16), rows.text(row, 17)};
  return step;
}

JobExecution execution_from(const PgResult& rows, int row) {
  JobExecution execution;
  execution.id = rows.integer(row, 0);
  execution.version = rows.integer(row, 1);
  execution.instance_id = rows.integer(row, 2);
  execution.job = rows.text(row, 3);
  execution.status = status_at(rows, row, 4);
  execution.exit = {rows.text(row, 5), rows.text(row, 6)};
  if (!rows.is_null(row, 7)) execution.fence = rows.integer(row, 7);
  execution.replica = rows.text(row, 8);
  execution.ended_by = parse_ended_by(rows.text(row, 9));
  execution.reason = parse_start_reason(rows.text(row, 10));
  execution.missed = rows.integer(row, 11);
  execution.request = rows.optional_text(row, 12);
  execution.created = time_at(rows, row, 13).value_or(WallTime{});
  execution.started = time_at(rows, row, 16);
  execution.ended = time_at(rows, row, 19);
  return execution;
}

// All steps by one query, however many executions.
Status add_steps(const PgTables& tables, std::vector<JobExecution>& executions) {
  if (executions.empty()) return {};
  std::map<std::int64_t, JobExecution*> by_id;
  for (JobExecution& execution : executions) by_id[execution.id] = &execution;
  std::vector<std::int64_t> ids;
  for (const auto& [id, execution] : by_id) ids.push_back(id);
  const auto instant = [&](const char* column) {
    return micros_of(fmt::format("timezone({}, {})", PgConnection::quoted_text(tables.names.zone()), column));
  };
  BATON_TRY(const PgResult rows,
            tables.connection.query(
                fmt::format("SELECT step_execution_id, version, step_name, job_execution_id, {}, {}, {}, status, "
                            "commit_count, read_count, filter_count, write_count, read_skip_count, process_skip_count, "
                            "write_skip_count, rollback_count, exit_code, exit_message FROM {} "
                            "WHERE job_execution_id = ANY($1::bigint[]) ORDER BY step_execution_id",
                            instant("create_time"), instant("start_time"), instant("end_time"),
                            tables["batch_step_execution"]),
                PgParameters::of(array_parameter(ids))));
  for (int row = 0; row < rows.rows(); ++row) {
    StepExecution step = step_from(rows, row);
    by_id.at(step.job_execution_id)->steps.push_back(std::move(step));
  }
  return {};
}

// `from`: FROM and what follows, in which e is the job execution, i its instance and b Baton's entry.
Result<std::vector<JobExecution>> select_from(const PgTables& tables, const std::string& from,
                                              const PgParameters& parameters) {
  const std::string& zone = tables.names.zone();
  BATON_TRY(const PgResult rows,
            tables.connection.query(
                fmt::format("SELECT e.job_execution_id, e.version, e.job_instance_id, i.job_name, e.status, "
                            "e.exit_code, e.exit_message, b.fence, b.replica, b.ended_by, b.reason, b.missed, "
                            "b.request, {}, {}, {} FROM {}",
                            time_columns("e.create_time", "b.created_at", zone),
                            time_columns("e.start_time", "b.started_at", zone),
                            time_columns("e.end_time", "b.ended_at", zone), from),
                parameters));
  std::vector<JobExecution> executions;
  executions.reserve(static_cast<std::size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) executions.push_back(execution_from(rows, row));
  BATON_CHECK(add_steps(tables, executions));
  return executions;
}

std::string next_id(const PgTables& tables, const char* sequence) {
  return fmt::format("nextval({}::regclass)", PgConnection::quoted_text(tables[sequence]));
}

std::string stored(const PgConnection& connection, const std::string& exit) {
  return storable_text(exit, longest_exit, connection.encoding());
}

}  // namespace

Result<BatchStatus> update_pg_step_row(PgConnection& connection, const PgSession& names, StepExecution& step) {
  const std::string& zone = names.zone();
  const StepCounts& counts = step.counts;
  PgParameters values = PgParameters::of(step.id, step.version, timestamp_text(step.started),
                                         timestamp_text(step.ended), name(step.status));
  values.add(counts.commit).add(counts.read).add(counts.filter).add(counts.write).add(counts.read_skip);
  values.add(counts.process_skip).add(counts.write_skip).add(counts.rollback);
  values.add(stored(connection, step.exit.code))
      .add(stored(connection, step.exit.description))
      .add(step.job_execution_id);
  BATON_TRY(const PgResult rows,
            connection.query(
                fmt::format("WITH written AS (UPDATE {} SET version = version + 1, start_time = {}, end_time = {}, "
                            "status = $5, commit_count = $6, read_count = $7, filter_count = $8, write_count = $9, "
                            "read_skip_count = $10, process_skip_count = $11, write_skip_count = $12, rollback_count = "
                            "$13, exit_code = $14, exit_message = $15, last_updated = {} "
                            "WHERE step_execution_id = $1 AND version = $2 RETURNING 1) "
                            "SELECT (SELECT count(*) FROM written), (SELECT status FROM {} WHERE job_execution_id = "
                            "$16)",
                            names.table("batch_step_execution"), local_time_of("$3", zone), local_time_of("$4", zone),
                            local_time_of("clock_timestamp()", zone), names.table("batch_job_execution")),
                values));
  if (rows.integer(0, 0) != 1) return fail(changed_by_another("step", step.id).error());
  ++step.version;
  return status_at(rows, 0, 1);
}

Status update_job_row(const PgTables& tables, JobExecution& execution) {
  const std::string& zone = tables.names.zone();
  const PgParameters values = PgParameters::of(execution.id, execution.version, timestamp_text(execution.started),
                                               timestamp_text(execution.ended), name(execution.status),
                                               stored(tables.connection, execution.exit.code),
                                               stored(tables.connection, execution.exit.description));
  BATON_TRY(const PgResult updated,
            tables.connection.query(
                fmt::format("UPDATE {} SET version = version + 1, start_time = {}, end_time = {}, status = $5, "
                            "exit_code = $6, exit_message = $7, last_updated = {} WHERE job_execution_id = $1 AND "
                            "version = $2",
                            tables["batch_job_execution"], local_time_of("$3", zone), local_time_of("$4", zone),
                            local_time_of("clock_timestamp()", zone)),
                values));
  if (updated.changed() != 1) return changed_by_another("job", execution.id);
  ++execution.version;
  const bool running = is_running(execution.status);
  PgParameters note =
      PgParameters::of(execution.id, timestamp_text(execution.started), timestamp_text(execution.ended), running);
  note.add(running ? std::optional<std::string>() : std::optional(std::string(name(execution.ended_by))));
  BATON_TRY(const PgResult noted,
            tables.connection.query(
                fmt::format("UPDATE {} SET started_at = $2::timestamptz, ended_at = $3::timestamptz, ended_by = CASE "
                            "WHEN fence IS NOT NULL THEN $5 END, open = $4::boolean OR EXISTS (SELECT 1 FROM {} WHERE "
                            "job_execution_id = $1 AND status IN ('STARTING', 'STARTED', 'STOPPING')) WHERE "
                            "job_execution_id = $1",
                            tables["baton_execution"], tables["batch_step_execution"]),
                note));
  return {};
}

Status insert_step_row(const PgTables& tables, StepExecution& step) {
  const std::string& zone = tables.names.zone();
  const PgParameters values = PgParameters::of(
      step.version, step.name, step.job_execution_id, timestamp_text(step.created), timestamp_text(step.started),
      name(step.status), stored(tables.connection, step.exit.code), stored(tables.connection, step.exit.description));
  BATON_TRY(
      const PgResult made,
      tables.connection.query(
          fmt::format("INSERT INTO {} (step_execution_id, version, step_name, job_execution_id, create_time, "
                      "start_time, status, commit_count, read_count, filter_count, write_count, read_skip_count, "
                      "write_skip_count, process_skip_count, rollback_count, exit_code, exit_message, "
                      "last_updated) VALUES ({}, $1, $2, $3, {}, {}, $6, 0, 0, 0, 0, 0, 0, 0, 0, $7, $8, {}) "
                      "RETURNING step_execution_id",
                      tables["batch_step_execution"], next_id(tables, "batch_step_execution_seq"),
                      local_time_of("$4", zone), local_time_of("$5", zone), local_time_of("clock_timestamp()", zone)),
          values));
  step.id = made.integer(0, 0);
  return {};
}

Status insert_job_row(const PgTables& tables, JobExecution& execution) {
  const std::string& zone = tables.names.zone();
  const PgParameters values = PgParameters::of(
      execution.instance_id, timestamp_text(execution.created), name(execution.status),
      stored(tables.connection, execution.exit.code), stored(tables.connection, execution.exit.description),
      execution.job, execution.fence, execution.replica, name(execution.reason), execution.missed, execution.request);
  BATON_TRY(
      const PgResult made,
      tables.connection.query(
          fmt::format("WITH made AS (INSERT INTO {} (job_execution_id, version, job_instance_id, create_time, "
                      "status, exit_code, exit_message, last_updated) VALUES ({}, 0, $1, {}, $3, $4, $5, {}) "
                      "RETURNING job_execution_id) "
                      "INSERT INTO {} (job_execution_id, job, fence, replica, reason, missed, request, "
                      "created_at, open) SELECT job_execution_id, $6, $7::bigint, $8, $9, $10::bigint, $11, "
                      "$2::timestamptz, true FROM made RETURNING job_execution_id",
                      tables["batch_job_execution"], next_id(tables, "batch_job_execution_seq"),
                      local_time_of("$2", zone), local_time_of("clock_timestamp()", zone), tables["baton_execution"]),
          values));
  execution.id = made.integer(0, 0);
  return {};
}

Result<std::int64_t> insert_instance_row(const PgTables& tables, const std::string& job, const std::string& key) {
  // Whichever there is: Spring's script for 6 renames the sequence, perhaps while Baton runs.
  const auto sequence = [&](const char* name) {
    return fmt::format("to_regclass({})", PgConnection::quoted_text(tables[name]));
  };
  const auto made = tables.connection.query(
      fmt::format("INSERT INTO {} (job_instance_id, version, job_name, job_key) VALUES (nextval(coalesce({}, {})), 0, "
                  "$1, $2) RETURNING job_instance_id",
                  tables["batch_job_instance"], sequence("batch_job_instance_seq"), sequence("batch_job_seq")),
      PgParameters::of(job, key));
  if (made) return made->integer(0, 0);
  if (tables.connection.failure().sqlstate != "23505") return fail(made.error());
  return fail(ErrorKind::conflict,
              fmt::format("\"{}\": another program has launched it with the same parameters at this moment", job));
}

Status lock_execution(const PgTables& tables, std::int64_t job_execution_id) {
  BATON_TRY(const PgResult locked,
            tables.connection.query(fmt::format("SELECT 1 FROM {} WHERE job_execution_id = $1 FOR NO KEY UPDATE",
                                                tables["batch_job_execution"]),
                                    PgParameters::of(job_execution_id)));
  return {};
}

Status insert_context(const PgTables& tables, const char* table, const char* id_column, std::int64_t id,
                      ContextFormat format) {
  const std::optional<std::string> text = empty_context(format);
  if (!text) return {};
  BATON_TRY(const PgResult made,
            tables.connection.query(
                fmt::format("INSERT INTO {} ({}, short_context) VALUES ($1, $2)", tables[table], id_column),
                PgParameters::of(id, *text)));
  return {};
}

Result<std::vector<JobExecution>> select_executions(const PgTables& tables, const std::string& where_and_order,
                                                    const PgParameters& parameters) {
  return select_from(tables,
                     fmt::format("{} e JOIN {} i USING (job_instance_id) LEFT JOIN {} b USING (job_execution_id) {}",
                                 tables["batch_job_execution"], tables["batch_job_instance"], tables["baton_execution"],
                                 where_and_order),
                     parameters);
}

// OFFSET 0 has the planner look up each row by primary key: to join whole tables would cost more with each run that
// was ever made.
Result<std::vector<JobExecution>> select_newest_executions(const PgTables& tables,
                                                           const std::vector<std::int64_t>& instances,
                                                           std::int64_t of_each) {
  return select_from(
      tables,
      fmt::format("(SELECT *, row_number() OVER (PARTITION BY job_instance_id ORDER BY job_execution_id DESC) AS place "
                  "FROM {} WHERE job_instance_id = ANY($1::bigint[])) e "
                  "CROSS JOIN LATERAL (SELECT job_name FROM {} WHERE job_instance_id = e.job_instance_id OFFSET 0) i "
                  "LEFT JOIN LATERAL (SELECT * FROM {} WHERE job_execution_id = e.job_execution_id OFFSET 0) b ON true "
                  "WHERE e.place <= $2::bigint ORDER BY e.job_execution_id DESC",
                  tables["batch_job_execution"], tables["batch_job_instance"], tables["baton_execution"]),
      PgParameters::of(array_parameter(instances), of_each));
}

Result<JobParameters> select_parameters(const PgTables& tables, std::int64_t job_execution_id) {
  // In the order in which they were written, as far as the table remembers it: it has no key.
  BATON_TRY(
      const PgResult rows,
      tables.connection.query(fmt::format("SELECT parameter_name, parameter_type, parameter_value, identifying FROM {} "
                                          "WHERE job_execution_id = $1 ORDER BY ctid",
                                          tables["batch_job_execution_params"]),
                              PgParameters::of(job_execution_id)));
  JobParameters parameters;
  for (int row = 0; row < rows.rows(); ++row) {
    parameters.push_back({rows.text(row, 0), rows.text(row, 1), rows.text(row, 2), rows.view(row, 3) == "Y"});
  }
  return parameters;
}

Status insert_parameters(const PgTables& tables, std::int64_t job_execution_id, const JobParameters& parameters) {
  constexpr std::size_t longest_value = 2'500;
  if (parameters.empty()) return {};
  PgParameters values = PgParameters::of(job_execution_id);
  std::string rows;
  for (const JobParameter& parameter : parameters) {
    if (storable_text(parameter.value, longest_value, tables.connection.encoding()) != parameter.value) {
      return fail(
          ErrorKind::invalid,
          fmt::format("parameter {}: the job repository takes up to {} characters that its encoding has: pass a "
                      "shorter value, or the name of a file",
                      parameter.name, longest_value));
    }
    const std::size_t first = values.values().size() + 1;
    rows += fmt::format("{}($1, ${}, ${}, ${}, ${})", rows.empty() ? "" : ", ", first, first + 1, first + 2, first + 3);
    values.add(parameter.name).add(parameter.type).add(parameter.value).add(parameter.identifying ? "Y" : "N");
  }
  BATON_TRY(const PgResult made,
            tables.connection.query(
                fmt::format("INSERT INTO {} (job_execution_id, parameter_name, parameter_type, parameter_value, "
                            "identifying) VALUES {}",
                            tables["batch_job_execution_params"], rows),
                values));
  return {};
}

}  // namespace baton
