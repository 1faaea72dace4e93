#include "postgres/open_executions.h"

#include "postgres/short_transaction.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr std::int64_t newest_executions = 1'000;
constexpr std::int64_t newest_steps = 2'000;  // a partitioned step of Java's writes thousands in one transaction

constexpr const char* running = "status IN ('STARTING', 'STARTED', 'STOPPING')";

struct Marks {
  std::int64_t executions = 0;
  std::int64_t steps = 0;
};

// How far the marks may be moved; empty where that is not worth it.
Result<std::optional<Marks>> due_marks(const PgTables& tables) {
  BATON_TRY(const PgResult rows,
            tables.connection.query(fmt::format(
                "SELECT max(executions_checked), max(steps_checked), (SELECT max(job_execution_id) FROM {}), (SELECT "
                "max(step_execution_id) FROM {}) FROM {}",
                tables["batch_job_execution"], tables["batch_step_execution"], tables["baton_repository"])));
  const Marks marks{rows.integer(0, 2) - newest_executions, rows.integer(0, 3) - newest_steps};
  const bool due =
      marks.executions > rows.integer(0, 0) + newest_executions || marks.steps > rows.integer(0, 1) + newest_steps;
  return due ? std::optional(marks) : std::nullopt;
}

std::string note_sql(const PgTables& tables, const std::string& found) {
  return fmt::format(
      "INSERT INTO {} AS b (job_execution_id, job, open) SELECT DISTINCT e.job_execution_id, "
      "i.job_name, true FROM {} e JOIN {} i USING (job_instance_id) {} "
      "ON CONFLICT (job_execution_id) DO UPDATE SET open = true WHERE NOT b.open",
      tables["baton_execution"], tables["batch_job_execution"], tables["batch_job_instance"], found);
}

}  // namespace

std::string open_candidates(const PgSession& names) {
  return fmt::format(
      "ARRAY(SELECT job_execution_id FROM {baton} WHERE open UNION SELECT job_execution_id FROM {job} WHERE "
      "job_execution_id > (SELECT max(executions_checked) FROM {repository}) AND {running} UNION SELECT "
      "job_execution_id FROM {step} WHERE step_execution_id > (SELECT max(steps_checked) FROM {repository}) AND "
      "{running})",
      fmt::arg("baton", names.table("baton_execution")), fmt::arg("job", names.table("batch_job_execution")),
      fmt::arg("step", names.table("batch_step_execution")), fmt::arg("repository", names.table("baton_repository")),
      fmt::arg("running", running));
}

std::string is_open(const PgSession& names) {
  return fmt::format("(e.{0} OR EXISTS (SELECT 1 FROM {1} s WHERE s.job_execution_id = e.job_execution_id AND s.{0}))",
                     running, names.table("batch_step_execution"));
}

Status check_executions(PgSession& session) {
  BATON_TRY(PgConnection * connection, session.connection());
  BATON_TRY(const std::optional<Marks> due, due_marks({*connection, session}));
  if (!due) return {};
  return repeated(session, [&]() -> Status {
    BATON_TRY(PgShortTransaction transaction, PgShortTransaction::begin(session, Durability::relaxed));
    const PgTables tables = transaction.tables();
    const std::string checked = fmt::format("(SELECT max({{}}) FROM {})", tables["baton_repository"]);
    const std::string executions =
        fmt::format("WHERE e.job_execution_id > {} AND e.job_execution_id <= {} AND e.{}",
                    fmt::format(fmt::runtime(checked), "executions_checked"), due->executions, running);
    const std::string steps = fmt::format(
        "JOIN {} s USING (job_execution_id) WHERE s.step_execution_id > {} AND s.step_execution_id <= {} "
        "AND s.{}",
        tables["batch_step_execution"], fmt::format(fmt::runtime(checked), "steps_checked"), due->steps, running);
    BATON_TRY(const auto done,
              tables.connection.script(fmt::format(
                  "{}; {}; UPDATE {} SET executions_checked = greatest(executions_checked, {}), steps_checked = "
                  "greatest(steps_checked, {}); UPDATE {} b SET open = false WHERE b.open AND NOT EXISTS (SELECT 1 "
                  "FROM {} e WHERE e.job_execution_id = b.job_execution_id AND {})",
                  note_sql(tables, executions), note_sql(tables, steps), tables["baton_repository"], due->executions,
                  due->steps, tables["baton_execution"], tables["batch_job_execution"], is_open(session))));
    return transaction.commit();
  });
}

}  // namespace baton
