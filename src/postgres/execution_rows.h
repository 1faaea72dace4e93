// Reading and writing rows of Spring Batch's tables; the transactions are the caller's.
#pragma once

#include "batch/contexts.h"
#include "batch/execution.h"
#include "postgres/tables.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// VERSION + 1 where it is the value's; `conflict` where it is not. LAST_UPDATED is now. Returns the status of the job
// execution. `names` tells where the tables are.
Result<BatchStatus> update_pg_step_row(PgConnection& connection, const PgSession& names, StepExecution& step);
Status update_job_row(const PgTables& tables, JobExecution& execution);

Status insert_step_row(const PgTables& tables, StepExecution& step);     // sets its id
Status insert_job_row(const PgTables& tables, JobExecution& execution);  // sets its id; with baton_execution
// `conflict` where there is one with that key.
Result<std::int64_t> insert_instance_row(const PgTables& tables, const std::string& job, const std::string& key);

// Keeps every other program from changing the row until the transaction ends.
Status lock_execution(const PgTables& tables, std::int64_t job_execution_id);

// An empty context, where the format has rows for one.
Status insert_context(const PgTables& tables, const char* table, const char* id_column, std::int64_t id,
                      ContextFormat format);

// Executions that satisfy `where`, with their steps, in the order given. In it e is the job execution, i its instance
// and b Baton's entry.
Result<std::vector<JobExecution>> select_executions(const PgTables& tables, const std::string& where_and_order,
                                                    const PgParameters& parameters);

// Executions of all these instances, at most so many of each, newest first, with steps. Found by indexes where the
// tables have them: Baton's have, Spring's own script makes none.
Result<std::vector<JobExecution>> select_newest_executions(const PgTables& tables,
                                                           const std::vector<std::int64_t>& instances,
                                                           std::int64_t of_each);

// Executions::last_run, last_runs, last_ended, last_completed.
Result<std::optional<InstanceState>> read_last_run(const PgTables& tables, const std::string& job);
Result<std::map<std::string, InstanceState>> read_last_runs(const PgTables& tables,
                                                            const std::vector<std::string>& jobs);
Result<std::map<std::string, JobExecution>> read_last_ended(const PgTables& tables,
                                                            const std::vector<std::string>& jobs);
Result<std::optional<JobExecution>> read_last_completed(const PgTables& tables, const std::string& job);

Result<JobParameters> select_parameters(const PgTables& tables, std::int64_t job_execution_id);
// `invalid` for a parameter that does not fit into its columns.
Status insert_parameters(const PgTables& tables, std::int64_t job_execution_id, const JobParameters& parameters);

}  // namespace baton
