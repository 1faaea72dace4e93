#include "app/stores.h"

#include "app/store_sqlite.h"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace baton {
namespace {

// A long transaction of a job would keep the renewals out of the file.
Status apart(const DatabaseConfig& locks, const DatabaseConfig& database, const std::string& whose) {
  if (locks.kind != DatabaseKind::sqlite || locks.path.value != database.path.value) return {};
  return fail(ErrorKind::invalid, fmt::format("{}: {} is the database of {} too: leases need a file of their own",
                                              locks.path.place.text(), locks.shown, whose));
}

Error named(const std::string& connection, Error error) {
  if (!connection.empty()) error.message = fmt::format("connection \"{}\": {}", connection, error.message);
  return error;
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

std::set<std::string> written_connections(const Config& config) {
  std::set<std::string> names;
  for (const JobConfig& job : config.jobs) {
    for (const auto& name : connections_of(job)) {
      if (name) names.insert(name->value);
    }
  }
  return names;
}

Database& RunStores::target(const std::optional<Placed<std::string>>& connection) {
  return connection ? *targets_.at(connection->value) : repository();
}

Result<std::vector<Database*>> RunStores::writers(const std::optional<Placed<std::string>>& connection, int count) {
  std::vector<Database*> all{&target(connection)};
  const std::string name = connection ? connection->value : "";
  std::vector<Database*>& more = writers_[name];
  while (static_cast<int>(more.size()) + 1 < count) {
    BATON_TRY(auto opened, stores_->open_target(name));
    more.push_back(&opened->database());
    opened_.push_back(std::move(opened));
  }
  all.insert(all.end(), more.begin(), more.begin() + std::max(count - 1, 0));
  return all;
}

std::vector<Database*> RunStores::targets() {
  std::vector<Database*> targets;
  std::set<std::string> seen{repository().identity()};
  for (const auto& [name, database] : targets_) {
    if (seen.insert(database->identity()).second) targets.push_back(database);
  }
  return targets;
}

bool RunStores::usable() const {
  return repository_->usable() &&
         std::all_of(opened_.begin(), opened_.end(), [](const auto& target) { return target->opened.usable(); });
}

Status Stores::check_supported() const {
  if (config_.locks.dynamodb) return {};
  BATON_CHECK(apart(config_.locks.database, config_.repository.database, "the job repository"));
  for (const auto& [name, connection] : config_.connections) {
    BATON_CHECK(apart(config_.locks.database, connection, "connection \"" + *name + "\""));
  }
  return {};
}

const DatabaseConfig& Stores::database_of(const std::string& connection) const {
  return connection.empty() ? config_.repository.database : *config_.connection(connection);
}

Result<std::unique_ptr<PgSession>> Stores::pg_look(const DatabaseConfig& config) const {
  return postgres_.open_look(config);
}

Result<std::unique_ptr<PgSession>> Stores::pg_look(const std::string& connection) const {
  const DatabaseConfig& config = database_of(connection);
  auto session = connection.empty() ? postgres_.open_look(config) : postgres_.open_target_look(config);
  if (!session) return fail(named(connection, std::move(session).error()));
  return session;
}

bool Stores::repository_reachable() const {
  return in_postgres() || sqlite_reachable(config_.repository.database.path.value);
}

Result<std::unique_ptr<Repository>> Stores::repository(RepositoryAccess access) const {
  if (in_postgres()) return postgres_.open_repository(access);
  return open_sqlite_repository(config_.repository, access, clock_, random_);
}

Result<std::unique_ptr<Repository>> Stores::find_repository(RepositoryAccess access) const {
  if (in_postgres()) return postgres_.find_repository(access);
  BATON_TRY(const bool there, sqlite_repository_exists(config_.repository.database.path.value));
  if (!there) return nullptr;
  return repository(access);
}

Result<std::unique_ptr<LeaseStore>> Stores::open_leases(Migrate migrate) const {
  if (config_.locks.dynamodb) return dynamodb_.open_leases();
  const DatabaseConfig& config = config_.locks.database;
  if (config.kind == DatabaseKind::postgresql) return postgres_.open_leases(config, migrate);
  return open_sqlite_leases(config.path.value, random_);
}

Result<std::unique_ptr<LeaseStore>> Stores::lease_store() const {
  BATON_TRY(auto store, open_leases(config_.repository.migrate));
  return hooked(std::move(store));
}

std::unique_ptr<LeaseStore> Stores::hooked(std::unique_ptr<LeaseStore> store) const {
  return hooks_.lease_store ? hooks_.lease_store(std::move(store)) : std::move(store);
}

Result<std::unique_ptr<LeaseStore>> Stores::untried_lease_store() const {
  if (!config_.locks.dynamodb) return lease_store();
  BATON_TRY(auto store, dynamodb_.make_leases());
  return hooked(std::move(store));
}

std::string Stores::lease_store_shown() const {
  return config_.locks.dynamodb ? dynamodb_.shown() : config_.locks.database.shown;
}

bool Stores::lease_store_reachable() const {
  return config_.locks.dynamodb || config_.locks.database.kind == DatabaseKind::postgresql ||
         file_exists(config_.locks.database.path.value);
}

Result<std::unique_ptr<LeaseStore>> Stores::find_lease_store() const {
  if (!lease_store_reachable()) return nullptr;
  if (config_.locks.dynamodb || config_.locks.database.kind != DatabaseKind::postgresql) return lease_store();
  BATON_TRY(auto store, postgres_.find_leases(config_.locks.database, config_.repository.migrate));
  if (store == nullptr) return nullptr;
  return hooked(std::move(store));
}

// In DynamoDB only what is needed is asked for: where the table can be read, nobody needs CreateTable.
Result<bool> Stores::make_leases() const {
  if (config_.locks.dynamodb) {
    if (dynamodb_.open_leases()) return false;
    return dynamodb_.make_table();
  }
  BATON_TRY(const auto before, find_lease_store());
  if (before != nullptr) return false;
  BATON_TRY(const auto leases, open_leases(Migrate::automatic));
  return true;
}

// One connection hears of both where they are in one schema.
Result<std::shared_ptr<void>> Stores::listen(const ChangeHooks& hooks) const {
  auto listeners = std::make_shared<std::vector<std::shared_ptr<void>>>();
  const auto add = [&](const DatabaseConfig& database, const ChangeHooks& heard) -> Status {
    BATON_TRY(std::shared_ptr<void> listener, PostgresStores::listen(database, heard));
    listeners->push_back(std::move(listener));
    return {};
  };
  const bool leases_apart = !config_.locks.beside_repository;
  if (in_postgres()) {
    BATON_CHECK(
        add(config_.repository.database, leases_apart ? ChangeHooks{{}, hooks.repository, hooks.cannot} : hooks));
  }
  if (leases_apart && config_.locks.database.kind == DatabaseKind::postgresql) {
    BATON_CHECK(add(config_.locks.database, {hooks.leases, {}, hooks.cannot}));
  }
  if (listeners->empty()) return nullptr;
  return listeners;
}

Result<std::unique_ptr<RunStores::Target>> Stores::open_target(const std::string& name) const {
  const DatabaseConfig& config = database_of(name);
  auto opened = config.kind == DatabaseKind::postgresql
                    ? postgres_.open_target(config)
                    : open_sqlite_target(config.path.value, config_.repository.migrate);
  if (!opened) return fail(named(name, std::move(opened).error()));
  auto target = std::make_unique<RunStores::Target>();
  target->opened = *std::move(opened);
  if (hooks_.database) target->hooked = hooks_.database(*target->opened.database);
  return target;
}

// The connections of a SQLite file are one: its writers would only wait for each other.
Status Stores::add_target(RunStores& stores, const std::string& name) const {
  if (stores.targets_.contains(name)) return {};
  BATON_TRY(auto target, open_target(name));
  Database& database = target->database();
  if (database_of(name).kind == DatabaseKind::sqlite) {
    std::vector<Database*> known = stores.targets();
    known.push_back(&stores.repository());
    const auto same = std::find_if(known.begin(), known.end(),
                                   [&](const Database* one) { return one->identity() == database.identity(); });
    if (same != known.end()) {
      stores.targets_[name] = *same;
      return {};
    }
  }
  stores.targets_[name] = &database;
  stores.opened_.push_back(std::move(target));
  return {};
}

Result<std::unique_ptr<RunStores>> Stores::open_run(const JobConfig& job) const {
  auto stores = std::make_unique<RunStores>();
  stores->stores_ = this;
  BATON_TRY(stores->repository_, repository(RepositoryAccess::create));
  Repository& repository = *stores->repository_;
  if (hooks_.executions) stores->executions_ = hooks_.executions(repository.executions());
  if (hooks_.record) stores->record_ = hooks_.record(repository.record());
  if (hooks_.database) stores->database_ = hooks_.database(repository.database());
  for (const auto& name : connections_of(job)) {
    if (name) BATON_CHECK(add_target(*stores, name->value));
  }
  return stores;
}

// A PostgreSQL database is known by what it says of itself: the connection that leads there has to be tried.
Result<std::unique_ptr<Database>> Stores::open_recorded(const std::string& identity) const {
  if (!identity.starts_with("postgresql:")) return open_recorded_sqlite(identity, config_.repository.migrate);
  std::string why;
  for (const auto& [name, connection] : config_.connections) {
    if (connection.kind != DatabaseKind::postgresql) continue;
    auto opened = postgres_.open_target(connection);
    if (opened && opened->database->identity() == identity) return std::move(opened->database);
    if (!opened) why += "; " + named(*name, opened.error()).message;
  }
  return fail(ErrorKind::retry,
              fmt::format("{}: no connection of the configuration leads to this database any more{}", identity, why));
}

Status Stores::each_reject_log(Repository& repository, const std::function<Status(RejectLog&)>& take) const {
  std::set<std::string> seen{repository.database().identity()};
  BATON_CHECK(take(repository.rejects()));
  for (const auto& [name, connection] : config_.connections) {
    auto opened = connection.kind == DatabaseKind::postgresql ? postgres_.open_rejects(connection)
                                                              : open_sqlite_rejects(connection.path.value);
    if (!opened) return fail(named(*name, std::move(opened).error()));
    if (opened->log != nullptr && seen.insert(opened->identity).second) BATON_CHECK(take(*opened->log));
  }
  return {};
}

TracesElsewhere Stores::open_traces(const std::string& but) const {
  std::set<std::string> seen{but};
  TracesElsewhere all;
  const std::set<std::string> written = written_connections(config_);
  for (const auto& [name, connection] : config_.connections) {
    if (!written.contains(*name)) continue;
    auto opened = connection.kind == DatabaseKind::postgresql ? postgres_.open_traces(connection)
                                                              : open_sqlite_traces(connection.path.value);
    if (!opened) {
      all.away.emplace(*name, named(*name, std::move(opened).error()));
    } else if (opened->traces != nullptr && seen.insert(opened->identity).second) {
      all.open.push_back(*std::move(opened));
    }
  }
  return all;
}

Result<std::vector<std::pair<std::string, std::vector<std::string>>>> Stores::migrate() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> changes;
  const DatabaseConfig& home = config_.repository.database;
  BATON_TRY(std::vector<std::string> repository, in_postgres()
                                                     ? postgres_.migrate_repository()
                                                     : migrate_sqlite_repository(config_.repository, clock_, random_));
  changes.emplace_back("repository " + home.shown, std::move(repository));
  BATON_TRY(const bool made_leases, make_leases());
  std::vector<std::string> made;
  if (made_leases) made.emplace_back(config_.locks.dynamodb ? "created the table" : "created the tables of leases");
  changes.emplace_back("locks " + lease_store_shown(), std::move(made));
  const std::set<std::string> written = written_connections(config_);
  for (const auto& [name, connection] : config_.connections) {
    if (!written.contains(*name)) continue;
    auto done = connection.kind == DatabaseKind::postgresql ? postgres_.migrate_target(connection)
                                                            : migrate_sqlite_target(connection.path.value);
    if (!done) return fail(named(*name, std::move(done).error()));
    changes.emplace_back(fmt::format("connection \"{}\" {}", *name, connection.shown), *std::move(done));
  }
  return changes;
}

std::vector<std::string> Stores::writers_now() const {
  std::vector<std::string> lines;
  std::set<std::string> seen;
  const auto add = [&](const DatabaseConfig& database) {
    if (database.kind != DatabaseKind::sqlite || !file_exists(database.path.value)) return;
    const auto process = sqlite_writer(database.path.value);
    if (!process || !seen.insert(database.path.value).second) return;
    lines.push_back(
        fmt::format("{}: process {} is writing now; only if it stays stopped there (SIGSTOP), continue it or end it",
                    database.path.value, *process));
  };
  add(config_.repository.database);
  for (const auto& [name, connection] : config_.connections) add(connection);
  return lines;
}

}  // namespace baton
