// P15: work that may end its process is not carried on by itself for ever.
#pragma once

#include "batch/execution.h"

#include <optional>
#include <string>

namespace baton {

// Why the unfinished run of `job` is carried on by a person's restart only, and what to do. Empty: it is not held back.
std::optional<std::string> why_held_back(const std::string& job, const InstanceState& unfinished);

}  // namespace baton
