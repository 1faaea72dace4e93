// What people ask for, kept in the job repository (P18, P23).
#pragma once

#include "batch/job_control.h"
#include "batch/status.h"
#include "baton/result.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

enum class StopAnswer {
  stopping,   // an execution runs: it was marked STOPPING and will stop at its next chunk
  recorded,   // nothing runs, but an instance is unfinished: the next launch will find the request
  not_needed  // the last instance is finished, or there is none
};

// What became of a JobRequest. Neither: it is pending.
struct RequestAnswer {
  std::optional<std::int64_t> execution;  // it was launched as this one
  std::optional<BatchStatus> status;      // of that execution
  std::optional<std::string> text;        // it was answered without a launch
  bool pending = false;
};

// Used by one thread at a time. Every change is one transaction.
class Control {
 public:
  Control() = default;
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  virtual ~Control() = default;

  // What is kept of the job; of one that nobody knows, only its name.
  virtual Result<JobControl> state(const std::string& job) = 0;

  // Asks for a stop of the job's unfinished instance, in the name of `by`.
  virtual Result<StopAnswer> request_stop(const std::string& job, const std::string& by) = 0;

  // True if a person wants this execution to stop: its status says so, or a request names its instance.
  virtual Result<bool> stop_requested(std::int64_t job_execution_id) = 0;

  // Replaces an earlier pause.
  virtual Status pause(const std::string& job, const Pause& pause) = 0;

  // False if it was not paused.
  virtual Result<bool> resume(const std::string& job) = 0;

  // Makes `request`, whose id the caller made, the job's pending one and returns its id. Where one of the same kind
  // with the same parameters is pending: that one's id, and nothing changes but that it becomes `even_paused` if this
  // one is. `conflict` names another pending one; `invalid` where the job is paused and the request is not
  // `even_paused`, and where a run with parameters is asked for while an unfinished one does not run: that one goes
  // first. `after_instance` is set here.
  virtual Result<std::string> ask(const std::string& job, JobRequest request) = 0;

  // Takes the request back. False if it is not pending any more.
  virtual Result<bool> withdraw(const std::string& job, const std::string& request_id) = 0;

  // Empty if nothing is known of that request.
  virtual Result<std::optional<RequestAnswer>> answer(const std::string& job, const std::string& request_id) = 0;
};

}  // namespace baton
