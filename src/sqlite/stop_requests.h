// The stop request of a job, in baton_job (P18); the transactions are the caller's.
#pragma once

#include "base/result.h"
#include "sqlite/connection.h"

#include <cstdint>
#include <optional>
#include <string>

namespace baton {

struct StopRequest {
  std::int64_t instance = 0;
  std::string by;
};

Result<std::optional<StopRequest>> read_stop_request(SqliteConnection& connection, const std::string& job);
Status clear_stop_request(SqliteConnection& connection, const std::string& job);
// Makes the job's row if there is none.
Status note_job(SqliteConnection& connection, const std::string& job, const std::string& now);

}  // namespace baton
