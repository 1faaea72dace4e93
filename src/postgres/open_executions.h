// Executions that are, or have a step that is, STARTING, STARTED or STOPPING, found at a cost that does not grow with
// the history, though Spring's tables have no index on STATUS.
//
// Baton's own are marked open in baton_execution, which has a partial index. Java's are looked for among the newest
// rows only, by primary key: above the marks executions_checked and steps_checked of baton_repository. Whoever moves a
// mark up notes in baton_execution, without a fence, what it leaves open below. The marks stay so far behind the newest
// ids that rows below them, of transactions that took their ids early, have long been committed.
#pragma once

#include "postgres/tables.h"

#include <string>

namespace baton {

// What is to be set in the transaction of that SQL: the planner does not know how few rows there are above the marks.
// Without sequential scans it uses the primary keys; what it thinks that costs would have it compile the query first.
inline constexpr const char* open_candidates_settings = "SET LOCAL enable_seqscan = off; SET LOCAL jit = off";

// SQL for the bigint[] of candidates.
std::string open_candidates(const PgSession& names);

// SQL for the condition that a candidate is open indeed; e is the job execution.
std::string is_open(const PgSession& names);

// Moves the marks up where they are far behind, and takes the mark from executions that another program closed.
Status check_executions(PgSession& session);

}  // namespace baton
