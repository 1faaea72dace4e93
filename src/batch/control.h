// What people ask for, kept in the job repository (P18).
#pragma once

#include "base/result.h"

#include <optional>
#include <string>

namespace baton {

enum class StopAnswer {
  stopping,   // an execution runs: it was marked STOPPING and will stop at its next chunk
  recorded,   // nothing runs, but an instance is unfinished: the next launch will find the request
  not_needed  // the last instance is finished, or there is none
};

// Used by one thread at a time. Every change is one transaction.
class Control {
 public:
  Control() = default;
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  virtual ~Control() = default;

  // Asks for a stop of the job's unfinished instance, in the name of `by`.
  virtual Result<StopAnswer> request_stop(const std::string& job, const std::string& by) = 0;

  // True if a person wants this execution to stop: its status says so, or a request names its instance.
  virtual Result<bool> stop_requested(std::int64_t job_execution_id) = 0;
};

}  // namespace baton
