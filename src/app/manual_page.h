// The manual pages: baton(1) and baton.yaml(5).
#pragma once

#include "app/command_outline.h"

#include <string>

namespace baton {

// Both in roff for man(7), in UTF-8.
std::string manual_page(const CommandOutline& program, const std::string& version);
// `reference`: what `baton schema --markdown` prints.
std::string configuration_page(const std::string& reference, const std::string& version);

}  // namespace baton
