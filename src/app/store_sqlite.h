// The stores of a configuration that are SQLite files.
#pragma once

#include "app/open_database.h"
#include "app/repository_access.h"
#include "base/clock.h"
#include "base/random.h"
#include "batch/repository.h"
#include "lease/lease_store.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

Result<std::unique_ptr<Repository>> open_sqlite_repository(const RepositoryConfig& config, RepositoryAccess access,
                                                           const Clock& clock, Random& random);

// False where there is no file, or one without any table: a repository's tables come all at once.
Result<bool> sqlite_repository_exists(const std::string& path);

// False where the file is not there and cannot be made now.
bool sqlite_reachable(const std::string& path);

Result<std::unique_ptr<LeaseStore>> open_sqlite_leases(const std::string& path, Random& random);

// Makes the file and Baton's tables in it where they are missing.
Result<OpenDatabase> open_sqlite_target(const std::string& path, Migrate migrate);

// A file that only the record names; never made.
Result<std::unique_ptr<Database>> open_recorded_sqlite(const std::string& identity, Migrate migrate);

// Makes what they lack; a line for each table that was not there before.
Result<std::vector<std::string>> migrate_sqlite_repository(const RepositoryConfig& config, const Clock& clock,
                                                           Random& random);
Result<std::vector<std::string>> migrate_sqlite_target(const std::string& path);

// Null where the file is not there.
Result<OpenRejects> open_sqlite_rejects(const std::string& path);

// The same, to be written.
Result<OpenTraces> open_sqlite_traces(const std::string& path);

bool file_exists(const std::string& path);

// The process that writes to the file now; absent where nobody does. One that was stopped inside a transaction holds up
// all other writers of that file: people need its id (P9).
std::optional<int> sqlite_writer(const std::string& path);

}  // namespace baton
