#include "config/config.h"

namespace baton {

const JobConfig* Config::job(const std::string& name) const {
  for (const JobConfig& job : jobs) {
    if (*job.name == name) return &job;
  }
  return nullptr;
}

const DatabaseConfig* Config::connection(const std::string& name) const {
  for (const auto& [known, database] : connections) {
    if (*known == name) return &database;
  }
  return nullptr;
}

const DatabaseConfig& Config::database_of(const std::optional<Placed<std::string>>& name) const {
  const DatabaseConfig* named = name ? connection(**name) : nullptr;
  return named != nullptr ? *named : repository.database;
}

}  // namespace baton
