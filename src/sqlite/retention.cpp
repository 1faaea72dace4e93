#include "sqlite/retention.h"

#include "sqlite/fenced_transaction.h"
#include "sqlite/time_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <array>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

std::string json_list(const std::vector<std::int64_t>& ids) { return fmt::format("[{}]", fmt::join(ids, ",")); }

// The ids of the first column, to the end.
Result<std::vector<std::int64_t>> ids_of(SqliteStatement& query) {
  std::vector<std::int64_t> ids;
  while (true) {
    BATON_TRY(const bool row, query.step());
    if (!row) return ids;
    ids.push_back(query.integer(0));
  }
}

// That something was deleted may be forgotten with the power: it is deleted again.
Result<SqliteTransaction> begin(SqliteConnection& connection) {
  BATON_CHECK(set_durability(connection, Durability::relaxed));
  return SqliteTransaction::begin(connection);
}

// Runs one DELETE, whose parameters `bind` binds; how many rows.
template <class Bind>
Result<std::int64_t> delete_by(SqliteConnection& connection, const char* sql, const Bind& bind) {
  BATON_TRY(SqliteTransaction transaction, begin(connection));
  BATON_TRY(SqliteStatement * statement, connection.prepare(sql));
  bind(*statement);
  BATON_CHECK(statement->run());
  const std::int64_t deleted = connection.changes();
  BATON_CHECK(transaction.commit());
  return deleted;
}

// What hangs on an execution before what it hangs on. The contexts of steps are found by their steps.
constexpr std::array<const char*, 6> deletions{
    "DELETE FROM BATCH_STEP_EXECUTION_CONTEXT WHERE STEP_EXECUTION_ID IN (SELECT STEP_EXECUTION_ID FROM "
    "BATCH_STEP_EXECUTION WHERE JOB_EXECUTION_ID IN (SELECT value FROM json_each(?1)))",
    "DELETE FROM BATCH_STEP_EXECUTION WHERE JOB_EXECUTION_ID IN (SELECT value FROM json_each(?1))",
    "DELETE FROM BATCH_JOB_EXECUTION_CONTEXT WHERE JOB_EXECUTION_ID IN (SELECT value FROM json_each(?1))",
    "DELETE FROM BATCH_JOB_EXECUTION_PARAMS WHERE JOB_EXECUTION_ID IN (SELECT value FROM json_each(?1))",
    "DELETE FROM baton_execution WHERE job_execution_id IN (SELECT value FROM json_each(?1))",
    "DELETE FROM BATCH_JOB_EXECUTION WHERE JOB_EXECUTION_ID IN (SELECT value FROM json_each(?1))"};

}  // namespace

Result<std::int64_t> SqliteTraces::prune_rejects(const std::string& repository_id,
                                                 const std::vector<std::int64_t>& instances, std::int64_t most) {
  BATON_TRY(const bool there, connection_.has_table("baton_reject"));
  if (!there) return 0;
  return delete_by(
      connection_,
      "DELETE FROM baton_reject WHERE reject_id IN (SELECT reject_id FROM baton_reject WHERE repository_id "
      "= ?1 AND instance_id IN (SELECT value FROM json_each(?2)) LIMIT ?3)",
      [&](SqliteStatement& statement) {
        statement.bind(1, std::string_view(repository_id));
        statement.bind(2, std::string_view(json_list(instances))).bind(3, most);
      });
}

Result<std::int64_t> SqliteTraces::prune_progress(const std::string& repository_id,
                                                  const std::vector<std::int64_t>& instances) {
  BATON_TRY(const bool there, connection_.has_table("baton_progress"));
  if (!there) return 0;
  return delete_by(connection_,
                   "DELETE FROM baton_progress WHERE repository_id = ?1 AND instance_id IN (SELECT value FROM "
                   "json_each(?2))",
                   [&](SqliteStatement& statement) {
                     statement.bind(1, std::string_view(repository_id));
                     statement.bind(2, std::string_view(json_list(instances)));
                   });
}

