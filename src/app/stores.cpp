#include "app/stores.h"

#include "sqlite/database.h"
#include "sqlite/lease_store.h"
#include "sqlite/replicas.h"
#include "sqlite/repository.h"
#include "sqlite/schema.h"
#include "sqlite/table_writer.h"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

namespace baton {
namespace {

ContextFormat context_format(Contexts contexts) {
  switch (contexts) {
    case Contexts::base64_java: return ContextFormat::base64_java;
    case Contexts::jackson2: return ContextFormat::jackson2;
    case Contexts::jackson3: return ContextFormat::jackson3;
    case Contexts::none: return ContextFormat::none;
  }
  return ContextFormat::none;
}

std::optional<JobKeyFormat> generation(SpringBatch spring_batch) {
  switch (spring_batch) {
    case SpringBatch::automatic: return std::nullopt;
    case SpringBatch::five: return JobKeyFormat::spring_batch_5;
    case SpringBatch::six: return JobKeyFormat::spring_batch_6;
  }
  return std::nullopt;
}

template <class T>
std::unique_ptr<T> hooked(const std::function<std::unique_ptr<T>(std::unique_ptr<T>)>& hook, std::unique_ptr<T> store) {
  return hook ? hook(std::move(store)) : std::move(store);
}

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

Status unsupported(const DatabaseConfig& database, const Place& place) {
  if (database.kind == DatabaseKind::sqlite) return {};
  return fail(
      ErrorKind::invalid,
      fmt::format("{}: {} is a PostgreSQL database, which this version can check but not use yet: name a sqlite: "
                  "URL",
                  place.text(), database.shown));
}

// A long transaction of a job would keep the renewals out of the file.
Status apart(const DatabaseConfig& locks, const DatabaseConfig& database, const std::string& whose) {
  if (locks.path.value != database.path.value) return {};
  return fail(ErrorKind::invalid, fmt::format("{}: {} is the database of {} too: leases need a file of their own",
                                              locks.path.place.text(), locks.shown, whose));
}

}  // namespace

std::vector<std::optional<Placed<std::string>>> connections_of(const JobConfig& job) {
  std::vector<std::optional<Placed<std::string>>> names;
  for (const StepConfig& step : job.steps) {
    if (const auto* load = std::get_if<LoadConfig>(&step.work)) names.push_back(load->write.connection);
    if (const auto* sql = std::get_if<SqlConfig>(&step.work)) names.push_back(sql->connection);
  }
  return names;
}

Database& RunStores::target(const std::optional<Placed<std::string>>& connection) {
  return *databases_.at(connection ? names_.at(connection->value) : repository_);
}

std::vector<Database*> RunStores::targets() {
  std::vector<Database*> targets;
  for (const auto& [identity, database] : databases_) {
    if (identity != repository_) targets.push_back(database.get());
  }
  return targets;
}

bool RunStores::usable() const {
  return std::none_of(connections_.begin(), connections_.end(),
                      [](const auto& connection) { return connection->file_has_moved(); });
}

Status Stores::check_supported() const {
  BATON_CHECK(unsupported(config_.repository.database, config_.repository.database.url.place));
  BATON_CHECK(unsupported(config_.locks.database, config_.locks.database.url.place));
  BATON_CHECK(apart(config_.locks.database, config_.repository.database, "the job repository"));
  for (const auto& [name, connection] : config_.connections) {
    BATON_CHECK(unsupported(connection, connection.url.place));
    BATON_CHECK(apart(config_.locks.database, connection, "connection \"" + *name + "\""));
  }
  return {};
}

bool Stores::repository_exists() const { return exists(repository_path()); }

bool Stores::repository_reachable() const {
  return repository_exists() || SqliteConnection::open(repository_path(), SqliteAccess::create).has_value();
}

bool Stores::lease_store_exists() const { return exists(config_.locks.database.path.value); }

Result<std::unique_ptr<SqliteConnection>> Stores::repository(RepositoryAccess access) const {
  const SqliteAccess how = access == RepositoryAccess::create     ? SqliteAccess::create
                           : access == RepositoryAccess::existing ? SqliteAccess::read_write
                                                                  : SqliteAccess::read_only;
  BATON_TRY(auto connection, SqliteConnection::open(repository_path(), how));
  if (access != RepositoryAccess::create) {
    BATON_TRY(const bool there, has_repository(*connection));
    if (!there) {
      return fail(
          ErrorKind::invalid,
          fmt::format("{} holds no job repository: check repository.url, or run a job first", repository_path()));
    }
  }
  if (access == RepositoryAccess::read_only) {
    BATON_CHECK(check_repository_schema(*connection));
  } else {
    BATON_CHECK(migrate_repository(*connection, config_.repository.migrate == Migrate::automatic, random_,
                                   clock_.wall_now(), generation(config_.repository.spring_batch)));
  }
  return connection;
}

Result<std::unique_ptr<LeaseStore>> Stores::lease_store() const {
  BATON_TRY(auto store, SqliteLeaseStore::open(config_.locks.database.path.value, random_));
  return hooked<LeaseStore>(hooks_.lease_store, std::move(store));
}

Status Stores::add_database(RunStores& stores, const DatabaseConfig& config, const std::string& name,
                            bool repository) const {
  auto connection = repository ? this->repository(RepositoryAccess::create)
                               : SqliteConnection::open(config.path.value, SqliteAccess::create);
  if (!connection) {
    Error error = connection.error();
    if (!repository) error.message = fmt::format("connection \"{}\": {}", name, error.message);
    return fail(std::move(error));
  }
  BATON_TRY(std::string identity, sqlite_identity(config.path.value));
  if (!repository) stores.names_[name] = identity;
  if (stores.databases_.contains(identity)) return {};
  if (!repository) BATON_CHECK(migrate_target(**connection, config_.repository.migrate == Migrate::automatic));
  BATON_CHECK(tune_for_writing(**connection));
  auto database = std::make_unique<SqliteDatabase>(**connection, identity);
  stores.databases_[identity] = hooked<Database>(hooks_.database, std::move(database));
  stores.connections_.push_back(std::move(*connection));
  return {};
}

Result<std::unique_ptr<RunStores>> Stores::open_run(const JobConfig& job) const {
  auto stores = std::make_unique<RunStores>();
  BATON_CHECK(add_database(*stores, config_.repository.database, "", true));
  BATON_TRY(stores->repository_, sqlite_identity(repository_path()));
  SqliteConnection& connection = *stores->connections_.front();
  BATON_TRY(stores->key_format_, spring_batch_generation(connection));
  BATON_TRY(auto record, SqliteRepositoryRecord::open(connection));
  stores->record_ = hooked<RepositoryRecord>(hooks_.record, std::move(record));
  stores->executions_ = hooked<Executions>(
      hooks_.executions,
      std::make_unique<SqliteExecutions>(connection, clock_, context_format(config_.repository.contexts)));
  stores->replicas_ = std::make_unique<SqliteReplicas>(connection, clock_);
  for (const auto& name : connections_of(job)) {
    if (name) BATON_CHECK(add_database(*stores, *config_.connection(name->value), name->value, false));
  }
  return stores;
}

Result<std::unique_ptr<Database>> Stores::open_recorded(const std::string& identity) const {
  BATON_TRY(const std::string path, sqlite_path(identity));
  BATON_TRY(auto connection, SqliteConnection::open(path, SqliteAccess::read_write));
  BATON_CHECK(migrate_target(*connection, config_.repository.migrate == Migrate::automatic));
  BATON_TRY(std::string identity_now,
            sqlite_identity(path));  // another one where the recorded path leads elsewhere now
  return std::unique_ptr<Database>(new SqliteDatabase(std::move(connection), std::move(identity_now)));
}

std::vector<std::string> Stores::database_paths() const {
  std::vector<std::string> paths;
  const auto add = [&](const DatabaseConfig& database) {
    if (database.kind != DatabaseKind::sqlite || !exists(database.path.value)) return;
    const auto identity = sqlite_identity(database.path.value);
    const std::string path = identity ? sqlite_path(*identity).value() : database.path.value;
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  };
  add(config_.repository.database);
  for (const auto& [name, connection] : config_.connections) add(connection);
  return paths;
}

}  // namespace baton
