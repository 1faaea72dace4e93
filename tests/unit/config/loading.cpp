#include "loading.h"

#include <fstream>
#include <sstream>

namespace baton::testing_config {

tl::expected<Config, ConfigFailure> World::load(const std::string& text) const {
  const ConfigSources sources{[&](const std::string& path) -> Result<std::string> {
                                if (path == file) return text;
                                const auto known = files.find(path);
                                if (known == files.end()) return fail(ErrorKind::invalid, "no such file: " + path);
                                return known->second;
                              },
                              [&](const std::string& name) -> std::optional<std::string> {
                                const auto known = environment.find(name);
                                if (known == environment.end()) return std::nullopt;
                                return known->second;
                              }};
  return load_config(file, sources);
}

std::vector<std::string> World::problems(const std::string& text) const {
  const auto config = load(text);
  std::vector<std::string> shown;
  if (config) return shown;
  for (const ConfigProblem& problem : config.error().problems) {
    shown.push_back(std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + " " +
                    problem.message);
  }
  return shown;
}

std::string source_file(const std::string& path) {
  std::ifstream stream(std::string(BATON_SOURCE_DIR) + "/" + path);
  std::stringstream content;
  content << stream.rdbuf();
  return content.str();
}

std::string with_step(const std::string& step) { return "jobs: { j: { steps: [ {name: s, " + step + " } ] } }\n"; }

}  // namespace baton::testing_config
