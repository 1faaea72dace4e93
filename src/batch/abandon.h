// baton abandon: ends an unfinished run for good (P10).
#pragma once

#include "batch/job_session.h"

namespace baton {

// Closes what nobody runs, marks the last execution ABANDONED and drops its staging. Committed rows stay. `invalid` if
// the job has no unfinished run. Returns the execution as it is written.
Result<JobExecution> abandon_run(const SessionRequest& request);

}  // namespace baton
