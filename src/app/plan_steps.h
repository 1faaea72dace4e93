// What each step of a job would do now, as configuration, files and databases are; nothing is changed.
#pragma once

#include "app/native_parts.h"
#include "app/planned_step.h"
#include "app/stores.h"
#include "config/config.h"

#include <vector>

namespace baton {

// The steps of these jobs, in order. What cannot be reached or is wrong stands among its step's problems.
std::vector<PlannedStep> plan_steps(const Config& config, const Stores& stores, const NativeParts& natives,
                                    const std::vector<const JobConfig*>& jobs);

}  // namespace baton
