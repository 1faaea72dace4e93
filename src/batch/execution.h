// The rows of Spring Batch's metadata as values.
#pragma once

#include "base/clock.h"
#include "batch/job_parameters.h"
#include "batch/status.h"
#include "baton/step_counts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

struct StepExecution {
  std::int64_t id = 0;
  std::int64_t version = 0;
  std::int64_t job_execution_id = 0;
  std::string name;
  WallTime created{};
  std::optional<WallTime> started;
  std::optional<WallTime> ended;
  BatchStatus status = BatchStatus::starting;
  StepCounts counts;
  ExitStatus exit{"EXECUTING", ""};
};

// Why an execution is not running any more, beside its status (P10).
enum class EndedBy {
  itself,    // COMPLETED or FAILED
  person,    // baton stop, JobOperator.stop
  shutdown,  // SIGTERM or hand-over
  orphaned,  // its process died; a later owner closed it (P15)
};

std::string_view name(EndedBy ended_by);
EndedBy parse_ended_by(std::string_view text);  // `itself` for anything else

// Why an execution was launched.
enum class StartReason {
  schedule,
  restart,   // after a failure, as on_failure says
  carry_on,  // the run was left unfinished by a shutdown or by the end of its process
  request,   // a person: trigger, run --once, restart
};

std::string_view name(StartReason reason);
StartReason parse_start_reason(std::string_view text);  // `request` for anything else

struct JobExecution {
  std::int64_t id = 0;
  std::int64_t version = 0;
  std::int64_t instance_id = 0;
  std::string job;
  WallTime created{};
  std::optional<WallTime> started;
  std::optional<WallTime> ended;
  BatchStatus status = BatchStatus::starting;
  ExitStatus exit;
  // From baton_execution; absent in executions of Java's, but for `ended_by` of those that Baton closed.
  std::optional<std::int64_t> fence;
  std::string replica;
  EndedBy ended_by = EndedBy::itself;
  StartReason reason = StartReason::request;
  std::int64_t missed = 0;             // due times that passed without a run before this one
  std::optional<std::string> request;  // the id of the JobRequest that it answers
  JobParameters parameters;            // filled by launch alone
  std::vector<StepExecution> steps;    // filled where the method says so

  StepCounts counts() const;  // sum over steps
};

// What executions came to in one step.
struct StepTotals {
  std::string step;
  std::int64_t rows_written = 0;
  BatchStatus last_status = BatchStatus::unknown;  // of the newest one
};

// What is known of an instance's executions that are not loaded one by one.
struct OlderExecutions {
  std::vector<StepTotals> steps;
  // Of those that failed by themselves, in a row, up to the newest one here: see LastRun::failures.
  int failures = 0;
};

// The last run of a job, whatever became of it. The rules of restart_rules.h and last_run.h mean all of its executions.
struct InstanceState {
  std::int64_t id = 0;
  std::int64_t run_id = 0;  // the value of run.id, 0 if there is none
  JobParameters parameters;
  std::vector<JobExecution> executions;  // the newest ones, newest first, with steps
  OlderExecutions older;                 // the others
};

}  // namespace baton
