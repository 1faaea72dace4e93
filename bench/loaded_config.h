// A configuration for a program that measures.
#pragma once

#include "config/config.h"

#include <string>

namespace baton {

// Prints what is wrong and ends the program where the file is no configuration.
Config config_or_exit(const std::string& file);

}  // namespace baton
