#include "config/build_config.h"

#include "base/suggestion.h"
#include "config/database_url.h"
#include "config/shape.h"

#include <fmt/format.h>

#include <algorithm>

namespace baton {
namespace {

DatabaseConfig build_database(const YamlNode* map, const std::string& default_url, const BuildContext& context) {
  const YamlNode* url = get(map, "url");
  const Place place = url == nullptr ? context.default_place() : context.place(*url);
  DatabaseConfig database = parse_database_url(text_or(map, "url", default_url), place, context.folder);
  if (url != nullptr && database.kind == DatabaseKind::postgresql && context.sources.check_postgres_url) {
    const Status readable = context.sources.check_postgres_url(url->text);
    if (!readable) context.problems.add(url->at, readable.error().message);
  }
  if (const YamlNode* username = get(map, "username")) database.username = username->text;
  if (const YamlNode* password = get(map, "password")) database.password = Redacted<std::string>(password->text);
  if (const YamlNode* schema = get(map, "schema")) database.schema = schema->text;
  database.pool = static_cast<int>(integer_or(map, "pool", database.pool));
  return database;
}

RepositoryConfig build_repository(const YamlNode* map, const BuildContext& context) {
  RepositoryConfig repository;
  repository.database = build_database(map, "sqlite:baton.db", context);
  repository.spring_batch =
      choice_or(map, "spring_batch", {{"5", SpringBatch::five}, {"6", SpringBatch::six}}, SpringBatch::automatic);
  repository.contexts = choice_or(
      map, "contexts", {{"jackson2", Contexts::jackson2}, {"jackson3", Contexts::jackson3}, {"none", Contexts::none}},
      Contexts::base64_java);
  repository.zone = build_zone(map, "repository.zone", context)->name();
  repository.migrate = choice_or(map, "migrate", {{"never", Migrate::never}}, Migrate::automatic);
  return repository;
}

DatabaseConfig build_lock_database(const YamlNode* map, const DatabaseConfig& repository, const BuildContext& context) {
  const YamlNode* url = get(map, "url");
  const std::string store = text_or(map, "store", "repository");
  if (store == "sqlite") {
    if (is_absent(map, "url")) {
      context.problems.add(get(map, "store")->at, "`locks.store: sqlite` needs `locks.url` beside it: sqlite:PATH");
    }
    DatabaseConfig database = build_database(map, "", context);
    if (url != nullptr && database.kind != DatabaseKind::sqlite) {
      context.problems.add(url->at, "`locks.url` is no SQLite file: `locks.store: sqlite` expects sqlite:PATH");
    }
    return database;
  }
  if (store == "postgresql") {
    if (is_absent(map, "url")) {
      context.problems.add(get(map, "store")->at,
                           "`locks.store: postgresql` needs `locks.url` beside it: postgresql://… ; leases in the "
                           "repository's database are `locks.store: repository`");
    }
    DatabaseConfig database = build_database(map, "", context);
    if (url != nullptr && database.kind != DatabaseKind::postgresql) {
      context.problems.add(url->at,
                           "`locks.url` is no PostgreSQL database: `locks.store: postgresql` expects postgresql://…");
    }
    return database;
  }
  const bool store_is_known = is_absent(map, "store") || get(map, "store") != nullptr;
  if (url != nullptr && store_is_known) {
    context.problems.add(url->at, "`locks.url` has no effect without `locks.store: sqlite` or `postgresql` beside it");
  }
  return lease_database_beside(repository);
}

std::optional<DynamoDbConfig> build_dynamodb(const YamlNode* map, const BuildContext& context) {
  const YamlNode* keys = get(map, "dynamodb");
  if (text_or(map, "store", "repository") != "dynamodb") {
    const bool store_is_known = is_absent(map, "store") || get(map, "store") != nullptr;
    if (keys != nullptr && store_is_known) {
      context.problems.add(keys->at, "`locks.dynamodb` has no effect without `locks.store: dynamodb` beside it");
    }
    return std::nullopt;
  }
  if (is_absent(map, "dynamodb")) {
    context.problems.add(get(map, "store")->at, "`locks.store: dynamodb` needs `locks.dynamodb` beside it");
  }
  DynamoDbConfig dynamodb;
  if (const YamlNode* table = get(keys, "table")) dynamodb.table = context.placed(*table);
  dynamodb.partition_key = text_or(keys, "partition_key", dynamodb.partition_key);
  if (const YamlNode* sort_key = get(keys, "sort_key")) {
    dynamodb.sort_key.emplace(text_or(sort_key, "name", ""), text_or(sort_key, "value", ""));
  }
  if (const YamlNode* region = get(keys, "region")) dynamodb.region = region->text;
  if (const YamlNode* endpoint = get(keys, "endpoint")) dynamodb.endpoint = endpoint->text;
  if (const YamlNode* key = get(keys, "accesskey")) dynamodb.access_key = Redacted<std::string>(key->text);
  if (const YamlNode* key = get(keys, "secretkey")) dynamodb.secret_key = Redacted<std::string>(key->text);
  return dynamodb;
}

Placed<Duration> placed_duration(const YamlNode* map, std::string_view key, Duration fallback,
                                 const BuildContext& context) {
  const YamlNode* value = get(map, key);
  return {duration_or(map, key, fallback), value == nullptr ? context.default_place() : context.place(*value)};
}

// P3: an owner misses one renewal and still holds its lease, with a margin for clocks and delays.
bool lease_is_long_enough(Duration lease, Duration heartbeat) {
  return lease >= 2 * heartbeat + std::max(Duration(200), lease / 10);
}

void check_lease(const YamlNode* map, const LocksConfig& locks, const BuildContext& context) {
  if (lease_is_long_enough(*locks.lease, *locks.heartbeat)) return;
  const YamlNode* at = get(map, "lease") != nullptr ? get(map, "lease") : get(map, "heartbeat");
  if (at == nullptr) return;
  Duration least = std::max(2 * *locks.heartbeat + Duration(200), 20 * *locks.heartbeat / 9);
  while (!lease_is_long_enough(least, *locks.heartbeat)) ++least;
  context.problems.add(at->at, fmt::format("a lease of {} is too short for a heartbeat of {}: expected at least {} "
                                           "(two heartbeats and a margin), or a shorter heartbeat",
                                           to_text(*locks.lease), to_text(*locks.heartbeat), to_text(least)));
}

std::string unknown_connection(const YamlNode& name, const Config& config) {
  std::vector<std::string> known;
  for (const auto& [connection, database] : config.connections) known.push_back(*connection);
  const std::string shown = name.substituted ? "of this name" : fmt::format("`{}`", name.text);
  const std::string hint = name.substituted ? "" : did_you_mean(name.text, known);
  const std::string expected = known.empty() ? "an entry there, or no `connection` here for the repository's database"
                                             : "one of " + joined(known);
  return fmt::format("there is no connection {} in `connections`{} {}", shown,
                     hint.empty() ? ": expected" : hint + " Expected", expected);
}

LocksConfig build_locks(const YamlNode* map, const DatabaseConfig& repository, const BuildContext& context) {
  LocksConfig locks;
  locks.database = build_lock_database(map, repository, context);
  locks.dynamodb = build_dynamodb(map, context);
  const std::string store = text_or(map, "store", "repository");
  locks.beside_repository = store == "repository" || store == "dynamodb";
  locks.lease = placed_duration(map, "lease", Duration(20'000), context);
  locks.heartbeat = placed_duration(map, "heartbeat", Duration(5'000), context);
  locks.refresh = placed_duration(map, "refresh", Duration(1'000), context);
  check_lease(map, locks, context);
  return locks;
}

}  // namespace

DatabaseConfig lease_database_beside(const DatabaseConfig& repository) {
  DatabaseConfig database = repository;
  if (database.kind == DatabaseKind::sqlite) {
    database.path.value += "-locks";
    database.shown = *database.path;
  }
  return database;
}

std::optional<Placed<std::string>> build_connection(const YamlNode* map, const Config& config,
                                                    const BuildContext& context) {
  const YamlNode* name = get(map, "connection");
  if (name == nullptr) return std::nullopt;
  if (config.connection(name->text) == nullptr) {
    context.problems.add(name->at, unknown_connection(*name, config));
  }
  return context.placed(*name);
}

Config build_config(const YamlNode& root, const BuildContext& context) {
  Config config;
  config.file = context.source.file();
  const YamlNode* replica = get(&root, "replica");
  if (const YamlNode* tokens = get(replica, "tokens")) {
    config.tokens = {integer_or(replica, "tokens", 1), context.place(*tokens)};
  }
  config.balance = choice_or(replica, "balance", {{"greedy", BalanceConfig::greedy}}, BalanceConfig::fair);
  config.shutdown_grace = duration_or(replica, "shutdown_grace", config.shutdown_grace);
  config.repository = build_repository(get(&root, "repository"), context);
  config.locks = build_locks(get(&root, "locks"), config.repository.database, context);
  if (const YamlNode* connections = get(&root, "connections")) {
    for (const YamlMember& entry : connections->members) {
      config.connections.emplace_back(context.placed(entry.key), build_database(&entry.value, "", context));
    }
  }
  const YamlNode* log = get(&root, "log");
  config.log_format = choice_or(log, "format", {{"json", LogFormat::json}}, LogFormat::text);
  config.log_level = text_or(log, "level", config.log_level);
  if (const YamlNode* jobs = get(&root, "jobs")) {
    for (const YamlMember& entry : jobs->members) config.jobs.push_back(build_job(entry, config, context));
  }
  build_monitoring(root, context, config);
  return config;
}

}  // namespace baton
