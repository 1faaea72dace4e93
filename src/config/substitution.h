// ${NAME}, ${NAME:-default}, ${file:/path} and $${ in values.
#pragma once

#include "config/yaml_tree.h"

#include <filesystem>

namespace baton {

// Replaces in every scalar value below `node`, never in keys, and never in what was put in. A value that cannot be
// replaced is reported and becomes broken. Relative paths of ${file:…} are relative to `folder`.
void substitute(YamlNode& node, const std::filesystem::path& folder, const ConfigSources& sources, Problems& problems);

}  // namespace baton
