#include "postgres/repository_tables.h"

#include "postgres/connection.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr std::string_view key = "BIGINT NOT NULL PRIMARY KEY";

std::vector<SpringTable> make_spring_tables() {
  return {
      {"batch_job_instance",
       {{"job_instance_id", key},
        {"version", "BIGINT"},
        {"job_name", "VARCHAR(100) NOT NULL"},
        {"job_key", "VARCHAR(32) NOT NULL"}},
       "CONSTRAINT job_inst_un UNIQUE (job_name, job_key)",
       ""},
      {"batch_job_execution",
       {{"job_execution_id", key},
        {"version", "BIGINT"},
        {"job_instance_id", "BIGINT NOT NULL"},
        {"create_time", "TIMESTAMP NOT NULL"},
        {"start_time", "TIMESTAMP DEFAULT NULL"},
        {"end_time", "TIMESTAMP DEFAULT NULL"},
        {"status", "VARCHAR(10)"},
        {"exit_code", "VARCHAR(2500)"},
        {"exit_message", "VARCHAR(2500)"},
        {"last_updated", "TIMESTAMP"}},
       "CONSTRAINT job_inst_exec_fk FOREIGN KEY (job_instance_id) REFERENCES {}.batch_job_instance (job_instance_id)",
       "job_instance_id"},
      {"batch_job_execution_params",
       {{"job_execution_id", "BIGINT NOT NULL"},
        {"parameter_name", "VARCHAR(100) NOT NULL"},
        {"parameter_type", "VARCHAR(100) NOT NULL"},
        {"parameter_value", "VARCHAR(2500)"},
        {"identifying", "CHAR(1) NOT NULL"}},
       "CONSTRAINT job_exec_params_fk FOREIGN KEY (job_execution_id) REFERENCES {}.batch_job_execution "
       "(job_execution_id)",
       "job_execution_id"},
      {"batch_step_execution",
       {{"step_execution_id", key},
        {"version", "BIGINT NOT NULL"},
        {"step_name", "VARCHAR(100) NOT NULL"},
        {"job_execution_id", "BIGINT NOT NULL"},
        {"create_time", "TIMESTAMP NOT NULL"},
        {"start_time", "TIMESTAMP DEFAULT NULL"},
        {"end_time", "TIMESTAMP DEFAULT NULL"},
        {"status", "VARCHAR(10)"},
        {"commit_count", "BIGINT"},
        {"read_count", "BIGINT"},
        {"filter_count", "BIGINT"},
        {"write_count", "BIGINT"},
        {"read_skip_count", "BIGINT"},
        {"write_skip_count", "BIGINT"},
        {"process_skip_count", "BIGINT"},
        {"rollback_count", "BIGINT"},
        {"exit_code", "VARCHAR(2500)"},
        {"exit_message", "VARCHAR(2500)"},
        {"last_updated", "TIMESTAMP"}},
       "CONSTRAINT job_exec_step_fk FOREIGN KEY (job_execution_id) REFERENCES {}.batch_job_execution "
       "(job_execution_id)",
       "job_execution_id, step_name"},
      {"batch_step_execution_context",
       {{"step_execution_id", key}, {"short_context", "VARCHAR(2500) NOT NULL"}, {"serialized_context", "TEXT"}},
       "CONSTRAINT step_exec_ctx_fk FOREIGN KEY (step_execution_id) REFERENCES {}.batch_step_execution "
       "(step_execution_id)",
       ""},
      {"batch_job_execution_context",
       {{"job_execution_id", key}, {"short_context", "VARCHAR(2500) NOT NULL"}, {"serialized_context", "TEXT"}},
       "CONSTRAINT job_exec_ctx_fk FOREIGN KEY (job_execution_id) REFERENCES {}.batch_job_execution "
       "(job_execution_id)",
       ""},
  };
}

}  // namespace

const std::vector<SpringTable>& spring_tables() {
  static const std::vector<SpringTable> tables = make_spring_tables();
  return tables;
}

std::vector<SpringSequence> spring_sequences(JobKeyFormat format) {
  const bool six = format == JobKeyFormat::spring_batch_6;
  return {{six ? "batch_job_instance_seq" : "batch_job_seq", "batch_job_instance", "job_instance_id"},
          {"batch_job_execution_seq", "batch_job_execution", "job_execution_id"},
          {"batch_step_execution_seq", "batch_step_execution", "step_execution_id"}};
}

