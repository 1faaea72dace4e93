// P15: executions that nobody runs any more are closed by the job's next owner.
#pragma once

#include "batch/authority.h"
#include "batch/executions.h"
#include "batch/progress.h"
#include "batch/step.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// Progress of a step of an instance, from the database that the step writes to; empty where nothing is recorded or the
// step is not known any more.
using ProgressLookup = std::function<Result<std::optional<Progress>>(std::int64_t instance, const std::string& step)>;

// Asks the database of the step that has the name.
ProgressLookup progress_lookup(const std::vector<std::unique_ptr<Step>>& steps, const std::string& repository_id);

// `execution` as it is to be written: STARTING and STARTED become FAILED, STOPPING becomes STOPPED (by a person), the
// job's row and the steps' alike, with an end time. The counts of a step that died between the commit of its target
// and that of its own row are put right from progress.
Result<JobExecution> closed(JobExecution execution, const std::string& closed_by, WallTime now,
                            const ProgressLookup& progress_of);

// Closes every open execution of the owner's job. REQUIRES: no thread of this process runs one. Returns them closed.
Result<std::vector<JobExecution>> close_orphans(const Authority& authority, const std::string& closed_by, WallTime now,
                                                Executions& executions, const ProgressLookup& progress_of);

}  // namespace baton
