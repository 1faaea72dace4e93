// Rows of baton_job (P18, P20, P23); the transactions are the caller's.
#pragma once

#include "batch/job_control.h"
#include "sqlite/connection.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

struct StopRequest {
  std::int64_t instance = 0;
  std::string by;
};

// Makes the job's row if there is none.
Status note_job(SqliteConnection& connection, const std::string& job, WallTime now);

// A job without a row is one of which nothing is known.
Result<JobControl> read_job(SqliteConnection& connection, const std::string& job);
Result<std::vector<JobControl>> read_jobs(SqliteConnection& connection);

Result<std::optional<StopRequest>> read_stop_request(SqliteConnection& connection, const std::string& job);
Status clear_stop_request(SqliteConnection& connection, const std::string& job);

// Where the job has a row; empty clears.
Status write_pause(SqliteConnection& connection, const std::string& job, const std::optional<Pause>& pause);
Status write_request(SqliteConnection& connection, const std::string& job, const std::optional<JobRequest>& request);
// The answer of the last request that was answered without a launch.
Status write_answer(SqliteConnection& connection, const std::string& job, const std::string& request,
                    const std::string& text);
Status write_offer(SqliteConnection& connection, const std::string& job, const std::optional<Offer>& offer);

// The due time of a run that the schedule made; the first one is the job's phase.
Status write_due(SqliteConnection& connection, const std::string& job, WallTime due);

}  // namespace baton
