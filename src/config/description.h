// The one description of every key of the configuration.
#pragma once

#include "config/shape.h"

namespace baton {

// The file as a whole. Built once; thread-safe.
const Shape& configuration_shape();

}  // namespace baton
