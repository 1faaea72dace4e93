// Which stores a configuration means: the one place that picks them.
#pragma once

#include "app/open_database.h"
#include "app/repository_access.h"
#include "app/store_dynamodb.h"
#include "app/store_postgres.h"
#include "base/random.h"
#include "batch/repository.h"
#include "config/config.h"
#include "lease/lease_store.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace baton {

// Called on every store that is opened; a test wraps them, the program does not. What is given by reference outlives
// what is returned.
struct StoreHooks {
  std::function<std::unique_ptr<LeaseStore>(std::unique_ptr<LeaseStore>)> lease_store;
  std::function<std::unique_ptr<Executions>(Executions&)> executions;
  std::function<std::unique_ptr<RepositoryRecord>(RepositoryRecord&)> record;
  std::function<std::unique_ptr<Database>(Database&)> database;
};

class Stores;

// The connections of one thread that runs a job. Used by one thread.
class RunStores {
 public:
  Executions& executions() { return executions_ ? *executions_ : repository_->executions(); }
  RepositoryRecord& record() { return record_ ? *record_ : repository_->record(); }
  Replicas& replicas() { return repository_->replicas(); }
  JobKeyFormat key_format() const { return repository_->key_format(); }
  Database& repository() { return database_ ? *database_ : repository_->database(); }
  // The database of a named connection; of the repository where no name is given. REQUIRES: it was opened for the job.
  Database& target(const std::optional<Placed<std::string>>& connection);
  // The same `count` times, each over a connection of its own, for as many threads; the first one is target()'s.
  Result<std::vector<Database*>> writers(const std::optional<Placed<std::string>>& connection, int count);
  // One of each database but the repository's.
  std::vector<Database*> targets();
  // False once one of them must be opened anew: what is written to a file that was deleted would be lost.
  bool usable() const;

 private:
  friend class Stores;

  struct Target {
    OpenDatabase opened;
    std::unique_ptr<Database> hooked;
    Database& database() const { return hooked ? *hooked : *opened.database; }
  };

  const Stores* stores_ = nullptr;
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<Executions> executions_;  // of the hooks, as the next two
  std::unique_ptr<RepositoryRecord> record_;
  std::unique_ptr<Database> database_;
  std::vector<std::unique_ptr<Target>> opened_;
  std::map<std::string, Database*> targets_;               // by the connection's name
  std::map<std::string, std::vector<Database*>> writers_;  // beyond the first, by the connection's name
};

// Thread-safe: each method makes connections of its own.
class Stores {
 public:
  Stores(const Config& config, Clock& clock, Random& random, StoreHooks hooks, StoreNotices notices = {})
      : config_(config),
        clock_(clock),
        random_(random),
        hooks_(std::move(hooks)),
        postgres_(config.repository, random),
        dynamodb_(config, clock, random, std::move(notices)) {}

  // `invalid`, with the place, where the configuration names stores that cannot be used together.
  Status check_supported() const;

  // False where trying again later may help to open it, whatever its error says: it cannot even be made now.
  bool repository_reachable() const;

  Result<std::unique_ptr<Repository>> repository(RepositoryAccess access) const;
  // Null where there is none yet. REQUIRES: not RepositoryAccess::create
  Result<std::unique_ptr<Repository>> find_repository(RepositoryAccess access) const;
  Result<std::unique_ptr<LeaseStore>> lease_store() const;
  // For who tries again anyway: a table in DynamoDB is first tried by the calls of the store.
  Result<std::unique_ptr<LeaseStore>> untried_lease_store() const;
  // For people: where the leases are.
  std::string lease_store_shown() const;
  // False where its file is not there.
  bool lease_store_reachable() const;
  // Null where there is none yet; a table in DynamoDB that is missing is `invalid`.
  Result<std::unique_ptr<LeaseStore>> find_lease_store() const;
  // What identity() of the lease store in DynamoDB says, without a call. REQUIRES: locks.dynamodb
  Result<std::string> dynamodb_identity() const { return dynamodb_.identity(); }
  // Hears of changes (P6) where stores tell of them, until what is returned is destroyed; null where none does.
  Result<std::shared_ptr<void>> listen(const ChangeHooks& hooks) const;
  Result<std::unique_ptr<RunStores>> open_run(const JobConfig& job) const;
  // A database that only the record names.
  Result<std::unique_ptr<Database>> open_recorded(const std::string& identity) const;
  // Empty: the repository's database.
  const DatabaseConfig& database_of(const std::string& connection) const;
  // A session for a look at a PostgreSQL database as it is; makes nothing there. Of the store `config` itself, or of a
  // connection ("": the repository's database) with Baton's tables where a job that writes to it has them.
  Result<std::unique_ptr<PgSession>> pg_look(const DatabaseConfig& config) const;
  Result<std::unique_ptr<PgSession>> pg_look(const std::string& connection) const;
  // Makes what the repository, the lease store and the databases that jobs write to lack. A line for each change, by
  // what it was done in ("repository", "connection \"warehouse\""), in this order.
  Result<std::vector<std::pair<std::string, std::vector<std::string>>>> migrate() const;
  // Hands over the reject log of every database of the configuration that is there, each once; an error ends it.
  Status each_reject_log(Repository& repository, const std::function<Status(RejectLog&)>& take) const;
  // What runs have left in the databases that jobs write to, but the one of that identity, each once.
  TracesElsewhere open_traces(const std::string& but) const;
  // A line for each database whose only writer may be held up, with the process that writes to it now.
  std::vector<std::string> writers_now() const;

 private:
  friend class RunStores;

  bool in_postgres() const { return config_.repository.database.kind == DatabaseKind::postgresql; }
  // Empty: the repository's database.
  Result<std::unique_ptr<RunStores::Target>> open_target(const std::string& name) const;
  Result<std::unique_ptr<LeaseStore>> open_leases(Migrate migrate) const;
  std::unique_ptr<LeaseStore> hooked(std::unique_ptr<LeaseStore> store) const;
  Result<bool> make_leases() const;
  Status add_target(RunStores& stores, const std::string& name) const;

  const Config& config_;
  Clock& clock_;
  Random& random_;
  StoreHooks hooks_;
  mutable PostgresStores postgres_;
  mutable DynamoStores dynamodb_;
};

// The names of the connections that a job's steps write to; an empty one is the repository's database.
std::vector<std::optional<Placed<std::string>>> connections_of(const JobConfig& job);

// The named ones of all jobs.
std::set<std::string> written_connections(const Config& config);

}  // namespace baton
