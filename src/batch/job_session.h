// Runs a job once, under a lease and its fences: closes orphans, launches, runs the steps, restarts after failures.
#pragma once

#include "batch/executions.h"
#include "batch/run_signals.h"
#include "batch/step.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace baton {

struct JobPlan {
  std::string name;
  JobParameters parameters;
  JobKeyFormat key_format = JobKeyFormat::spring_batch_5;
  int restarts = 0;  // on_failure.restarts
  Duration backoff{5'000};
};

struct SessionRequest {
  const JobPlan* plan = nullptr;
  const Ownership* ownership = nullptr;
  Executions* executions = nullptr;
  std::string repository_database;
  // The job's steps; made anew for every execution, since a step keeps state while it runs.
  std::function<Result<std::vector<std::unique_ptr<Step>>>()> make_steps;
  Clock* clock = nullptr;
  std::stop_token stop;
  RunListener* listener = nullptr;
  // Of the first launch; restarts within this session say so themselves.
  StartReason reason = StartReason::request;
  std::optional<WallTime> due;
  std::int64_t missed = 0;
  std::optional<std::string> answers;  // the id of a JobRequest that must still be pending
  bool one_execution = false;          // a replica decides itself about restarts
  bool only_unfinished = false;        // baton restart: `invalid` if there is nothing to carry on
  bool ignore_orphan_limit = false;    // baton restart: a person says so
  RunSignals* signals = nullptr;       // null: nobody watches the run
  bool from_start = false;             // --from-start: append again what another program has begun
};

struct SessionReport {
  JobExecution execution;   // the last one, with steps
  bool launched = false;    // false: a stop request, a pause or no request was found instead
  bool carried_on = false;  // the first launch carried an unfinished instance on, with that instance's parameters
  std::string message;      // of a failure, or why nothing was launched
};

// Closes what nobody runs (P15), then carries the unfinished instance on or begins a new one, and repeats after FAILED
// as `on_failure` says (P10). A failed job is a report, not an error; an error says that it could not be run:
// `lease_lost`, `retry` (the repository is away), `invalid`.
Result<SessionReport> run_session(const SessionRequest& request);

}  // namespace baton
