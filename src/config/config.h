// The configuration as values, every one with the place it was written at. See docs/configuration.md for each key.
#pragma once

#include "base/clock.h"
#include "base/place.h"
#include "base/redacted.h"
#include "baton/result.h"
#include "schedule/schedule.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace baton {

// A value and where it stands; the place of the key's default is the file alone.
template <class T>
struct Placed {
  T value{};
  Place place;

  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};

enum class DatabaseKind { sqlite, postgresql };

struct DatabaseConfig {
  DatabaseKind kind = DatabaseKind::sqlite;
  Placed<std::string> path;           // sqlite: absolute, or relative to the process where the configuration is
  Placed<Redacted<std::string>> url;  // postgresql: as written, may hold a password
  std::optional<std::string> username;
  std::optional<Redacted<std::string>> password;
  std::optional<std::string> schema;
  int pool = 10;
  std::string pool_key;  // what of an application.properties or of the environment says it; empty: nothing

  // For messages: the path, or the URL without user information and query.
  std::string shown;
};

enum class LogFormat { text, json };
enum class BalanceConfig { fair, greedy };
enum class Contexts { base64_java, jackson2, jackson3, none };
enum class SpringBatch { automatic, five, six };
enum class Migrate { automatic, never };

struct RepositoryConfig {
  DatabaseConfig database;
  SpringBatch spring_batch = SpringBatch::automatic;
  Contexts contexts = Contexts::base64_java;
  std::string zone = "UTC";
  Migrate migrate = Migrate::automatic;
};

// Leases in DynamoDB, in the format of the Java lock client.
struct DynamoDbConfig {
  Placed<std::string> table;
  std::string partition_key = "key";
  std::optional<std::pair<std::string, std::string>> sort_key;  // its name and value
  std::optional<std::string> region;
  std::optional<std::string> endpoint;
  std::optional<Redacted<std::string>> access_key;  // without them the usual AWS chain
  std::optional<Redacted<std::string>> secret_key;
};

struct LocksConfig {
  DatabaseConfig database;  // derived from the repository where locks.store is `repository` or `dynamodb`
  bool beside_repository = true;
  std::optional<DynamoDbConfig> dynamodb;
  Placed<Duration> lease;
  Placed<Duration> heartbeat;
  Placed<Duration> refresh;
};

// A job parameter: Java's type by its short name (String, Long, Double, LocalDate, …).
struct ParameterConfig {
  std::string name;
  Placed<std::string> value;
  std::string type = "String";
  bool identifying = true;
};

struct CsvConfig {
  Placed<std::string> path;
  char delimiter = ',';
  std::optional<char> quote = '"';  // absent: quote: none
  bool header = true;
  std::vector<std::string> columns;  // named columns; empty: the header's
  std::optional<std::string> null_text;
};

struct JsonConfig {
  Placed<std::string> path;
  Placed<std::string> items;  // JSON pointer to an array
};

struct TableReadConfig {
  std::optional<Placed<std::string>> connection;  // absent: the repository's database
  DatabaseConfig database;                        // the connection's
  Placed<std::string> name;
  std::vector<Placed<std::string>> key;  // empty: no stable order
};

struct QueryReadConfig {
  std::optional<Placed<std::string>> connection;
  DatabaseConfig database;
  Placed<std::string> sql;
  std::vector<Placed<std::string>> key;
};

// A part of a load, or a step, that is written in C++: what the program has under this name.
struct NativeConfig {
  Placed<std::string> name;
  std::vector<std::pair<Placed<std::string>, Placed<std::string>>> options;  // in order
};

struct RenameConfig {
  std::vector<std::pair<Placed<std::string>, Placed<std::string>>> columns;  // from → to
};
struct KeepConfig {
  std::vector<Placed<std::string>> columns;
};
struct DropConfig {
  std::vector<Placed<std::string>> columns;
};
using ProcessConfig = std::variant<RenameConfig, KeepConfig, DropConfig, NativeConfig>;

enum class TableMode { append, upsert, replace, mirror };

struct TableConfig {
  std::optional<Placed<std::string>> connection;  // absent: the repository's database
  Placed<std::string> name;
  TableMode mode = TableMode::append;
  std::vector<Placed<std::string>> key;
  bool create = false;
  std::vector<std::pair<Placed<std::string>, Placed<std::string>>> columns;  // name → type, in order
  Placed<int> writers{1, {}};
};

struct LoadConfig {
  std::variant<CsvConfig, JsonConfig, TableReadConfig, QueryReadConfig, NativeConfig> read;
  std::vector<ProcessConfig> process;
  TableConfig write;
  // Where rows go elsewhere than into a table. Of `write` only the connection counts then: it keeps the progress.
  std::optional<NativeConfig> native_write;
};

struct SqlConfig {
  std::optional<Placed<std::string>> connection;  // absent: the repository's database
  Placed<std::string> statement;
  bool transaction = true;  // false: transaction: none
};

