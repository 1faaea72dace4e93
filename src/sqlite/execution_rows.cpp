#include "sqlite/execution_rows.h"

#include "sqlite/time_text.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <map>

namespace baton {
namespace {

std::optional<std::string> text_of(const std::optional<WallTime>& time) {
  return time ? std::optional<std::string>(time_text(*time)) : std::nullopt;
}

std::optional<WallTime> time_at(const SqliteStatement& row, int column) {
  return row.is_null(column) ? std::nullopt : time_from(row.text(column));
}

BatchStatus status_at(const SqliteStatement& row, int column) {
  return parse_batch_status(row.text(column)).value_or(BatchStatus::unknown);
}

Status changed_by_another(const std::string& what, std::int64_t id) {
  return fail(ErrorKind::conflict, fmt::format("{} execution {} was changed by another program", what, id));
}

StepExecution step_from(const SqliteStatement& row) {
  StepExecution step;
  step.id = row.integer(0);
  step.version = row.integer(1);
  step.name = row.text(2);
  step.job_execution_id = row.integer(3);
  step.created = time_at(row, 4).value_or(WallTime{});
  step.started = time_at(row, 5);
  step.ended = time_at(row, 6);
  step.status = status_at(row, 7);
  step.counts = {row.integer(8),  row.integer(9),  row.integer(10), row.integer(11),
                 row.integer(12), row.integer(13), row.integer(14), row.integer(15)};
  step.exit = {row.text(16), row.text(17)};
  return step;
}

JobExecution execution_from(const SqliteStatement& row) {
  JobExecution execution;
  execution.id = row.integer(0);
  execution.version = row.integer(1);
  execution.instance_id = row.integer(2);
  execution.job = row.text(3);
  execution.created = time_at(row, 4).value_or(WallTime{});
  execution.started = time_at(row, 5);
  execution.ended = time_at(row, 6);
  execution.status = status_at(row, 7);
  execution.exit = {row.text(8), row.text(9)};
  if (!row.is_null(10)) execution.fence = row.integer(10);
  execution.replica = row.text(11);
  execution.ended_by = parse_ended_by(row.text(12));
  execution.reason = parse_start_reason(row.text(13));
  execution.missed = row.integer(14);
  execution.request = row.optional_text(15);
  return execution;
}

// All steps by one query, however many executions.
Status add_steps(SqliteConnection& connection, std::vector<JobExecution>& executions) {
  if (executions.empty()) return {};
  std::map<std::int64_t, JobExecution*> by_id;
  std::vector<std::int64_t> ids;
  for (JobExecution& execution : executions) {
    by_id[execution.id] = &execution;
    ids.push_back(execution.id);
  }
  BATON_TRY(SqliteStatement * query,
            connection.prepare(
                "SELECT STEP_EXECUTION_ID, VERSION, STEP_NAME, JOB_EXECUTION_ID, CREATE_TIME, START_TIME, END_TIME, "
                "STATUS, COMMIT_COUNT, READ_COUNT, FILTER_COUNT, WRITE_COUNT, READ_SKIP_COUNT, "
                "PROCESS_SKIP_COUNT, WRITE_SKIP_COUNT, ROLLBACK_COUNT, EXIT_CODE, EXIT_MESSAGE "
                "FROM BATCH_STEP_EXECUTION WHERE JOB_EXECUTION_ID IN (SELECT value FROM json_each(?1)) "
                "ORDER BY STEP_EXECUTION_ID"));
  query->bind(1, std::string_view(fmt::format("[{}]", fmt::join(ids, ","))));
  while (true) {
    BATON_TRY(const bool row, query->step());
    if (!row) return {};
    StepExecution step = step_from(*query);
    by_id.at(step.job_execution_id)->steps.push_back(std::move(step));
  }
}

constexpr const char* now_text = "strftime('%Y-%m-%d %H:%M:%f', 'now')";

}  // namespace

Result<BatchStatus> update_step_row(SqliteConnection& connection, StepExecution& step) {
  BATON_TRY(SqliteStatement * update,
            connection.prepare(fmt::format(
                "UPDATE BATCH_STEP_EXECUTION SET VERSION = VERSION + 1, START_TIME = ?3, END_TIME = ?4, STATUS = ?5, "
                "COMMIT_COUNT = ?6, READ_COUNT = ?7, FILTER_COUNT = ?8, WRITE_COUNT = ?9, READ_SKIP_COUNT = ?10, "
                "PROCESS_SKIP_COUNT = ?11, WRITE_SKIP_COUNT = ?12, ROLLBACK_COUNT = ?13, EXIT_CODE = ?14, EXIT_MESSAGE "
                "= ?15, "
                "LAST_UPDATED = {} WHERE STEP_EXECUTION_ID = ?1 AND VERSION = ?2",
                now_text)));
  const StepCounts& counts = step.counts;
  update->bind(1, step.id).bind(2, step.version).bind(3, text_of(step.started)).bind(4, text_of(step.ended));
  update->bind(5, name(step.status)).bind(6, counts.commit).bind(7, counts.read).bind(8, counts.filter);
  update->bind(9, counts.write).bind(10, counts.read_skip).bind(11, counts.process_skip).bind(12, counts.write_skip);
  update->bind(13, counts.rollback)
      .bind(14, std::string_view(step.exit.code))
      .bind(15, std::string_view(step.exit.description));
  BATON_CHECK(update->run());
  if (connection.changes() != 1) return fail(changed_by_another("step", step.id).error());
  ++step.version;
  BATON_TRY(SqliteStatement * query,
            connection.prepare("SELECT STATUS FROM BATCH_JOB_EXECUTION WHERE JOB_EXECUTION_ID = ?1"));
  query->bind(1, step.job_execution_id);
  BATON_TRY(const bool row, query->step());
  const BatchStatus status = row ? status_at(*query, 0) : BatchStatus::unknown;
  query->reset();
  return status;
}

Status update_job_row(SqliteConnection& connection, JobExecution& execution) {
  BATON_TRY(SqliteStatement * update,
            connection.prepare(fmt::format(
                "UPDATE BATCH_JOB_EXECUTION SET VERSION = VERSION + 1, START_TIME = ?3, END_TIME = ?4, STATUS = ?5, "
                "EXIT_CODE = ?6, EXIT_MESSAGE = ?7, LAST_UPDATED = {} WHERE JOB_EXECUTION_ID = ?1 AND VERSION = ?2",
                now_text)));
  update->bind(1, execution.id).bind(2, execution.version).bind(3, text_of(execution.started));
  update->bind(4, text_of(execution.ended)).bind(5, name(execution.status));
  update->bind(6, std::string_view(execution.exit.code)).bind(7, std::string_view(execution.exit.description));
  BATON_CHECK(update->run());
  if (connection.changes() != 1) return changed_by_another("job", execution.id);
  ++execution.version;
  BATON_TRY(SqliteStatement * note,
            connection.prepare("UPDATE baton_execution SET ended_by = ?2 WHERE job_execution_id = ?1"));
  note->bind(1, execution.id);
  if (is_running(execution.status)) {
    note->bind_null(2);
  } else {
    note->bind(2, name(execution.ended_by));
  }
  return note->run();
}

Status insert_step_row(SqliteConnection& connection, StepExecution& step) {
  BATON_TRY(
      SqliteStatement * insert,
      connection.prepare(fmt::format(
          "INSERT INTO BATCH_STEP_EXECUTION (VERSION, STEP_NAME, JOB_EXECUTION_ID, CREATE_TIME, START_TIME, STATUS, "
          "COMMIT_COUNT, READ_COUNT, FILTER_COUNT, WRITE_COUNT, READ_SKIP_COUNT, WRITE_SKIP_COUNT, PROCESS_SKIP_COUNT, "
          "ROLLBACK_COUNT, EXIT_CODE, EXIT_MESSAGE, LAST_UPDATED) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0, 0, 0, 0, 0, 0, ?7, ?8, {})",
          now_text)));
  insert->bind(1, step.version).bind(2, std::string_view(step.name)).bind(3, step.job_execution_id);
  insert->bind(4, std::string_view(time_text(step.created))).bind(5, text_of(step.started)).bind(6, name(step.status));
  insert->bind(7, std::string_view(step.exit.code)).bind(8, std::string_view(step.exit.description));
  BATON_CHECK(insert->run());
  step.id = sqlite3_last_insert_rowid(connection.handle());
  return {};
}

Status insert_job_row(SqliteConnection& connection, JobExecution& execution) {
  BATON_TRY(SqliteStatement * insert,
            connection.prepare(fmt::format(
                "INSERT INTO BATCH_JOB_EXECUTION (VERSION, JOB_INSTANCE_ID, CREATE_TIME, STATUS, EXIT_CODE, "
                "EXIT_MESSAGE, LAST_UPDATED) VALUES (0, ?1, ?2, ?3, ?4, ?5, {})",
                now_text)));
  insert->bind(1, execution.instance_id).bind(2, std::string_view(time_text(execution.created)));
  insert->bind(3, name(execution.status)).bind(4, std::string_view(execution.exit.code));
  insert->bind(5, std::string_view(execution.exit.description));
  BATON_CHECK(insert->run());
  execution.id = sqlite3_last_insert_rowid(connection.handle());
  BATON_TRY(SqliteStatement * note,
            connection.prepare("INSERT INTO baton_execution (job_execution_id, job, fence, replica, reason, missed, "
                               "request) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  note->bind(1, execution.id).bind(2, std::string_view(execution.job)).bind(3, execution.fence.value_or(0));
  note->bind(4, std::string_view(execution.replica)).bind(5, name(execution.reason)).bind(6, execution.missed);
  return note->bind(7, execution.request).run();
}

Status insert_context(SqliteConnection& connection, const char* table, const char* id_column, std::int64_t id,
                      ContextFormat format) {
  const std::optional<std::string> text = empty_context(format);
  if (!text) return {};
  BATON_TRY(SqliteStatement * insert,
            connection.prepare(fmt::format("INSERT INTO {} ({}, SHORT_CONTEXT) VALUES (?1, ?2)", table, id_column)));
  return insert->bind(1, id).bind(2, std::string_view(*text)).run();
}

Result<std::vector<JobExecution>> select_executions(SqliteConnection& connection, const std::string& where_and_order,
                                                    const std::optional<std::string>& text_parameter,
                                                    std::optional<std::int64_t> number_parameter) {
  BATON_TRY(SqliteStatement * query,
            connection.prepare(
                "SELECT e.JOB_EXECUTION_ID, e.VERSION, e.JOB_INSTANCE_ID, i.JOB_NAME, e.CREATE_TIME, e.START_TIME, "
                "e.END_TIME, e.STATUS, e.EXIT_CODE, e.EXIT_MESSAGE, b.fence, b.replica, b.ended_by, "
                "b.reason, b.missed, b.request "
                "FROM BATCH_JOB_EXECUTION e JOIN BATCH_JOB_INSTANCE i USING (JOB_INSTANCE_ID) "
                "LEFT JOIN baton_execution b ON b.job_execution_id = e.JOB_EXECUTION_ID " +
                where_and_order));
  if (text_parameter) query->bind(1, text_parameter);
  if (number_parameter) query->bind(text_parameter ? 2 : 1, *number_parameter);
  std::vector<JobExecution> executions;
  while (true) {
    BATON_TRY(const bool row, query->step());
    if (!row) break;
    executions.push_back(execution_from(*query));
  }
  BATON_CHECK(add_steps(connection, executions));
  return executions;
}

Result<OlderExecutions> read_older_executions(SqliteConnection& connection, std::int64_t instance,
                                              std::int64_t before) {
  OlderExecutions older;
  // STATUS is of the row with the greatest id: SQLite promises that for a bare column beside max().
  BATON_TRY(SqliteStatement * steps,
            connection.prepare(
                "SELECT s.STEP_NAME, sum(s.WRITE_COUNT), s.STATUS, max(s.STEP_EXECUTION_ID) FROM BATCH_JOB_EXECUTION e "
                "JOIN BATCH_STEP_EXECUTION s USING (JOB_EXECUTION_ID) "
                "WHERE e.JOB_INSTANCE_ID = ?1 AND e.JOB_EXECUTION_ID < ?2 GROUP BY s.STEP_NAME ORDER BY 4 DESC"));
  steps->bind(1, instance).bind(2, before);
  while (true) {
    BATON_TRY(const bool row, steps->step());
    if (!row) break;
    older.steps.push_back({steps->text(0), steps->integer(1), status_at(*steps, 2)});
  }
  // The row of failures ends, looking back, with an execution that the schedule or a person started, or that a person
  // stopped.
  BATON_TRY(
      SqliteStatement * failures,
      connection.prepare("SELECT count(*) FROM BATCH_JOB_EXECUTION e LEFT JOIN baton_execution b "
                         "ON b.job_execution_id = e.JOB_EXECUTION_ID "
                         "WHERE e.JOB_INSTANCE_ID = ?1 AND e.JOB_EXECUTION_ID < ?2 AND e.STATUS = 'FAILED' "
                         "AND coalesce(b.ended_by, '') NOT IN ('person', 'shutdown', 'orphaned') "
                         "AND e.JOB_EXECUTION_ID >= coalesce((SELECT x.JOB_EXECUTION_ID FROM BATCH_JOB_EXECUTION x "
                         "LEFT JOIN baton_execution y ON y.job_execution_id = x.JOB_EXECUTION_ID "
                         "WHERE x.JOB_INSTANCE_ID = ?1 AND x.JOB_EXECUTION_ID < ?2 "
                         "AND (coalesce(y.reason, '') NOT IN ('restart', 'carry_on') "
                         "OR y.ended_by = 'person') ORDER BY x.JOB_EXECUTION_ID DESC LIMIT 1), 0)"));
  failures->bind(1, instance).bind(2, before);
  BATON_TRY(const bool row, failures->step());
  if (row) older.failures = static_cast<int>(failures->integer(0));
  failures->reset();
  return older;
}

Result<JobParameters> select_parameters(SqliteConnection& connection, std::int64_t job_execution_id) {
  BATON_TRY(SqliteStatement * query,
            connection.prepare(
                "SELECT PARAMETER_NAME, PARAMETER_TYPE, PARAMETER_VALUE, IDENTIFYING FROM BATCH_JOB_EXECUTION_PARAMS "
                "WHERE JOB_EXECUTION_ID = ?1 ORDER BY rowid"));
  query->bind(1, job_execution_id);
  JobParameters parameters;
  while (true) {
    BATON_TRY(const bool row, query->step());
    if (!row) return parameters;
    parameters.push_back({query->text(0), query->text(1), query->text(2), query->text(3) == "Y"});
  }
}

Status insert_parameters(SqliteConnection& connection, std::int64_t job_execution_id, const JobParameters& parameters) {
  BATON_TRY(
      SqliteStatement * insert,
      connection.prepare("INSERT INTO BATCH_JOB_EXECUTION_PARAMS (JOB_EXECUTION_ID, PARAMETER_NAME, PARAMETER_TYPE, "
                         "PARAMETER_VALUE, IDENTIFYING) VALUES (?1, ?2, ?3, ?4, ?5)"));
  for (const JobParameter& parameter : parameters) {
    insert->bind(1, job_execution_id)
        .bind(2, std::string_view(parameter.name))
        .bind(3, std::string_view(parameter.type));
    insert->bind(4, std::string_view(parameter.value)).bind(5, std::string_view(parameter.identifying ? "Y" : "N"));
    BATON_CHECK(insert->run());
    insert->reset();
  }
  return {};
}

}  // namespace baton
