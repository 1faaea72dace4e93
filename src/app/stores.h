// Which stores a configuration means: the one place that picks them.
#pragma once

#include "base/random.h"
#include "batch/control.h"
#include "batch/database.h"
#include "batch/executions.h"
#include "batch/reject_log.h"
#include "batch/replicas.h"
#include "batch/repository_record.h"
#include "config/config.h"
#include "lease/lease_store.h"
#include "sqlite/connection.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace baton {

// Called on every store that is opened; a test wraps them, the program does not.
struct StoreHooks {
  std::function<std::unique_ptr<LeaseStore>(std::unique_ptr<LeaseStore>)> lease_store;
  std::function<std::unique_ptr<Executions>(std::unique_ptr<Executions>)> executions;
  std::function<std::unique_ptr<RepositoryRecord>(std::unique_ptr<RepositoryRecord>)> record;
  std::function<std::unique_ptr<Database>(std::unique_ptr<Database>)> database;
};

// The connections of one thread that runs a job. Used by one thread.
class RunStores {
 public:
  Executions& executions() { return *executions_; }
  RepositoryRecord& record() { return *record_; }
  Replicas& replicas() { return *replicas_; }
  JobKeyFormat key_format() const { return key_format_; }
  Database& repository() { return *databases_.at(repository_); }
  // The database of a named connection; of the repository where no name is given. REQUIRES: it was opened for the job.
  Database& target(const std::optional<Placed<std::string>>& connection);
  std::vector<Database*> targets();
  // False once a file of theirs was deleted or moved: what is written to it would be lost.
  bool usable() const;

 private:
  friend class Stores;

  std::vector<std::unique_ptr<SqliteConnection>> connections_;
  std::string repository_;                                      // identity
  std::map<std::string, std::string> names_;                    // connection's name → identity
  std::map<std::string, std::unique_ptr<Database>> databases_;  // by identity
  JobKeyFormat key_format_ = JobKeyFormat::spring_batch_5;
  std::unique_ptr<Executions> executions_;
  std::unique_ptr<RepositoryRecord> record_;
  std::unique_ptr<Replicas> replicas_;
};

enum class RepositoryAccess {
  create,     // made where it is missing, upgraded where it is older
  existing,   // `invalid` where it is missing, upgraded where it is older
  read_only,  // never written to; `invalid` where it is missing or older
};

// Thread-safe: each method makes connections of its own.
class Stores {
 public:
  Stores(const Config& config, Clock& clock, Random& random, StoreHooks hooks)
      : config_(config), clock_(clock), random_(random), hooks_(std::move(hooks)) {}

  // `invalid`, with the place, where the configuration names a store that this version cannot use.
  Status check_supported() const;

  // Where the repository is, and whether it is there already.
  const std::string& repository_path() const { return config_.repository.database.path.value; }
  bool repository_exists() const;
  // False where it is not there, and cannot be made now.
  bool repository_reachable() const;

  Result<std::unique_ptr<SqliteConnection>> repository(RepositoryAccess access) const;
  Result<std::unique_ptr<LeaseStore>> lease_store() const;
  bool lease_store_exists() const;
  Result<std::unique_ptr<RunStores>> open_run(const JobConfig& job) const;
  // A database that only the record names.
  Result<std::unique_ptr<Database>> open_recorded(const std::string& identity) const;
  // Every database file of the configuration that exists, once.
  std::vector<std::string> database_paths() const;

 private:
  Status add_database(RunStores& stores, const DatabaseConfig& database, const std::string& name,
                      bool repository) const;

  const Config& config_;
  Clock& clock_;
  Random& random_;
  StoreHooks hooks_;
};

// The names of the connections that a job's steps write to; an empty one is the repository's database.
std::vector<std::optional<Placed<std::string>>> connections_of(const JobConfig& job);

}  // namespace baton
