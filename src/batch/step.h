// One step of a job, as the session that runs the job sees it.
#pragma once

#include "batch/authority.h"
#include "batch/database.h"
#include "batch/executions.h"
#include "batch/run_signals.h"
#include "baton/native_work.h"

#include <stop_token>
#include <string>

namespace baton {

struct StepProgress {
  std::string step;
  StepCounts counts;              // of this step execution
  std::uint64_t bytes = 0;        // of the input, up to here
  std::uint64_t bytes_total = 0;  // 0 where unknown
};

// Hears what happens; called on the thread that runs the job.
class RunListener {
 public:
  RunListener() = default;
  RunListener(const RunListener&) = delete;
  RunListener& operator=(const RunListener&) = delete;
  virtual ~RunListener() = default;

  virtual void started(const JobExecution& /*execution*/, bool /*carried_on*/) {}
  virtual void step_started(const StepExecution& /*step*/) {}
  virtual void committed(const StepProgress& /*progress*/) {}
  virtual void step_ended(const StepExecution& /*step*/) {}
  // How the execution ended is written in the repository.
  virtual void finished(const JobExecution& /*execution*/) {}
  // A line that the step's program printed: valid UTF-8, without control characters.
  virtual void printed(const std::string& /*step*/, const std::string& /*line*/) {}
  virtual void note(const std::string& /*text*/) {}
};

// What a step may use while it runs. `step` is the row of this execution; its counts are kept as chunks commit.
struct StepContext {
  const std::string& job;
  std::int64_t instance = 0;
  std::int64_t job_execution_id = 0;
  StepExecution& step;
  std::int64_t written_before = 0;  // rows that earlier executions of the instance committed in this step
  const Ownership& ownership;
  const std::string& repository_database;  // identity of the database that is the repository
  Executions& executions;
  Clock& clock;
  std::stop_token stop;
  RunListener& listener;
  std::int64_t foreign_step = 0;  // the newest execution of the step that is another program's; 0: none
  bool from_start = false;        // a person wants what another program began to be done again from the start
  RunSignals* signals = nullptr;  // null: nobody watches the run
  JobParameters parameters{};     // of the execution, as they are recorded

  // Thread-safe: rows were read or written, or something else has ended.
  void progressed() const {
    if (signals != nullptr) signals->progressed(clock.now());
  }

  ProgressKey progress_key() const { return {ownership.repository_id, instance, step.name}; }
  bool writes_to_repository(const Database& database) const { return database.identity() == repository_database; }
};

// Stable for the same piece of work, however often it is done (the promise's idempotency key).
std::string idempotency_key(const StepContext& context, std::uint64_t chunk);

// What parts written in C++ see of it. It refers to `context`.
JobRun job_run(const StepContext& context);

// Used by one thread.
class Step {
 public:
  Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  virtual ~Step() = default;

  virtual const std::string& name() const = 0;

  // The database that holds the step's progress; null where the step has none.
  virtual Database* database() const = 0;

  // Asked before an instance is carried on in which another program (Java) has executed this step, `foreign_step` its
  // newest execution. `invalid` where that cannot be done without a person's word.
  virtual Status check_carried_on(const std::string& /*job*/, const ProgressKey& /*key*/,
                                  std::int64_t /*foreign_step*/) {
    return {};
  }

  // Runs it from where earlier executions of the instance left it. An error is the step's failure, but `lease_lost`:
  // the job is not ours any more, and nothing more may be written.
  virtual Result<StepEnd> run(StepContext& context) = 0;

  // The instance was abandoned: drops what an unfinished execution left in the target (staging).
  virtual Status discard(const Ownership& /*ownership*/, std::int64_t /*instance*/) { return {}; }
};

// Writes the step's row in the repository; tries again while the lease is trusted. True if a stop is wanted.
Result<bool> save_step(StepContext& context);

}  // namespace baton
