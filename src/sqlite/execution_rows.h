// Reading and writing rows of Spring Batch's tables; the transactions are the caller's.
#pragma once

#include "batch/contexts.h"
#include "batch/execution.h"
#include "sqlite/connection.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

// VERSION + 1 where it is the value's; `conflict` where it is not. LAST_UPDATED is now. Returns the status of the job
// execution.
Result<BatchStatus> update_step_row(SqliteConnection& connection, StepExecution& step);
Status update_job_row(SqliteConnection& connection, JobExecution& execution);

Status insert_step_row(SqliteConnection& connection, StepExecution& step);     // sets its id
Status insert_job_row(SqliteConnection& connection, JobExecution& execution);  // sets its id; with baton_execution

// An empty context, where the format has rows for one.
Status insert_context(SqliteConnection& connection, const char* table, const char* id_column, std::int64_t id,
                      ContextFormat format);

// The ids of executions that are, or have a step that is, STARTING, STARTED or STOPPING. The partial indexes of the
// schema serve exactly these conditions, so that it costs nothing that there is a long history.
inline constexpr const char* open_execution_ids =
    "SELECT JOB_EXECUTION_ID FROM BATCH_JOB_EXECUTION WHERE STATUS IN ('STARTING', 'STARTED', 'STOPPING') UNION "
    "SELECT JOB_EXECUTION_ID FROM BATCH_STEP_EXECUTION WHERE STATUS IN ('STARTING', 'STARTED', 'STOPPING')";

// Executions that satisfy `where` (with one parameter, ?1), with their steps, in the order given.
Result<std::vector<JobExecution>> select_executions(SqliteConnection& connection, const std::string& where_and_order,
                                                    const std::optional<std::string>& text_parameter,
                                                    std::optional<std::int64_t> number_parameter = std::nullopt);

// What the instance's executions before `before` came to.
Result<OlderExecutions> read_older_executions(SqliteConnection& connection, std::int64_t instance, std::int64_t before);

Result<JobParameters> select_parameters(SqliteConnection& connection, std::int64_t job_execution_id);
Status insert_parameters(SqliteConnection& connection, std::int64_t job_execution_id, const JobParameters& parameters);

}  // namespace baton
