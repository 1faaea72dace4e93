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

}  // namespace baton
