// From a job's configuration to its plan and its steps.
#pragma once

#include "app/native_parts.h"
#include "app/stores.h"
#include "batch/job_session.h"
#include "config/config.h"

#include <memory>
#include <vector>

namespace baton {

JobPlan make_plan(const JobConfig& job, JobKeyFormat key_format);

// The job's steps over the databases of `stores`, which outlive them.
Result<std::vector<std::unique_ptr<Step>>> make_steps(const JobConfig& job, RunStores& stores, Duration shutdown_grace,
                                                      const NativeParts& natives);

}  // namespace baton
