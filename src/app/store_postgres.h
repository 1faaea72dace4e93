// The stores of a configuration that are PostgreSQL databases.
#pragma once

#include "app/open_database.h"
#include "app/repository_access.h"
#include "base/random.h"
#include "batch/reject_log.h"
#include "batch/repository.h"
#include "lease/lease_store.h"
#include "postgres/session.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// `application` is what the server's administrators see it as. `invalid` for a URL that cannot be read.
Result<PgSettings> settings_of(const DatabaseConfig& config, const std::string& application = "baton");

// Called on a thread of their own; they return at once.
struct ChangeHooks {
  std::function<void()> leases;
  std::function<void()> repository;
  std::function<void(const std::string&)> cannot;  // why changes are not heard of, for now
};

// Thread-safe. Every error names the place of the URL; the caller names the connection.
class PostgresStores {
 public:
  // Both outlive it.
  PostgresStores(const RepositoryConfig& repository, Random& random) : repository_(repository), random_(random) {}

  Result<std::unique_ptr<Repository>> open_repository(RepositoryAccess access);
  // Null where there is none and `access` makes none. One connection, as each of these.
  Result<std::unique_ptr<Repository>> find_repository(RepositoryAccess access);

  Result<std::unique_ptr<LeaseStore>> open_leases(const DatabaseConfig& config, Migrate migrate);
  Result<std::unique_ptr<LeaseStore>> find_leases(const DatabaseConfig& config, Migrate migrate);  // null: none

  // Hears of changes (P6) in the schema of a connection, until what is returned is destroyed; on a thread of its own.
  // `invalid` for a URL that cannot be read.
  static Result<std::shared_ptr<void>> listen(const DatabaseConfig& config, const ChangeHooks& hooks);

  // A connection that jobs write to. Where it leads to the repository's database with the repository's role, Baton's
  // tables are those of the repository, so that a chunk is one transaction with the metadata; else they are in its own
  // schema, and made there where they are missing.
  Result<OpenDatabase> open_target(const DatabaseConfig& config);

  // A session with a database as it is, for a look: nothing is made there. Baton's tables are where its own schema
  // says, or where open_target has them.
  Result<std::unique_ptr<PgSession>> open_look(const DatabaseConfig& config);
  Result<std::unique_ptr<PgSession>> open_target_look(const DatabaseConfig& config);

  // Of such a connection; changes nothing.
  Result<OpenRejects> open_rejects(const DatabaseConfig& config);
  Result<OpenTraces> open_traces(const DatabaseConfig& config);

  // Makes what a connection's database lacks, or the repository's; a line for each change.
  Result<std::vector<std::string>> migrate_target(const DatabaseConfig& config);
  Result<std::vector<std::string>> migrate_repository();

 private:
  struct Home {
    std::string identity;
    std::string role;
    std::string schema;
  };

  // The repository over this session, which it takes; null where there is none and `access` makes none.
  Result<std::unique_ptr<Repository>> repository_in(std::unique_ptr<PgSession>& session, RepositoryAccess access);
  // Where the repository is; it is connected to once.
  Result<Home> home();
  Result<Home> home_of(PgSession& session);
  // The schema of Baton's tables in a connection's database; "": the first of its search path.
  Result<std::string> tables_of(const DatabaseConfig& config);

  const RepositoryConfig& repository_;
  Random& random_;
  std::mutex mutex_;
  std::optional<Home> home_;
  std::map<const DatabaseConfig*, std::string> tables_;
};

}  // namespace baton
