// What is in the schema of Baton's and Spring Batch's tables, for `baton doctor`.
#pragma once

#include "batch/retention.h"
#include "postgres/schema.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

enum class PgTablesOf {
  leases,      // a lease store alone
  target,      // a database that jobs write to
  repository,  // that, and the job repository
};

struct PgSchemaFacts {
  std::string schema;
  bool exists = false;
  bool may_make_schema = false;             // CREATE on the database
  std::vector<PgMissing> missing;           // of Baton's tables
  std::vector<std::string> missing_grants;  // the statements that give the role what it lacks on what is there
};

// `session` has the tables of its schema(). `kept`: what is deleted of them after a time; privileges for that are asked
// for only where there is such a time. Errors as migrate_pg_repository's, for tables of another version or generation.
Result<PgSchemaFacts> read_pg_schema(PgSession& session, PgTablesOf of, std::optional<JobKeyFormat> wanted,
                                     const RetentionAges& kept = {});

// A schema in which tables are looked up by name.
struct PgSearchedSchema {
  bool exists = false;
  bool usable = false;  // USAGE
};

Result<PgSearchedSchema> read_pg_searched_schema(PgConnection& connection, const std::string& schema);

// Spring Batch's tables in a schema.
struct PgSpringFacts {
  int tables = 0;  // of its six
  JobKeyFormat generation = JobKeyFormat::spring_batch_5;
  bool adopted = false;                  // made by another program than Baton
  std::vector<std::string> recommended;  // statements for indexes that are missing
  std::int64_t job_executions = 0;       // about
};

Result<PgSpringFacts> read_pg_spring(PgSession& session);

}  // namespace baton
