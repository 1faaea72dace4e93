#include "config/session_needs.h"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace baton {
namespace {

using Named = std::optional<Placed<std::string>>;

std::string name_of(const Named& connection) { return connection ? connection->value : ""; }

const DatabaseConfig& database_of(const std::string& name, const Config& config) {
  return name.empty() ? config.repository.database : *config.connection(name);
}

std::optional<std::string> read_from(const LoadConfig& load) {
  if (const auto* table = std::get_if<TableReadConfig>(&load.read)) return name_of(table->connection);
  if (const auto* query = std::get_if<QueryReadConfig>(&load.read)) return name_of(query->connection);
  return std::nullopt;
}

}  // namespace

SessionCounts sessions_of_run(const JobConfig& job, const Config& config) {
  SessionCounts counts{{"", 1}};
  std::set<std::string> read;
  for (const StepConfig& step : job.steps) {
    if (const auto* sql = std::get_if<SqlConfig>(&step.work)) {
      counts.emplace(name_of(sql->connection), 1);
    } else if (const auto* load = std::get_if<LoadConfig>(&step.work)) {
      int& count = counts[name_of(load->write.connection)];
      count = std::max(count, *load->write.writers);
      if (const auto from = read_from(*load)) read.insert(*from);
    }
  }
  for (const std::string& name : read) ++counts[name];
  std::erase_if(counts,
                [&](const auto& one) { return database_of(one.first, config).kind != DatabaseKind::postgresql; });
  return counts;
}

SessionCounts pools(const Config& config) {
  SessionCounts counts;
  const auto add = [&](const std::string& name, const DatabaseConfig& database) {
    if (database.kind == DatabaseKind::postgresql) counts[name] = database.pool;
  };
  add("", config.repository.database);
  for (const auto& [name, database] : config.connections) add(*name, database);
  return counts;
}

std::string shown_pool_key(const std::string& connection, const Config& config) {
  if (!connection.empty()) return fmt::format("`connections.{}.pool`", connection);
  if (config.jobs_file.empty()) return "`repository.pool`";
  const std::string key = "spring.datasource.hikari.maximum-pool-size";
  const std::string& said = config.repository.database.pool_key;
  if (said.empty() || said == key) return fmt::format("`{}` in {}", key, config.file);
  return fmt::format("`{}` in the environment", said);
}

int sessions_of_replica(const Config& config) {
  return sessions_beside_runs + 2 * static_cast<int>(config.monitoring.monitors.size());
}

void check_pools(const Config& config, Problems& problems) {
  const SessionCounts allowed = pools(config);
  const int beside = sessions_of_replica(config);
  const std::string of_replica = fmt::format(", {} of them the replica's own and those of monitors", beside);
  for (const JobConfig& job : config.jobs) {
    for (const auto& [name, count] : sessions_of_run(job, config)) {
      const int needed = count + (name.empty() ? beside : 0);
      if (needed <= allowed.at(name)) continue;
      problems.add(
          {job.name.place.line, job.name.place.column},
          fmt::format("a run of `{}` needs {} sessions at a time with {}{}: expected a {} of at least {}, it is "
                      "{}; or lower `writers`",
                      *job.name, needed, name.empty() ? "the job repository" : "connection \"" + name + "\"",
                      name.empty() ? of_replica : "", shown_pool_key(name, config), needed, allowed.at(name)));
    }
  }
}

}  // namespace baton
