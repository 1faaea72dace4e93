#include "config/config_hash.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <concepts>

namespace baton {
namespace {

// The configuration as one text: each value with its length in front, so that no two lists of values read the same.
class CanonicalText {
 public:
  explicit CanonicalText(const std::filesystem::path& folder) : folder_(folder.lexically_normal()) {}

  void add(const std::string& text) { fmt::format_to(std::back_inserter(all_), "{}:{} ", text.size(), text); }
  template <std::integral Number>
  void add(Number number) {
    add(fmt::format("{}", static_cast<std::int64_t>(number)));
  }
  template <class Word>
  requires std::is_enum_v<Word>
  void add(Word word) { add(static_cast<std::int64_t>(word)); }
  void add(double number) { add(fmt::format("{}", number)); }
  void add(Duration duration) { add(duration.count()); }

  template <class T>
  void add(const Placed<T>& placed) {
    add(*placed);
  }
  template <class T>
  void add(const std::optional<T>& value) {
    add(value.has_value());
    if (value) add(*value);
  }
  template <class A, class B>
  void add(const std::pair<A, B>& pair) {
    add(pair.first);
    add(pair.second);
  }
  template <class T>
  void add(const std::vector<T>& list) {
    add(list.size());
    for (const T& entry : list) add(entry);
  }
  template <class... Kinds>
  void add(const std::variant<Kinds...>& value) {
    add(value.index());
    std::visit([this](const auto& kind) { add(kind); }, value);
  }

  // A path at or below the folder as a relative one.
  void add_path(const std::string& path) {
    const std::filesystem::path plain = std::filesystem::path(path).lexically_normal();
    const std::filesystem::path relative = plain.lexically_relative(folder_.empty() ? "." : folder_);
    const bool is_below = !relative.empty() && *relative.begin() != "..";
    add(is_below ? relative.string() : plain.string());
  }

  void add(const DatabaseConfig& database) {
    add(database.kind);
    if (database.kind == DatabaseKind::sqlite) {
      add_path(*database.path);
    } else {
      add(database.shown);
    }
    add(database.username);
    add(database.schema);
    add(database.pool);
  }

  void add(const RepositoryConfig& repository) {
    add(repository.database);
    add(repository.spring_batch);
    add(repository.contexts);
    add(repository.zone);
    add(repository.migrate);
  }

  void add(const LocksConfig& locks) {
    add(locks.database);
    if (locks.dynamodb) {  // without it the same text as ever
      add(locks.dynamodb->table);
      add(locks.dynamodb->partition_key);
      add(locks.dynamodb->sort_key);
      add(locks.dynamodb->region);
      add(locks.dynamodb->endpoint);
    }
    add(locks.lease);
    add(locks.heartbeat);
    add(locks.refresh);
  }

  void add(const Schedule& schedule) {
    add(to_text(schedule));
    add(schedule.initial_delay);
    add(schedule.jitter);
  }

  void add(const ParameterConfig& parameter) {
    add(parameter.name);
    add(parameter.value);
    add(parameter.type);
    add(parameter.identifying);
  }

  void add(const CsvConfig& csv) {
    add_path(*csv.path);
    add(csv.delimiter);
    add(csv.quote);
    add(csv.header);
    add(csv.columns);
    add(csv.null_text);
  }

  void add(const JsonConfig& json) {
    add_path(*json.path);
    add(json.items);
  }

  void add(const TableReadConfig& table) {
    add(table.connection);
    add(table.name);
    add(table.key);
  }

  void add(const QueryReadConfig& query) {
    add(query.connection);
    add(query.sql);
    add(query.key);
  }

  void add(const NativeConfig& native) {
    add(native.name);
    add_sorted(native.options, [](const auto& option) { return *option.first; });
  }

  void add(const RenameConfig& rename) { add(rename.columns); }
  void add(const KeepConfig& keep) { add(keep.columns); }
  void add(const DropConfig& drop) { add(drop.columns); }

  void add(const TableConfig& table) {
    add(table.connection);
    add(table.name);
    add(table.mode);
    add(table.key);
    add(table.create);
    add(table.columns);
    add(*table.writers);
  }

  void add(const LoadConfig& load) {
    add(load.read);
    add(load.process);
    add(load.write);
    if (load.native_write) add(*load.native_write);  // without it the same text as ever
  }

  void add(const SqlConfig& sql) {
    add(sql.connection);
    add(sql.statement);
    add(sql.transaction);
  }

  void add(const CommandConfig& command) {
    const std::string& program = *command.argv.at(0);
    if (program.find('/') == std::string::npos) {
      add(program);
    } else {
      add_path(program);
    }
    add(std::vector(command.argv.begin() + 1, command.argv.end()));
    std::vector<std::string> variables;
    for (const auto& [variable, value] : command.env) variables.push_back(variable);
    std::sort(variables.begin(), variables.end());
    add(variables);
  }

  void add(const StepConfig& step) {
    add(step.name);
    add(step.work);
    add(step.chunk);
    add(step.skip.limit);
    add(step.skip.percent);
    add(step.retry_limit);
  }

  void add(const JobConfig& job) {
    add(job.name);
    add(job.schedule);
    add_sorted(job.parameters, [](const ParameterConfig& parameter) { return parameter.name; });
    add(job.on_failure.restarts);
    add(job.on_failure.backoff);
    add(job.steps);
    const WatchConfig& watch = job.watch;
    if (!watch.timeout && !watch.stall && !watch.grace) return;  // without them the same text as ever
    add(watch.timeout);
    add(watch.stall);
    add(watch.on_stall);
    add(watch.grace);
  }

  void add(const MonitorConfig& monitor) {
    add(monitor.name);
    add(monitor.every);
    add(monitor.probe);
    add(monitor.lease);
  }

  void add(const Config& config) {
    add(config.tokens ? **config.tokens : static_cast<std::int64_t>(config.jobs.size()));
    add(config.balance);
    add(config.shutdown_grace);
    add(config.repository);
    add(config.locks);
    add_sorted(config.connections, [](const auto& connection) { return *connection.first; });
    add_sorted(config.jobs, [](const JobConfig& job) { return *job.name; });
    if (config.monitoring.monitors.empty()) return;
    add(config.monitoring.grace);
    add(config.monitoring.paused);
    add(config.monitoring.differ);
    add_sorted(config.monitoring.monitors, [](const MonitorConfig& monitor) { return *monitor.name; });
  }

  const std::string& text() const { return all_; }

 private:
  template <class T, class NameOf>
  void add_sorted(const std::vector<T>& entries, NameOf name_of) {
    std::vector<const T*> sorted;
    for (const T& entry : entries) sorted.push_back(&entry);
    std::sort(sorted.begin(), sorted.end(), [&](const T* a, const T* b) { return name_of(*a) < name_of(*b); });
    add(sorted.size());
    for (const T* entry : sorted) add(*entry);
  }

  std::filesystem::path folder_;
  std::string all_;
};

}  // namespace

std::string config_hash(const Config& config, const std::filesystem::path& folder) {
  CanonicalText canonical(folder);
  canonical.add(config);
  return fmt::format("{:016x}", XXH3_64bits(canonical.text().data(), canonical.text().size()));
}

}  // namespace baton
