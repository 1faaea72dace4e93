// Scripts that complete the program's commands, options and jobs. Job names are asked of the program itself, with the
// configuration that stands on the line: `baton job-names`.
#pragma once

#include "app/command_outline.h"

#include <string>

namespace baton {

std::string bash_completion(const CommandOutline& program);
std::string zsh_completion(const CommandOutline& program);
std::string fish_completion(const CommandOutline& program);

}  // namespace baton
