// What a replica does with a job under its lease, each on the thread of that job: become the owner, run it once, close
// what nobody runs. The shell calls these on threads, the simulation on virtual ones.
#pragma once

#include "batch/become_owner.h"
#include "batch/job_session.h"
#include "batch/last_run.h"
#include "batch/replicas.h"
#include "batch/run_signals.h"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace baton {

// One job's stores and how to run it; used by one thread at a time.
struct OwnedJobParts {
  const JobPlan* plan = nullptr;
  std::string replica;
  Database* repository = nullptr;
  std::vector<Database*> targets;
  std::function<Result<std::unique_ptr<Database>>(const std::string& identity)> open_recorded;
  RepositoryRecord* record = nullptr;
  Executions* executions = nullptr;
  Replicas* replicas = nullptr;
  std::function<Result<std::vector<std::unique_ptr<Step>>>()> make_steps;
  LeaseHold* lease = nullptr;
  Clock* clock = nullptr;
  RunListener* listener = nullptr;
  std::stop_token stop = {};  // ends the waits of own_job and close_nobodys; they return `retry` then
};

struct OwnedJob {
  Ownership ownership;
  std::optional<LastRun> last;  // empty: it never ran
};

// P8 1–6: fences, closes orphans (P15), clears the offer, reads what the schedule needs.
Result<OwnedJob> own_job(const OwnedJobParts& parts);

// What the replica decided to do.
struct RunOrder {
  RequestKind kind = RequestKind::run;
  StartReason reason = StartReason::schedule;
  std::optional<WallTime> due;
  std::int64_t missed = 0;
  std::optional<std::string> request;        // its id
  std::shared_ptr<RunSignals> signals = {};  // of whoever watches the run; null: nobody does
};

struct RunOutcome {
  std::optional<LastRun> last;            // as it is now
  std::optional<JobExecution> execution;  // with steps; absent where nothing was launched
  std::optional<std::string> request;     // the request that was answered
  std::string message;                    // of a failure, or why nothing was launched
};

// One execution (restarts are the replica's decision), or the end of an unfinished run. What a person asked for and
// cannot be done is answered (`answer_request`) and is no error. Errors: `lease_lost` (fence or lease), `retry` (the
// repository is away), `invalid` (the job as configured cannot be run; the message says what to do).
Result<RunOutcome> run_owned(const OwnedJobParts& parts, const Ownership& ownership, const RunOrder& order,
                             std::stop_token stop);

// P16: fences the repository only and closes the job's open executions. Needs no configuration of the job: only
// `replica`, `repository`, `record`, `executions`, `lease`, `clock`, `listener` of `parts` are used.
Status close_nobodys(const OwnedJobParts& parts, const std::string& job);

}  // namespace baton
