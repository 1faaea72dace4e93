// From a job's configuration to its plan and its steps.
#pragma once

#include "app/stores.h"
#include "batch/job_session.h"
#include "config/config.h"

#include <memory>
#include <vector>

namespace baton {

JobPlan make_plan(const Config& config, const JobConfig& job);

// The job's steps over the databases of `stores`, which outlive them.
Result<std::vector<std::unique_ptr<Step>>> make_steps(const JobConfig& job, RunStores& stores, Duration shutdown_grace);

// What only the data room can check: the types in write.table.columns. Places as in the file.
Status check_columns(const Config& config);

}  // namespace baton
