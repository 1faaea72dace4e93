// The job repository's runs: instances, executions, step executions, in Spring Batch's tables.
#pragma once

#include "batch/authority.h"
#include "batch/execution.h"
#include "batch/job_control.h"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace baton {

struct LaunchRequest {
  std::optional<std::int64_t> instance;  // the unfinished instance to carry on; absent: a new one
  JobParameters parameters;              // of a new instance, without run.id
  JobKeyFormat key_format = JobKeyFormat::spring_batch_5;
  std::string replica;
  StartReason reason = StartReason::request;
  // The schedule's due time: recorded as baton.due, not identifying, and as the job's last_due and, the first time,
  // phase.
  std::optional<WallTime> due;
  std::int64_t missed = 0;
  std::optional<std::string> request;  // the JobRequest that this launch answers; it must still be pending
  bool overrides_stop = false;         // a person restarts it: an older stop request is only cleared
};

// A person asked to stop this instance before it was launched again (P18): it was marked so, and the request cleared.
struct StoppedInstead {
  std::int64_t instance = 0;
  std::string by;
};

// The job is paused (P23).
struct PausedInstead {
  Pause pause;
};

// The request to answer is not pending any more.
struct WithdrawnInstead {};

// The request to answer wants a run with other parameters than the unfinished one's: it was answered with this text.
struct RefusedInstead {
  std::string text;
};

using Launched = std::variant<JobExecution, StoppedInstead, PausedInstead, WithdrawnInstead, RefusedInstead>;

// Every change is one transaction that begins with the fence check and ends with the guard: `lease_lost` from either,
// and then nothing has changed. `retry`: surely not done. `unknown_outcome`: read back. Used by one thread at a time.
class Executions {
 public:
  Executions() = default;
  Executions(const Executions&) = delete;
  Executions& operator=(const Executions&) = delete;
  virtual ~Executions() = default;

  // The job's newest instance; empty if the job never ran. At least its newest 50 executions are in the list.
  virtual Result<std::optional<InstanceState>> last_run(const std::string& job) = 0;

  // The same of each of `jobs` that ever ran, but without its parameters and run_id: for a look at many jobs. A few
  // reads, however many jobs and however long their histories.
  virtual Result<std::map<std::string, InstanceState>> last_runs(const std::vector<std::string>& jobs) = 0;

  // The newest execution that is not running of each of `jobs` that has one; with steps.
  virtual Result<std::map<std::string, JobExecution>> last_ended(const std::vector<std::string>& jobs) = 0;

  // The newest execution of the job that is COMPLETED and has an end; empty if there is none. With steps. However many
  // have failed since.
  virtual Result<std::optional<JobExecution>> last_completed(const std::string& job) = 0;

  // Executions of the job that are, or have a step that is, STARTING, STARTED or STOPPING; with steps; oldest first.
  virtual Result<std::vector<JobExecution>> open_executions(const std::string& job) = 0;

  // Writes status, times, counts and exit of an execution and of its steps as they are in `closed` (P15).
  virtual Status close(const Authority& authority, const JobExecution& closed) = 0;

  // Creates an execution, STARTING, and for a new instance the instance with run.id = last + 1. `conflict` if the
  // instance to carry on is not the job's last unfinished one, or if a new one is asked for while one is unfinished.
  // In the same transaction (P18): a pause keeps it from launching, unless the pending request is `even_paused`; a
  // pending request of kind run or restart is answered by any launch, with its parameters where the instance is new.
  // Only carrying on the instance that ran when it was asked (`after_instance`) leaves it pending, unless the launch
  // names the request and that run has ended since, by a failure or a person's stop. The execution names the request
  // that it answers, and has its parameters. A request of kind run with parameters is answered by a new instance only:
  // carrying one on leaves it pending, and where the launch names it and the instance has failed or was stopped it is
  // answered with a text.
  virtual Result<Launched> launch(const Authority& authority, const LaunchRequest& request) = 0;

  // A step execution, STARTED.
  virtual Result<StepExecution> start_step(const Authority& authority, std::int64_t job_execution_id,
                                           const std::string& step) = 0;

  // Writes the row, VERSION + 1; returns the status of its job execution. `conflict` if another one changed it.
  virtual Result<BatchStatus> update_step(const Authority& authority, StepExecution& step) = 0;

  // Writes the row, VERSION + 1. If another one changed it meanwhile: reads again, merges as Spring does, repeats;
  // `execution` is then what was written. STOPPED while a stop is asked for is written as by a person (P18). The end
  // of an execution clears the request, but for FAILED: the next launch finds it and does not run.
  virtual Status update_job(const Authority& authority, JobExecution& execution) = 0;

  // Newest first, with steps; of one job, or of all.
  virtual Result<std::vector<JobExecution>> history(const std::optional<std::string>& job, std::int64_t limit) = 0;
};

}  // namespace baton
