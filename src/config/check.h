// Holds a configuration against its description.
#pragma once

#include "config/shape.h"
#include "config/yaml_tree.h"

namespace baton {

// Reports everything that the shape does not allow, with suggestions. Afterwards each value below `root` either has its
// shape, or is null (an empty text for an optional key: absent), or is broken (reported).
void check_shape(YamlNode& root, const Shape& shape, Problems& problems);

}  // namespace baton
