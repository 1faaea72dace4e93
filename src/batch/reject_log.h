// The rejects of past runs, for people who list, export and correct them.
#pragma once

#include "baton/result.h"
#include "baton/row_batch.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

struct LoggedReject {
  std::int64_t reject_id = 0;
  std::string job;
  std::int64_t instance = 0;
  std::string step;
  std::int64_t job_execution_id = 0;
  std::string phase;
  Reject reject;
};

struct RejectFilter {
  std::string repository_id;
  std::optional<std::string> job;
  std::optional<std::int64_t> job_execution_id;
  std::int64_t after = 0;  // reject_id, for pages
  std::int64_t limit = 1'000;
};

// Used by one thread at a time.
class RejectLog {
 public:
  RejectLog() = default;
  RejectLog(const RejectLog&) = delete;
  RejectLog& operator=(const RejectLog&) = delete;
  virtual ~RejectLog() = default;

  // In the order in which they were recorded; empty where there are none.
  virtual Result<std::vector<LoggedReject>> list(const RejectFilter& filter) = 0;
};

}  // namespace baton
