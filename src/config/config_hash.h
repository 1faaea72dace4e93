// One short text for all that decides what a replica does (P19).
#pragma once

#include "config/config.h"

#include <filesystem>
#include <string>

namespace baton {

// 16 lower-case hexadecimal digits. Equal for configurations that mean the same, whatever machine computes it: defaults
// count as if they were written, the order of jobs, connections and parameters does not count, and paths below `folder`
// (the one of the file) count as relative ones. Left out are log, descriptions, comments, and secrets: passwords, what
// a URL holds beyond hosts and database, and the values of a command's environment.
std::string config_hash(const Config& config, const std::filesystem::path& folder);

}  // namespace baton
