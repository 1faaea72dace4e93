// A configuration that another file says a part of.
#pragma once

#include "config/load_config.h"
#include "config/yaml_tree.h"

#include <functional>

namespace baton {

// Changes a configuration before it is checked as a whole; `root` is the file's tree, `problems` are the file's.
using ConfigOverlay = std::function<void(Config& config, const YamlNode& root, Problems& problems)>;

// As load_config.
tl::expected<Config, ConfigFailure> load_config_with(const std::string& file, const ConfigSources& sources,
                                                     const ConfigOverlay& overlay);

}  // namespace baton
