// The tables of a job repository and of a database that jobs write to, in PostgreSQL.
#pragma once

#include "base/random.h"
#include "batch/job_parameters.h"
#include "baton/result.h"
#include "postgres/session.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

enum class PgMigrate {
  automatic,  // creates and upgrades what is missing
  never,      // `invalid`, with the DDL in the message, where something is missing
};

// A part that is missing.
struct PgMissing {
  std::string what;  // "created baton_fence", once it is made
  std::string sql;
};

// What a migration did, a line for each change: "created schema datasync", "created baton_fence". Empty: nothing.
using PgChanges = std::vector<std::string>;

// baton_fence, baton_progress, baton_reject in the session's schema of tables, which is made too where it is missing.
// Under an advisory lock of the database, so that any number of replicas may start at once.
Result<PgChanges> migrate_pg_target(PgSession& session, PgMigrate migrate);

// What it would make now, in this order; changes nothing.
Result<std::vector<PgMissing>> missing_in_pg_target(PgSession& session);

// Those, Spring Batch's six tables and three sequences, and Baton's own. Tables that Spring Boot or Flyway made are
// adopted as they are. `wanted`: the generation of Spring Batch that they must be of; absent: what is there, else 5.
// `invalid` where they are of the other one, where a table is not Spring Batch's, and for a later version's.
Result<PgChanges> migrate_pg_repository(PgSession& session, PgMigrate migrate, Random& random,
                                        std::optional<JobKeyFormat> wanted);

// What it would make now beyond migrate_pg_target, with the same errors; changes nothing.
Result<std::vector<PgMissing>> missing_in_pg_repository(PgSession& session, std::optional<JobKeyFormat> wanted);

// `invalid` unless a repository of this version is there; changes nothing.
Status check_pg_repository_schema(PgSession& session);

// False where the schema or Baton's repository tables are missing.
Result<bool> has_pg_repository(PgSession& session);

// 6 where the sequence of job instances is BATCH_JOB_INSTANCE_SEQ.
Result<JobKeyFormat> pg_spring_batch_generation(PgSession& session);

}  // namespace baton
