// Rows of baton_job (P18, P20, P23); the transactions are the caller's.
#pragma once

#include "batch/job_control.h"
#include "postgres/tables.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

// Makes the job's row if there is none, and keeps every other transaction that does the same waiting until this one
// ends. Whoever launches or asks for something begins with it, and so they never lock in different orders.
Result<JobControl> lock_job(const PgTables& tables, const std::string& job, WallTime now);

// A job without a row is one of which nothing is known.
Result<JobControl> read_job(const PgTables& tables, const std::string& job);

// SQL that selects all, and what it selected.
std::string select_jobs(const PgSession& names);
Result<std::vector<JobControl>> jobs_from(const PgResult& rows);

struct PgStopRequest {
  std::int64_t instance = 0;
  std::string by;
};

Result<std::optional<PgStopRequest>> read_stop_request(const PgTables& tables, const std::string& job);
Status write_stop_request(const PgTables& tables, const std::string& job, const PgStopRequest& request, WallTime now);
Status clear_stop_request(const PgTables& tables, const std::string& job);

// Where the job has a row; empty clears.
Status write_pause(const PgTables& tables, const std::string& job, const std::optional<Pause>& pause);
Status write_request(const PgTables& tables, const std::string& job, const std::optional<JobRequest>& request);
// The answer of the last request that was answered without a launch.
Status write_answer(const PgTables& tables, const std::string& job, const std::string& request,
                    const std::string& text);
Status write_offer(const PgTables& tables, const std::string& job, const std::optional<Offer>& offer);

// The due time of a run that the schedule made; the first one is the job's phase.
Status write_due(const PgTables& tables, const std::string& job, WallTime due);

// Tells the other replicas, when the transaction commits, that the repository has changed.
Status notify_repository_change(const PgTables& tables);

}  // namespace baton
