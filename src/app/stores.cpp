#include "app/stores.h"

#include "app/store_sqlite.h"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace baton {
namespace {

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
  BATON_CHECK(unsupported(config_.repository.database, config_.repository.database.url.place));
  BATON_CHECK(unsupported(config_.locks.database, config_.locks.database.url.place));
  BATON_CHECK(apart(config_.locks.database, config_.repository.database, "the job repository"));
  for (const auto& [name, connection] : config_.connections) {
    BATON_CHECK(unsupported(connection, connection.url.place));
    BATON_CHECK(apart(config_.locks.database, connection, "connection \"" + *name + "\""));
  }
  return {};
}

bool Stores::repository_reachable() const { return sqlite_reachable(config_.repository.database.path.value); }

Result<std::unique_ptr<Repository>> Stores::repository(RepositoryAccess access) const {
  return open_sqlite_repository(config_.repository, access, clock_, random_);
}

Result<std::unique_ptr<Repository>> Stores::find_repository(RepositoryAccess access) const {
  BATON_TRY(const bool there, sqlite_repository_exists(config_.repository.database.path.value));
  if (!there) return nullptr;
  return repository(access);
}

Result<std::unique_ptr<LeaseStore>> Stores::lease_store() const {
  BATON_TRY(auto store, open_sqlite_leases(config_.locks.database.path.value, random_));
  return hooks_.lease_store ? hooks_.lease_store(std::move(store)) : std::move(store);
}

bool Stores::lease_store_reachable() const { return file_exists(config_.locks.database.path.value); }

Result<std::unique_ptr<LeaseStore>> Stores::find_lease_store() const {
  if (!lease_store_reachable()) return nullptr;
  return lease_store();
}

Result<std::unique_ptr<RunStores::Target>> Stores::open_target(const std::string& name) const {
  const DatabaseConfig& config = name.empty() ? config_.repository.database : *config_.connection(name);
  auto opened = open_sqlite_target(config.path.value, config_.repository.migrate);
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
  if (config_.connection(name)->kind == DatabaseKind::sqlite) {
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

Result<std::unique_ptr<Database>> Stores::open_recorded(const std::string& identity) const {
  return open_recorded_sqlite(identity, config_.repository.migrate);
}

Status Stores::each_reject_log(Repository& repository, const std::function<Status(RejectLog&)>& take) const {
  std::set<std::string> seen{repository.database().identity()};
  BATON_CHECK(take(repository.rejects()));
  for (const auto& [name, connection] : config_.connections) {
    auto opened = open_sqlite_rejects(connection.path.value);
    if (!opened) return fail(named(*name, std::move(opened).error()));
    if (opened->log != nullptr && seen.insert(opened->identity).second) BATON_CHECK(take(*opened->log));
  }
  return {};
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