// Java may store times as numbers: such an execution is kept.
Result<std::vector<std::int64_t>> SqliteRetention::prunable(const PrunableFilter& filter) {
  BATON_TRY(SqliteStatement * query, connection_.prepare(R"sql(
WITH job(name) AS (SELECT value FROM json_each(?1)),
kept(id) AS (
  SELECT max(i.JOB_INSTANCE_ID) FROM BATCH_JOB_INSTANCE i JOIN job ON i.JOB_NAME = job.name GROUP BY job.name
  UNION ALL
  SELECT max(i.JOB_INSTANCE_ID) FROM BATCH_JOB_INSTANCE i JOIN job ON i.JOB_NAME = job.name
    JOIN BATCH_JOB_EXECUTION e USING (JOB_INSTANCE_ID) WHERE e.STATUS = 'COMPLETED' GROUP BY job.name),
execution AS (
  SELECT JOB_EXECUTION_ID, JOB_INSTANCE_ID, STATUS IN ('COMPLETED', 'ABANDONED') AS done,
    coalesce(END_TIME, LAST_UPDATED, CREATE_TIME) AS ended,
    STATUS IN ('STARTING', 'STARTED', 'STOPPING') OR JOB_EXECUTION_ID IN (SELECT JOB_EXECUTION_ID FROM
      BATCH_STEP_EXECUTION WHERE STATUS IN ('STARTING', 'STARTED', 'STOPPING')) AS open
  FROM BATCH_JOB_EXECUTION)
SELECT i.JOB_INSTANCE_ID FROM BATCH_JOB_INSTANCE i JOIN job ON i.JOB_NAME = job.name
  LEFT JOIN execution e USING (JOB_INSTANCE_ID)
  WHERE i.JOB_INSTANCE_ID > ?3 AND i.JOB_INSTANCE_ID NOT IN (SELECT id FROM kept)
  GROUP BY i.JOB_INSTANCE_ID
  HAVING max(e.JOB_EXECUTION_ID) IS NULL OR (
    max(e.JOB_EXECUTION_ID) = max(e.JOB_EXECUTION_ID) FILTER (WHERE e.done)
    AND count(*) = count(*) FILTER (WHERE NOT e.open AND typeof(e.ended) = 'text' AND e.ended < ?2))
  ORDER BY i.JOB_INSTANCE_ID LIMIT ?4)sql"));
  const std::string jobs = nlohmann::json(filter.jobs).dump();
  query->bind(1, std::string_view(jobs)).bind(2, std::string_view(time_text(filter.before)));
  query->bind(3, filter.after).bind(4, filter.limit);
  return ids_of(*query);
}

Result<std::int64_t> SqliteRetention::prune_executions(const std::vector<std::int64_t>& instances, std::int64_t most) {
  BATON_TRY(SqliteTransaction transaction, begin(connection_));
  BATON_TRY(SqliteStatement * query,
            connection_.prepare("SELECT JOB_EXECUTION_ID FROM BATCH_JOB_EXECUTION WHERE JOB_INSTANCE_ID IN (SELECT "
                                "value FROM json_each(?1)) ORDER BY JOB_EXECUTION_ID LIMIT ?2"));
  query->bind(1, std::string_view(json_list(instances))).bind(2, most);
  BATON_TRY(const std::vector<std::int64_t> executions, ids_of(*query));
  for (const char* deletion : deletions) {
    BATON_TRY(SqliteStatement * statement, connection_.prepare(deletion));
    BATON_CHECK(statement->bind(1, std::string_view(json_list(executions))).run());
  }
  BATON_TRY(SqliteStatement * empty,
            connection_.prepare("DELETE FROM BATCH_JOB_INSTANCE WHERE JOB_INSTANCE_ID IN (SELECT value FROM "
                                "json_each(?1)) AND JOB_INSTANCE_ID NOT IN (SELECT JOB_INSTANCE_ID FROM "
                                "BATCH_JOB_EXECUTION WHERE JOB_INSTANCE_ID IN (SELECT value FROM json_each(?1)))"));
  BATON_CHECK(empty->bind(1, std::string_view(json_list(instances))).run());
  BATON_CHECK(transaction.commit());
  return static_cast<std::int64_t>(executions.size());
}

Result<std::int64_t> SqliteRetention::prune_alerts(WallTime before, std::int64_t most) {
  return delete_by(
      connection_,
      "DELETE FROM baton_alert WHERE alert_id IN (SELECT alert_id FROM baton_alert WHERE resolved_at < ?1 "
      "LIMIT ?2)",
      [&](SqliteStatement& statement) { statement.bind(1, std::string_view(time_text(before))).bind(2, most); });
}

}  // namespace baton
