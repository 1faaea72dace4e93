// Planned steps, for people and for programs.
#pragma once

#include "app/planned_step.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// Steps below the names of their jobs.
std::string plan_text(const std::vector<PlannedStep>& steps, const std::optional<PlannedLocks>& locks = {});

// One array of objects, one a step, and one of kind "locks"; always valid UTF-8.
std::string plan_json(const std::vector<PlannedStep>& steps, const std::optional<PlannedLocks>& locks = {});

// As the configuration says it.
std::string_view mode_name(WriteMode mode);

}  // namespace baton
