// baton run --once, restart and abandon: runs jobs under their leases without being a replica.
#pragma once

#include "app/exit_code.h"
#include "app/log.h"
#include "app/stores.h"
#include "batch/execution.h"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace baton {

enum class OnceAction { run, restart, abandon };

struct OnceRequest {
  OnceAction action = OnceAction::run;
  std::vector<const JobConfig*> jobs;
  JobParameters parameters;      // added to each job's own, for a new instance
  std::optional<Duration> wait;  // for a lease that another one holds
};

struct OnceReport {
  std::string job;
  ExitCode code = ExitCode::done;
  std::optional<JobExecution> execution;
  Duration elapsed{0};
  std::string message;
};

// At most replica.tokens jobs at a time, each on a thread of its own; each lease is released as its run ends. One
// report for each job, in the order asked for. An error is one of the configuration or of a store that all need.
Result<std::vector<OnceReport>> run_once(const Config& config, const OnceRequest& request, Stores& stores, Clock& clock,
                                         Random& random, Log& log, std::stop_token stop);

// read, written, filtered, rejected, seconds, rows/s: the line with which a run ends.
std::string summary_line(const OnceReport& report);

}  // namespace baton
