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

// SQL for the bigint[] of candidates. To be run with enable_seqscan = off: the planner does not know how few rows there
// are above the marks.
std::string open_candidates(const PgSession& names);

// SQL for the condition that a candidate is open indeed; e is the job execution.
std::string is_open(const PgSession& names);

// Moves the marks up where they are far behind, and takes the mark from executions that another program closed.
Status check_executions(PgSession& session);

}  // namespace baton
