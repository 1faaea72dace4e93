#include "postgres/target_tables.h"

namespace baton {

const std::vector<PgTableText>& pg_target_tables() {
  static const std::vector<PgTableText> tables{
      {"baton_fence", R"sql(CREATE TABLE {}.baton_fence (
  repository_id text NOT NULL,
  job text NOT NULL,
  fence bigint NOT NULL,
  PRIMARY KEY (repository_id, job)))sql"},
      {"baton_progress", R"sql(CREATE TABLE {}.baton_progress (
  repository_id text NOT NULL,
  instance_id bigint NOT NULL,
  step text NOT NULL,
  job text NOT NULL,
  revision bigint NOT NULL,
  low_water text NOT NULL,
  ranges text NOT NULL,
  counts text NOT NULL,
  input text NOT NULL,
  fingerprint text NOT NULL,
  input_done boolean NOT NULL,
  closing_done integer NOT NULL,
  complete boolean NOT NULL,
  step_execution_id bigint NOT NULL,
  counts_before text NOT NULL,
  PRIMARY KEY (repository_id, instance_id, step)))sql"},
      {"baton_reject", R"sql(CREATE TABLE {}.baton_reject (
  reject_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  repository_id text NOT NULL,
  job text NOT NULL,
  instance_id bigint NOT NULL,
  step text NOT NULL,
  job_execution_id bigint NOT NULL,
  phase text NOT NULL,
  record bigint NOT NULL,
  line bigint NOT NULL,
  column_name text,
  value text,
  reason text NOT NULL,
  raw text NOT NULL))sql"},
      {"baton_reject_step", "CREATE INDEX baton_reject_step ON {}.baton_reject (repository_id, instance_id, step)"},
  };
  return tables;
}

}  // namespace baton
