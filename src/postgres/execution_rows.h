// Reading and writing rows of Spring Batch's tables; the transactions are the caller's.
#pragma once

#include "batch/execution.h"
#include "postgres/session.h"

namespace baton {

// VERSION + 1 where it is the value's; `conflict` where it is not. LAST_UPDATED is now. Returns the status of the job
// execution. `names` tells where the tables are.
Result<BatchStatus> update_pg_step_row(PgConnection& connection, const PgSession& names, StepExecution& step);

}  // namespace baton
