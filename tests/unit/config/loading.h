// Loads texts as configurations, with files and environment variables made up by the test.
#pragma once

#include "config/load_config.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace baton::testing_config {

struct World {
  std::map<std::string, std::string> environment;
  std::map<std::string, std::string> files;
  std::string file = "conf/baton.yaml";
  std::function<Status(NativePart, const NativeConfig&)> check_native;

  tl::expected<Config, ConfigFailure> load(const std::string& text) const;

  // Each problem as "line:column message"; empty where the configuration is good.
  std::vector<std::string> problems(const std::string& text) const;
};

// The content of a file below the source folder.
std::string source_file(const std::string& path);

// One job, for tests of other keys.
inline const std::string job = "jobs: { j: { steps: [ { name: s, sql: { statement: select 1 } } ] } }\n";

// A step of a job at the end of a configuration; `step` is the body of a flow map.
std::string with_step(const std::string& step);

}  // namespace baton::testing_config
