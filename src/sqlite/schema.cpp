#include "sqlite/schema.h"

#include "sqlite/time_text.h"

#include <fmt/format.h>
#include <array>

namespace baton {
namespace {

// Column for column Spring Batch 5's script for SQLite, so that its JobExplorer reads the file. The sequence tables are
// what its id generator counts with on SQLite.
constexpr const char* spring_batch_tables = R"sql(
CREATE TABLE IF NOT EXISTS BATCH_JOB_INSTANCE (
  JOB_INSTANCE_ID INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  VERSION INTEGER,
  JOB_NAME VARCHAR(100) NOT NULL,
  JOB_KEY VARCHAR(32) NOT NULL,
  CONSTRAINT JOB_INST_UN UNIQUE (JOB_NAME, JOB_KEY));
CREATE TABLE IF NOT EXISTS BATCH_JOB_EXECUTION (
  JOB_EXECUTION_ID INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  VERSION INTEGER,
  JOB_INSTANCE_ID INTEGER NOT NULL,
  CREATE_TIME TIMESTAMP NOT NULL,
  START_TIME TIMESTAMP DEFAULT NULL,
  END_TIME TIMESTAMP DEFAULT NULL,
  STATUS VARCHAR(10),
  EXIT_CODE VARCHAR(2500),
  EXIT_MESSAGE VARCHAR(2500),
  LAST_UPDATED TIMESTAMP,
  CONSTRAINT JOB_INST_EXEC_FK FOREIGN KEY (JOB_INSTANCE_ID) REFERENCES BATCH_JOB_INSTANCE (JOB_INSTANCE_ID));
CREATE TABLE IF NOT EXISTS BATCH_JOB_EXECUTION_PARAMS (
  JOB_EXECUTION_ID INTEGER NOT NULL,
  PARAMETER_NAME VARCHAR(100) NOT NULL,
  PARAMETER_TYPE VARCHAR(100) NOT NULL,
  PARAMETER_VALUE VARCHAR(2500),
  IDENTIFYING CHAR(1) NOT NULL,
  CONSTRAINT JOB_EXEC_PARAMS_FK FOREIGN KEY (JOB_EXECUTION_ID) REFERENCES BATCH_JOB_EXECUTION (JOB_EXECUTION_ID));
CREATE TABLE IF NOT EXISTS BATCH_STEP_EXECUTION (
  STEP_EXECUTION_ID INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  VERSION INTEGER NOT NULL,
  STEP_NAME VARCHAR(100) NOT NULL,
  JOB_EXECUTION_ID INTEGER NOT NULL,
  CREATE_TIME TIMESTAMP NOT NULL,
  START_TIME TIMESTAMP DEFAULT NULL,
  END_TIME TIMESTAMP DEFAULT NULL,
  STATUS VARCHAR(10),
  COMMIT_COUNT INTEGER,
  READ_COUNT INTEGER,
  FILTER_COUNT INTEGER,
  WRITE_COUNT INTEGER,
  READ_SKIP_COUNT INTEGER,
  WRITE_SKIP_COUNT INTEGER,
  PROCESS_SKIP_COUNT INTEGER,
  ROLLBACK_COUNT INTEGER,
  EXIT_CODE VARCHAR(2500),
  EXIT_MESSAGE VARCHAR(2500),
  LAST_UPDATED TIMESTAMP,
  CONSTRAINT JOB_EXEC_STEP_FK FOREIGN KEY (JOB_EXECUTION_ID) REFERENCES BATCH_JOB_EXECUTION (JOB_EXECUTION_ID));
CREATE TABLE IF NOT EXISTS BATCH_STEP_EXECUTION_CONTEXT (
  STEP_EXECUTION_ID INTEGER NOT NULL PRIMARY KEY,
  SHORT_CONTEXT VARCHAR(2500) NOT NULL,
  SERIALIZED_CONTEXT CLOB,
  CONSTRAINT STEP_EXEC_CTX_FK FOREIGN KEY (STEP_EXECUTION_ID) REFERENCES BATCH_STEP_EXECUTION (STEP_EXECUTION_ID));
CREATE TABLE IF NOT EXISTS BATCH_JOB_EXECUTION_CONTEXT (
  JOB_EXECUTION_ID INTEGER NOT NULL PRIMARY KEY,
  SHORT_CONTEXT VARCHAR(2500) NOT NULL,
  SERIALIZED_CONTEXT CLOB,
  CONSTRAINT JOB_EXEC_CTX_FK FOREIGN KEY (JOB_EXECUTION_ID) REFERENCES BATCH_JOB_EXECUTION (JOB_EXECUTION_ID));
CREATE TABLE IF NOT EXISTS BATCH_STEP_EXECUTION_SEQ (ID INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE IF NOT EXISTS BATCH_JOB_EXECUTION_SEQ (ID INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE INDEX IF NOT EXISTS baton_job_execution_instance ON BATCH_JOB_EXECUTION (JOB_INSTANCE_ID);
CREATE INDEX IF NOT EXISTS baton_step_execution_job ON BATCH_STEP_EXECUTION (JOB_EXECUTION_ID);
CREATE INDEX IF NOT EXISTS baton_job_params ON BATCH_JOB_EXECUTION_PARAMS (JOB_EXECUTION_ID);
)sql";

constexpr const char* sequence_of_5 =
    "CREATE TABLE IF NOT EXISTS BATCH_JOB_SEQ (ID INTEGER PRIMARY KEY AUTOINCREMENT);";
constexpr const char* sequence_of_6 =
    "CREATE TABLE IF NOT EXISTS BATCH_JOB_INSTANCE_SEQ (ID INTEGER PRIMARY KEY AUTOINCREMENT);";

constexpr const char* repository_tables = R"sql(
CREATE TABLE IF NOT EXISTS baton_repository (
  schema_version INTEGER PRIMARY KEY,
  repository_id TEXT NOT NULL,
  applied_at TEXT NOT NULL,
  lease_store TEXT) STRICT;
CREATE TABLE IF NOT EXISTS baton_job (
  job TEXT PRIMARY KEY,
  first_seen TEXT NOT NULL,
  stop_instance INTEGER,
  stop_by TEXT,
  stop_at TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS baton_job_database (
  job TEXT NOT NULL,
  database TEXT NOT NULL,
  PRIMARY KEY (job, database)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS baton_execution (
  job_execution_id INTEGER PRIMARY KEY,
  job TEXT NOT NULL,
  fence INTEGER NOT NULL,
  replica TEXT NOT NULL,
  ended_by TEXT) STRICT;
)sql";

constexpr const char* target_tables = R"sql(
CREATE TABLE IF NOT EXISTS baton_fence (
  repository_id TEXT NOT NULL,
  job TEXT NOT NULL,
  fence INTEGER NOT NULL,
  PRIMARY KEY (repository_id, job)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS baton_progress (
  repository_id TEXT NOT NULL,
  instance_id INTEGER NOT NULL,
  step TEXT NOT NULL,
  job TEXT NOT NULL,
  revision INTEGER NOT NULL,
  low_water TEXT NOT NULL,
  ranges TEXT NOT NULL,
  counts TEXT NOT NULL,
  input TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  input_done INTEGER NOT NULL,
  closing_done INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  step_execution_id INTEGER NOT NULL,
  counts_before TEXT NOT NULL,
  PRIMARY KEY (repository_id, instance_id, step)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS baton_reject (
  reject_id INTEGER PRIMARY KEY,
  repository_id TEXT NOT NULL,
  job TEXT NOT NULL,
  instance_id INTEGER NOT NULL,
  step TEXT NOT NULL,
  job_execution_id INTEGER NOT NULL,
  phase TEXT NOT NULL,
  record INTEGER NOT NULL,
  line INTEGER NOT NULL,
  column_name TEXT,
  value TEXT,
  reason TEXT NOT NULL,
  raw TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS baton_reject_step ON baton_reject (repository_id, instance_id, step);
)sql";

constexpr int schema_version = 1;

Result<bool> has_table(SqliteConnection& connection, const std::string& table) {
  BATON_TRY(SqliteStatement * query,
            connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE"));
  query->bind(1, std::string_view(table));
  BATON_TRY(const bool found, query->step());
  query->reset();
  return found;
}

// Tables of one generation are not to be written in the other one's way: the job keys differ.
Status check_generation(SqliteConnection& connection, std::optional<JobKeyFormat> wanted) {
  BATON_TRY(const bool any, has_table(connection, "BATCH_JOB_INSTANCE"));
  if (!any || !wanted) return {};
  BATON_TRY(const JobKeyFormat found, spring_batch_generation(connection));
  if (found == *wanted) return {};
  const auto number = [](JobKeyFormat format) { return format == JobKeyFormat::spring_batch_6 ? 6 : 5; };
  return fail(ErrorKind::invalid,
              fmt::format("{}: the tables are Spring Batch {}'s and repository.spring_batch says {}: say {} "
                          "or auto, or name another file",
                          connection.path(), number(found), number(*wanted), number(found)));
}

Status missing(const SqliteConnection& connection, const std::string& ddl) {
  return fail(ErrorKind::invalid,
              fmt::format("{}: Baton's tables are missing and repository.migrate is never; create them with:\n{}",
                          connection.path(), ddl));
}

}  // namespace

Result<bool> has_repository(SqliteConnection& connection) { return has_table(connection, "baton_repository"); }

Result<JobKeyFormat> spring_batch_generation(SqliteConnection& connection) {
  BATON_TRY(const bool six, has_table(connection, "BATCH_JOB_INSTANCE_SEQ"));
  return six ? JobKeyFormat::spring_batch_6 : JobKeyFormat::spring_batch_5;
}

Status migrate_repository(SqliteConnection& connection, bool allowed, Random& random, WallTime now,
                          std::optional<JobKeyFormat> wanted) {
  BATON_TRY(const bool there, has_repository(connection));
  BATON_CHECK(check_generation(connection, wanted));
  if (there) {
    BATON_TRY(SqliteStatement * query, connection.prepare("SELECT max(schema_version) FROM baton_repository"));
    BATON_TRY(const bool row, query->step());
    const std::int64_t version = row ? query->integer(0) : 0;
    query->reset();
    if (version == schema_version) return migrate_target(connection, allowed);
    if (version > schema_version) {
      return fail(ErrorKind::invalid,
                  fmt::format("{}: a later version of Baton has upgraded this repository to schema {}; this one "
                              "knows schema {}: run the later version",
                              connection.path(), version, schema_version));
    }
  }
  BATON_TRY(const JobKeyFormat found, spring_batch_generation(connection));
  const char* sequence = wanted.value_or(found) == JobKeyFormat::spring_batch_6 ? sequence_of_6 : sequence_of_5;
  // Whoever made the tables from the message below left the repository's own row to us.
  if (!allowed && !there) {
    return missing(connection, std::string(spring_batch_tables) + sequence + "\n" + repository_tables + target_tables);
  }
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection));
  if (allowed) {
    BATON_CHECK(connection.execute(spring_batch_tables));
    BATON_CHECK(connection.execute(sequence));
    BATON_CHECK(connection.execute(repository_tables));
    BATON_CHECK(connection.execute(target_tables));
  }
  BATON_TRY(SqliteStatement * insert,
            connection.prepare("INSERT INTO baton_repository (schema_version, repository_id, applied_at) "
                               "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"));
  BATON_CHECK(insert->bind(1, std::int64_t{schema_version})
                  .bind(2, std::string_view(uuid(random)))
                  .bind(3, std::string_view(time_text(now)))
                  .run());
  BATON_CHECK(transaction.commit());
  return migrate_target(connection, allowed);
}

Status migrate_target(SqliteConnection& connection, bool allowed) {
  bool complete = true;
  for (const char* table : {"baton_fence", "baton_progress", "baton_reject"}) {
    BATON_TRY(const bool there, has_table(connection, table));
    complete = complete && there;
  }
  if (complete) return {};
  if (!allowed) return missing(connection, target_tables);
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection));
  BATON_CHECK(connection.execute(target_tables));
  return transaction.commit();
}

}  // namespace baton