struct CommandConfig {
  std::vector<Placed<std::string>> argv;  // argv[0] made absolute where it holds a slash
  std::vector<std::pair<std::string, std::string>> env;
};

struct SkipConfig {
  std::optional<std::uint64_t> limit;  // rejects allowed
  std::optional<double> percent;       // of the records read
  bool allows_any() const { return (limit && *limit > 0) || (percent && *percent > 0); }
};

struct StepConfig {
  Placed<std::string> name;
  std::variant<LoadConfig, SqlConfig, CommandConfig, NativeConfig> work;
  std::uint64_t chunk = 50'000;  // rows
  SkipConfig skip;
  int retry_limit = 3;
};

struct OnFailureConfig {
  int restarts = 0;
  Duration backoff{5'000};
};

enum class OnStall {
  report,   // the run goes on
  restart,  // it is cancelled, and runs again
  release   // it is cancelled, and another replica may have the job
};

// A dead man's switch: who is not called for long says so.
struct PingConfig {
  Redacted<std::string> url;
  std::string shown;  // for messages: scheme and host
};

// What bounds a run, and when the job counts as late.
struct WatchConfig {
  std::optional<Duration> timeout;  // of one execution
  std::optional<Duration> stall;    // without progress for so long it is stalled
  OnStall on_stall = OnStall::report;
  std::optional<Duration> grace;  // absent: monitoring.grace
  std::optional<PingConfig> ping;
};

struct JobConfig {
  Placed<std::string> name;
  std::string description;
  Placed<Schedule> schedule;
  std::vector<ParameterConfig> parameters;
  OnFailureConfig on_failure;
  WatchConfig watch;
  std::vector<StepConfig> steps;
};

enum class ProbeKind {
  observe,  // looks whether each lock's version moves
  acquire   // tries each lock, and gives it back at once
};

// One global monitor; its lease has its name.
struct MonitorConfig {
  Placed<std::string> name;
  Duration every{60'000};
  ProbeKind probe = ProbeKind::observe;
  Duration lease{5'000};  // of what an acquiring probe takes
};

struct MonitoringConfig {
  Duration grace{30'000};       // lateness that is no news, where a job does not say otherwise
  Duration paused{86'400'000};  // of a job, with an end or without: longer is news
  Duration differ{900'000};     // of the live replicas' configurations: so long is news
  std::vector<MonitorConfig> monitors;
  std::optional<PingConfig> ping;  // for the whole
};

struct LogSinkConfig {};
enum class WebhookFormat { json, slack, alertmanager };
struct WebhookConfig {
  Redacted<std::string> url;
  std::string shown;  // for messages: scheme and host
  WebhookFormat format = WebhookFormat::json;
};
struct CommandSinkConfig {
  std::vector<Placed<std::string>> argv;  // argv[0] made absolute where it holds a slash
};
using SinkConfig = std::variant<LogSinkConfig, WebhookConfig, CommandSinkConfig>;

struct AlertsConfig {
  Duration remind{3'600'000};  // 0: no reminders
  std::vector<SinkConfig> sinks;
};

// How long is kept what only tells of the past; absent: for ever.
struct RetentionConfig {
  std::optional<Duration> executions;
  std::optional<Duration> rejects;
};

struct ServerConfig {
  std::string host;  // a name or an address, without the brackets of IPv6
  int port = 0;      // 0: any that is free
};

struct Config {
  std::string file;
  std::string jobs_file;                       // where the jobs are another file's than `file`
  int unknown_settings = 0;                    // of an application.properties, which were not used
  std::optional<Placed<std::int64_t>> tokens;  // absent: the number of jobs
  BalanceConfig balance = BalanceConfig::fair;
  Duration shutdown_grace{25'000};
  RepositoryConfig repository;
  LocksConfig locks;
  std::vector<std::pair<Placed<std::string>, DatabaseConfig>> connections;
  LogFormat log_format = LogFormat::text;
  std::string log_level = "info";
  std::optional<ServerConfig> server;  // absent: off
  MonitoringConfig monitoring;
  AlertsConfig alerts;
  RetentionConfig retention;
  std::vector<JobConfig> jobs;  // in the file's order

  // 16 hexadecimal digits over all that decides what a replica does; see config_hash.h. Replicas with the same hash
  // share out the jobs among themselves (P19).
  std::string hash;

  const JobConfig* job(const std::string& name) const;
  const DatabaseConfig* connection(const std::string& name) const;
  // Lateness of this job that is no news.
  Duration grace(const JobConfig& job) const { return job.watch.grace.value_or(monitoring.grace); }
  // Of a step that names this connection; the repository's where it names none, or one that there is not.
  const DatabaseConfig& database_of(const std::optional<Placed<std::string>>& connection) const;
};

}  // namespace baton
