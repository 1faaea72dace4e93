#include "loaded_config.h"

#include "config/load_config.h"
#include "runtime/system_zone.h"

#include <fmt/format.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace baton {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(ErrorKind::invalid, path + ": cannot be read");
  return text.str();
}

std::optional<std::string> no_environment(const std::string& /*name*/) { return std::nullopt; }

}  // namespace

Config config_or_exit(const std::string& file) {
  const std::string folder = std::filesystem::absolute(file).parent_path().string();
  ConfigSources sources;
  sources.read_file = read_file;
  sources.environment = no_environment;
  sources.folder = folder;
  sources.find_zone = find_zone;
  auto config = load_config(file, sources);
  if (config) return *std::move(config);
  fmt::print(stderr, "{}", config.error().text());
  std::exit(1);
}

}  // namespace baton
