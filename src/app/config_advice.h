// What is valid in a configuration, and yet hardly meant.
#pragma once

#include "config/config.h"

#include <string>
#include <vector>

namespace baton {

// For people: where, what, and the next step.
std::vector<std::string> advice_on(const Config& config);

}  // namespace baton
