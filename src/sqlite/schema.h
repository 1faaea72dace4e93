// The tables of a job repository and of a database that jobs write to, in SQLite.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "batch/job_parameters.h"
#include "baton/result.h"
#include "sqlite/connection.h"

#include <optional>

namespace baton {

// Creates or upgrades the repository's tables, version after version: Spring Batch 5's six, and Baton's own. In one
// transaction under the file's write lock, so that any number of replicas may start at once. With `allowed` false:
// `invalid`, with the DDL in the message, where something is missing. `invalid` for a later version's.
// `wanted`: the generation of Spring Batch that the tables must be of; absent: what is there, else 5. `invalid` where
// the tables are of the other one.
Status migrate_repository(SqliteConnection& connection, bool allowed, Random& random, WallTime now,
                          std::optional<JobKeyFormat> wanted = std::nullopt);

// Whether it would make or upgrade something, with the same errors about what is there; changes nothing.
Result<bool> repository_needs_migration(SqliteConnection& connection,
                                        std::optional<JobKeyFormat> wanted = std::nullopt);

// `invalid` unless the repository's tables are of this version.
Status check_repository_schema(SqliteConnection& connection);

// The generation that the repository's tables are of: 6 renamed the sequence of job instances.
Result<JobKeyFormat> spring_batch_generation(SqliteConnection& connection);

// The same for baton_fence, baton_progress and baton_reject.
Status migrate_target(SqliteConnection& connection, bool allowed);

// True if the file holds a job repository.
Result<bool> has_repository(SqliteConnection& connection);

}  // namespace baton