std::string create_spring_table(const SpringTable& table, const std::string& quoted_schema) {
  std::string sql = fmt::format("CREATE TABLE {}.{} (", quoted_schema, table.name);
  for (const SpringColumn& column : table.columns) sql += fmt::format("\n  {} {},", column.name, column.type);
  sql += fmt::format("\n  {})", fmt::format(fmt::runtime(table.constraint), quoted_schema));
  if (!table.indexed.empty()) {
    sql += fmt::format(";\nCREATE INDEX baton_{} ON {}.{} ({})", table.name, quoted_schema, table.name, table.indexed);
  }
  return sql;
}

// Where rows are there already, it goes on after their ids.
std::string create_spring_sequence(const SpringSequence& sequence, const std::string& quoted_schema) {
  const std::string name = fmt::format("{}.{}", quoted_schema, sequence.name);
  return fmt::format(
      "CREATE SEQUENCE {} MAXVALUE 9223372036854775807 NO CYCLE;\n"
      "SELECT setval({}, max({})) FROM {}.{} HAVING max({}) IS NOT NULL",
      name, PgConnection::quoted_text(name), sequence.id, quoted_schema, sequence.table, sequence.id);
}

const std::vector<PgTableText>& pg_repository_tables() {
  static const std::vector<PgTableText> tables{
      {"baton_repository", R"sql(CREATE TABLE {}.baton_repository (
  schema_version integer PRIMARY KEY,
  repository_id text NOT NULL,
  applied_at timestamptz NOT NULL,
  lease_store text,
  executions_checked bigint NOT NULL DEFAULT 0,
  steps_checked bigint NOT NULL DEFAULT 0))sql"},
      {"baton_job", R"sql(CREATE TABLE {}.baton_job (
  job text PRIMARY KEY,
  first_seen timestamptz NOT NULL,
  phase timestamptz,
  last_due timestamptz,
  stop_instance bigint,
  stop_by text,
  stop_at timestamptz,
  paused_by text,
  paused_reason text,
  paused_at timestamptz,
  paused_until timestamptz,
  request_id text,
  request_kind text,
  request_by text,
  request_at timestamptz,
  request_parameters text,
  request_even_paused boolean,
  request_after_instance bigint,
  answer_id text,
  answer_text text,
  offered_to text,
  offered_by text,
  offered_at timestamptz))sql"},
      {"baton_job_database", R"sql(CREATE TABLE {}.baton_job_database (
  job text NOT NULL,
  database text NOT NULL,
  PRIMARY KEY (job, database)))sql"},
      {"baton_replica", R"sql(CREATE TABLE {}.baton_replica (
  id text PRIMARY KEY,
  pid bigint NOT NULL,
  tokens bigint NOT NULL,
  owned bigint NOT NULL,
  jobs bigint NOT NULL,
  config_hash text NOT NULL,
  counter bigint NOT NULL,
  heartbeat_ms bigint NOT NULL,
  leaving boolean NOT NULL,
  started_at timestamptz NOT NULL,
  beat_at timestamptz NOT NULL))sql"},
      {"baton_execution", R"sql(CREATE TABLE {}.baton_execution (
  job_execution_id bigint PRIMARY KEY,
  job text NOT NULL,
  fence bigint,
  replica text NOT NULL DEFAULT '',
  reason text,
  missed bigint NOT NULL DEFAULT 0,
  request text,
  ended_by text,
  created_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  open boolean NOT NULL))sql"},
      {"baton_alert", R"sql(CREATE TABLE {}.baton_alert (
  alert_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  subject text NOT NULL,
  message text NOT NULL,
  first_seen timestamptz NOT NULL,
  last_seen timestamptz NOT NULL,
  seen bigint NOT NULL,
  notified_at timestamptz NOT NULL,
  resolved_at timestamptz,
  teller text NOT NULL,
  told_at timestamptz))sql"},
      {"baton_alert_open",
       "CREATE UNIQUE INDEX baton_alert_open ON {}.baton_alert (kind, subject) WHERE resolved_at IS NULL"},
      {"baton_alert_untold",
       "CREATE INDEX baton_alert_untold ON {}.baton_alert (kind, subject) WHERE told_at IS NULL OR told_at < "
       "notified_at"},
      {"baton_monitor", R"sql(CREATE TABLE {}.baton_monitor (
  monitor text PRIMARY KEY,
  replica text NOT NULL,
  every_ms bigint NOT NULL,
  passed_at timestamptz NOT NULL))sql"},
      {"baton_execution_open", "CREATE INDEX baton_execution_open ON {}.baton_execution (job_execution_id) WHERE open"},
      {"baton_execution_request",
       "CREATE INDEX baton_execution_request ON {}.baton_execution (request) WHERE request IS NOT NULL"},
  };
  return tables;
}

}  // namespace baton
